// The internal-price game in files (interfaces "internal-price"): sellers and buyers in place of
// orders. Trades, rest, accounts and sums are printed as those of every mechanism; money with the
// grid alone is for the same energy.
import { MAX_AMOUNT, type WattHour } from '../../../core/src/amount.js';
import { compareIds, utf8ToBytes } from '../../../core/src/bytes.js';
import type { Side } from '../../../core/src/tx.js';
import type { FileOrder } from '../file/clearOrders.js';
import { type ClearReport, clearReport, energyText, priceText } from '../file/clearReport.js';
import {
  amountOf,
  at,
  type Fields,
  fieldsOf,
  has,
  listOf,
  refuse,
  textOf,
} from '../file/document.js';
import {
  cepParams,
  ENERGY_DECIMALS,
  energyOf,
  type MarketParams,
  marketParams,
  paramFields,
} from '../file/params.js';
import {
  type GameContract,
  gameContracts,
  type GameOptions,
  type GameSeller,
  playGame,
  priceSteps,
} from './game.js';

const NAMES: ReadonlySet<string> = new Set(['mechanism', 'params', 'sellers', 'buyers']);
const SELLER: ReadonlySet<string> = new Set(['id', 'g', 'k', 'emin', 'emax']);
const BUYER: ReadonlySet<string> = new Set(['id', 'demand']);
const DEFAULT_E1 = 1000n as WattHour;
/** Sellers times prices that a scan may try. */
const MAX_TRIES = 50_000_000n;

interface Named {
  readonly id: string;
  readonly path: string;
  /** Position in the file, sellers first. */
  readonly place: number;
}
interface NamedSeller extends Named, GameSeller {}
interface NamedBuyer extends Named {
  readonly demand: WattHour;
}

type Energies = Readonly<Record<string, string>>;

export interface InternalPriceReport extends ClearReport {
  /** 1 nobody sells, 2 the game, 3 a surplus. */
  readonly case: 1 | 2 | 3;
  readonly price: string;
  /** Own use and sale of each seller, and what of each demand comes from sellers. */
  readonly consumption: Energies;
  readonly sale: Energies;
  readonly shares: Energies;
}

/** Clears a document whose mechanism is "internal-price". */
export function clearInternalPriceDocument(document: Fields): InternalPriceReport {
  const fields = fieldsOf(document.values, document.path, NAMES);
  const given = paramFields(fields);
  const params = marketParams(given);
  const options: GameOptions = {
    feedIn: params.feedIn,
    retail: params.retail,
    tick: params.scale.tick,
    e1: has(given, 'e1') ? energyOf(given, 'e1') : DEFAULT_E1,
  };
  const sellers = byId(readSellers(fields, params));
  const buyers = byId(readBuyers(fields, sellers.length));
  checkPlayers(sellers, buyers, { params, options });
  const result = playGame({ sellers, demand: buyers.map(({ demand }) => demand) }, options);
  const orders = [
    ...sellers.map((one, i) => orderOf(one, 'sell', result.sale[i])),
    ...buyers.map((one) => orderOf(one, 'buy', one.demand)),
  ];
  const trades = gameContracts(result).map((contract) => tradeOf(contract, sellers.length));
  const report = clearReport({
    params,
    cep: cepParams(given),
    orders,
    trades: trades.map((trade) => ({ ...trade, price: result.price, biddingRound: 1 })),
    remainingWh: [
      ...result.sale.map((wh, i) => (wh - (result.inside[i] ?? 0n)) as WattHour),
      ...buyers.map(({ demand }, j) => (demand - (result.shares[j] ?? 0n)) as WattHour),
    ],
    rejected: [],
  });
  return {
    ...report,
    case: result.case,
    price: priceText(result.price, params.scale),
    consumption: named(sellers, result.consumption),
    sale: named(sellers, result.sale),
    shares: named(buyers, result.shares),
  };
}

const byId = <T extends Named>(players: readonly T[]): readonly T[] =>
  players
    .map((player) => ({ player, bytes: utf8ToBytes(player.id) }))
    .sort((a, b) => compareIds(a.bytes, b.bytes))
    .map(({ player }) => player);

function readSellers(document: Fields, { scale }: MarketParams): readonly NamedSeller[] {
  return listOf(document, 'sellers', true).map((value, i) => {
    const fields = fieldsOf(value, `sellers[${i}]`, SELLER);
    const g = energyOf(fields, 'g');
    const emin = has(fields, 'emin') ? energyOf(fields, 'emin') : (0n as WattHour);
    const emax = has(fields, 'emax') ? energyOf(fields, 'emax') : g;
    if (emax > g) refuse('PARAM_RANGE', at(fields, 'emax'), 'above g');
    if (emin > emax) refuse('PARAM_RANGE', at(fields, 'emin'), 'above emax');
    const k = amountOf(fields, 'k', scale.priceDecimals + ENERGY_DECIMALS);
    return { id: textOf(fields, 'id'), path: fields.path, place: i, g, k, emin, emax };
  });
}

const readBuyers = (document: Fields, sellers: number): readonly NamedBuyer[] =>
  listOf(document, 'buyers', true).map((value, i) => {
    const fields = fieldsOf(value, `buyers[${i}]`, BUYER);
    const demand = energyOf(fields, 'demand');
    return { id: textOf(fields, 'id'), path: fields.path, place: sellers + i, demand };
  });

/** A player is on one side and stands once; no sum leaves the range of amounts. */
function checkPlayers(
  sellers: readonly NamedSeller[],
  buyers: readonly NamedBuyer[],
  { params, options }: { readonly params: MarketParams; readonly options: GameOptions },
): void {
  const seen = new Set<string>();
  for (const { id, path } of [...sellers, ...buyers]) {
    if (seen.has(id)) refuse('FILE_FORMAT', `${path}.id`, `${id} stands twice`);
    seen.add(id);
  }
  let exposure = 0n;
  for (const { path, energyWh } of [
    ...sellers.map(({ path, g }) => ({ path, energyWh: g })),
    ...buyers.map(({ path, demand }) => ({ path, energyWh: demand })),
  ]) {
    exposure += energyWh * params.retail;
    if (exposure > MAX_AMOUNT) refuse('AMOUNT_RANGE', path, 'more money than an amount can hold');
  }
  if (priceSteps(options) * BigInt(sellers.length) > MAX_TRIES)
    refuse('PARAM_RANGE', 'params.tick', 'too fine for so many sellers');
}

/** A player as the common report knows it. */
function orderOf({ id, place }: Named, side: Side, energyWh: WattHour | undefined): FileOrder {
  const price = 0n as FileOrder['price'];
  return {
    ...{ id, account: id, node: id, side, price, reserve: price, place, seq: place },
    energyWh: energyWh ?? (0n as WattHour),
    green: false,
    adjust: true,
  };
}

const tradeOf = ({ seller, buyer, energyWh }: GameContract, sellers: number) => ({
  sell: seller,
  buy: sellers + buyer,
  energyWh,
});

const named = (players: readonly Named[], energies: readonly WattHour[]): Energies =>
  Object.fromEntries(players.map(({ id }, i) => [id, energyText(energies[i] ?? 0n)]));
