// The orders of a `market compare` file shared by coefficients in place of a market: what is for
// sale is what a member feeds in, what is wanted is what it takes. The field `sharing` of the file:
// {"price": "0.10", "coefficients": "equal" | "power" | {"ACCOUNT": "0.25", ...}}.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { printMinimal } from '../../../core/src/decimal.js';
import type { Side } from '../../../core/src/tx.js';
import { type FileBook, readBook } from '../file/book.js';
import type { FileOrder } from '../file/clearOrders.js';
import { energyText, moneyText, priceText } from '../file/clearReport.js';
import { at, type Fields, fieldsOf, has, ppmOf, refuse, wordOf } from '../file/document.js';
import { ENERGY_DECIMALS, type MarketParams, priceOf } from '../file/params.js';
import {
  COEFFICIENTS,
  type Coefficients,
  coefficientsBy,
  earnedOf,
  type Member,
  type MemberShare,
  paidOf,
  shareDynamic,
  shareStatic,
  type SharingTariffs,
} from './sharing.js';

export const BASELINES = ['static', 'dynamic'] as const;
export type BaselineName = (typeof BASELINES)[number];

const NAMES: ReadonlySet<string> = new Set(['price', 'coefficients']);

/** An account of the file with its orders. */
interface FileMember extends Member {
  readonly account: string;
  readonly orders: readonly FileOrder[];
}

interface Community {
  readonly members: readonly FileMember[];
  readonly params: MarketParams;
  readonly tariffs: SharingTariffs;
  /** As in the file. */
  readonly sharing: Fields;
}

/** The orders of a file without a mechanism; sharing looks at no line of the grid. */
export const readSharedBook = (document: Fields): FileBook =>
  readBook(document, { severalOrders: true, checksLines: true });

/** `sharing`: its value in the file, if any. */
export function readCommunity({ params, orders }: FileBook, sharing: unknown): Community {
  const fields = fieldsOf(sharing ?? {}, 'sharing', NAMES);
  const { feedIn, retail, scale } = params;
  // By default a neighbour pays what the grid would have: the producer loses nothing.
  const sharePrice = has(fields, 'price') ? priceOf(fields, 'price', scale) : feedIn;
  if (sharePrice > retail) refuse('PARAM_RANGE', at(fields, 'price'), 'above retail');
  const tariffs = { feedIn, retail, sharePrice };
  return { members: membersOf(orders), params, tariffs, sharing: fields };
}

/** In the order in which accounts appear in the file. */
function membersOf(orders: readonly FileOrder[]): readonly FileMember[] {
  const byAccount = new Map<string, FileOrder[]>();
  for (const order of [...orders].sort((a, b) => a.place - b.place)) {
    const own = byAccount.get(order.account) ?? [];
    own.push(order);
    byAccount.set(order.account, own);
  }
  return [...byAccount].map(([account, own]) => {
    const energyOf = (side: Side): WattHour =>
      own.reduce((sum, o) => (o.side === side ? sum + o.energyWh : sum), 0n) as WattHour;
    return { account, orders: own, importWh: energyOf('buy'), exportWh: energyOf('sell') };
  });
}

function coefficientsOf({ members, sharing }: Community): Coefficients {
  if (typeof sharing.values.coefficients === 'object') return givenCoefficients(members, sharing);
  const by = has(sharing, 'coefficients') ? wordOf(sharing, 'coefficients', WORDS) : 'equal';
  return coefficientsBy(members.map((one) => (by === 'equal' ? 1n : powerOf(one, sharing))));
}
const WORDS = ['equal', 'power'] as const;

/** `pMax` of its orders, Wh in the period. */
function powerOf({ account, orders }: FileMember, sharing: Fields): bigint {
  const known = orders.flatMap(({ pMaxWh }) => (pMaxWh === undefined ? [] : [pMaxWh]));
  if (known.length === 0)
    refuse('FILE_FORMAT', at(sharing, 'coefficients'), `${account} has no order with pMax`);
  return known.reduce((most, wh) => (wh > most ? wh : most), 0n as WattHour);
}

function givenCoefficients(members: readonly FileMember[], sharing: Fields): Coefficients {
  const path = at(sharing, 'coefficients');
  const names = new Set(members.map(({ account }) => account));
  const fields = fieldsOf(sharing.values.coefficients, path, names);
  const coefficients = members.map(({ account }) =>
    has(fields, account) ? ppmOf(fields, account, { from: 0n, to: COEFFICIENTS }) : 0n,
  );
  const sum = coefficients.reduce((total, one) => total + one, 0n);
  if (sum !== COEFFICIENTS)
    refuse('PARAM_RANGE', path, `sums to ${printMinimal(sum, 6)}, not to 1`);
  return coefficients;
}

/** Sums of a community as texts, in the form of a mechanism's (file/compare.ts). */
export function sharedSums(community: Community, name: BaselineName) {
  const { members, params, tariffs } = community;
  const { scale } = params;
  const shares =
    name === 'dynamic' ? shareDynamic(members) : shareStatic(members, coefficientsOf(community));
  const sum = (of: (member: FileMember, share: MemberShare) => bigint): bigint =>
    members.reduce((total, member, i) => total + of(member, shares[i] as MemberShare), 0n);
  const money = (of: (member: FileMember, share: MemberShare) => bigint): string =>
    moneyText(sum(of), scale);
  const usedWh = sum((_, share) => share.usedWh);
  const price = usedWh === 0n ? null : priceText(tariffs.sharePrice, scale);
  const welfare = sum(
    (member, share) => worthOf(member, 'buy', share) - worthOf(member, 'sell', share),
  );
  return {
    volume: energyText(usedWh),
    prices: { average: price, least: price, most: price },
    welfare: printMinimal(welfare, scale.priceDecimals + ENERGY_DECIMALS),
    buyersPay: money((member, share) => paidOf(member, share, tariffs)),
    sellersGet: money((member, share) => earnedOf(member, share, tariffs)),
    gridOnlyBuyersPay: money(({ importWh }) => importWh * tariffs.retail),
    gridOnlySellersGet: money(({ exportWh }) => exportWh * tariffs.feedIn),
  };
}

/** What shared energy is worth to a member: its dearest bids are served, its cheapest asks sold. */
function worthOf({ orders }: FileMember, side: Side, share: MemberShare): bigint {
  let restWh: bigint = side === 'buy' ? share.usedWh : share.soldWh;
  const own = orders.filter((order) => order.side === side);
  own.sort((a, b) => compare(a.reserve, b.reserve) * (side === 'buy' ? -1 : 1));
  return own.reduce((worth, { energyWh, reserve }) => {
    const wh = energyWh < restWh ? energyWh : restWh;
    restWh -= wh;
    return worth + wh * reserve;
  }, 0n);
}

const compare = (a: Price, b: Price): number => (a < b ? -1 : a > b ? 1 : 0);
