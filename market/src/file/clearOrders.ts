// Orders of a `market clear` file: strict reading, then the rules that leave a single order out
// with a code (interfaces "Refusals"). The order of the result is that of submission.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { MAX_AMOUNT } from '../../../core/src/amount.js';
import { fromHex } from '../../../core/src/bytes.js';
import { printFixed } from '../../../core/src/decimal.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Side } from '../../../core/src/tx.js';
import { checkPrice, checkQuantity, checkReserve } from '../order.js';
import { NONCE_BYTES, sealCda1, sealDda1, sealFileBid, sealPriceText } from '../seal.js';
import {
  at,
  countOf,
  type Fields,
  fieldsOf,
  flagOf,
  has,
  optionalText,
  refuse,
  textOf,
  wordOf,
} from './document.js';
import { type CommitmentForm, energyOf, type MarketParams, priceOf } from './params.js';

/** Fields of an order in files; those that only other mechanisms use are left unread. */
const NAMES: ReadonlySet<string> = new Set(
  `id account side energy price reserve green seq type adjust pMax commitment nonce reputation node
  grade valuations choices`.split(/\s+/),
);

export interface FileOrder {
  readonly id: string;
  readonly account: string;
  readonly side: Side;
  readonly energyWh: WattHour;
  readonly price: Price;
  readonly reserve: Price;
  readonly green: boolean;
  /** Whether the quote may move inside the reservation price (two-round 4.5). */
  readonly adjust: boolean;
  /** Position in the file. */
  readonly place: number;
  readonly seq: number;
  readonly type?: string | undefined;
  /** Its place in the grid. */
  readonly node?: string | undefined;
  readonly pMaxWh?: WattHour | undefined;
  readonly commitment?: string | undefined;
  readonly nonce?: Uint8Array | undefined;
}

export interface Rejected {
  readonly id: string;
  readonly code: ErrorCode;
}

const SEQ = { from: 0, to: Number.MAX_SAFE_INTEGER };

function nonceOf(fields: Fields): Uint8Array | undefined {
  const text = optionalText(fields, 'nonce');
  if (text === undefined) return undefined;
  const bytes = fromHex(text, NONCE_BYTES);
  return bytes ?? refuse('FILE_FORMAT', at(fields, 'nonce'), '32 digits of lower-case hex');
}

/** The fields of the order that stands at `place` of the file. */
export const orderFields = (value: unknown, place: number): Fields =>
  fieldsOf(value, `orders[${place}]`, NAMES);

function readOrder(value: unknown, place: number, { scale }: MarketParams): FileOrder {
  const fields = orderFields(value, place);
  const price = priceOf(fields, 'price', scale);
  return {
    id: textOf(fields, 'id'),
    account: textOf(fields, 'account'),
    side: wordOf(fields, 'side', ['sell', 'buy']),
    energyWh: energyOf(fields, 'energy'),
    price,
    reserve: has(fields, 'reserve') ? priceOf(fields, 'reserve', scale) : price,
    green: flagOf(fields, 'green', false),
    adjust: flagOf(fields, 'adjust', true),
    place,
    seq: has(fields, 'seq') ? countOf(fields, 'seq', SEQ) : place,
    type: optionalText(fields, 'type'),
    node: optionalText(fields, 'node'),
    pMaxWh: has(fields, 'pMax') ? energyOf(fields, 'pMax') : undefined,
    commitment: optionalText(fields, 'commitment'),
    nonce: nonceOf(fields),
  };
}

/** Every order of the file, in file order. */
export function readOrders(values: readonly unknown[], params: MarketParams): readonly FileOrder[] {
  const orders = values.map((value, place) => readOrder(value, place, params));
  const seen = new Set<string>();
  // What the whole book could cost stays an amount, so that no sum of it can leave the range.
  let exposure = 0n;
  orders.forEach(({ id, energyWh, price }, place) => {
    if (seen.has(id)) refuse('FILE_FORMAT', `orders[${place}].id`, `${id} stands twice`);
    seen.add(id);
    exposure += energyWh * (price > params.retail ? price : params.retail);
    if (exposure > MAX_AMOUNT)
      refuse('AMOUNT_RANGE', `orders[${place}].energy`, 'more money than an amount can hold');
  });
  return orders;
}

export interface OrderRules extends MarketParams {
  readonly commitment: CommitmentForm;
  /** Interval of the seals of papers/003. */
  readonly interval?: bigint;
  /** Whether an account may have several orders (interfaces "DUPLICATE_ORDER"). */
  readonly severalOrders?: boolean;
  /** A rule of the mechanism on top of those of every market; the code of what breaks it. */
  readonly refusal?: (order: FileOrder) => ErrorCode | undefined;
}

/** Order default in files: the account is its own node (parameters 3). */
export const nodeOf = ({ node, account }: FileOrder): string => node ?? account;

interface Live {
  readonly accounts: Set<string>;
  count: number;
}

/** Orders that take part, by submission, and those that do not, in file order. */
export function admitOrders(
  orders: readonly FileOrder[],
  rules: OrderRules,
): { readonly admitted: readonly FileOrder[]; readonly rejected: readonly Rejected[] } {
  const codes = new Map<string, ErrorCode>();
  const live: Live = { accounts: new Set(), count: 0 };
  const admitted = [...orders]
    .sort((a, b) => a.seq - b.seq)
    .filter((order) => {
      const code = codeOf(order, rules, live);
      if (code === undefined) {
        live.accounts.add(order.account);
        live.count++;
      } else codes.set(order.id, code);
      return code === undefined;
    });
  const rejected = orders.flatMap(({ id }) => {
    const code = codes.get(id);
    return code === undefined ? [] : [{ id, code }];
  });
  return { admitted, rejected };
}

/** A refused order does not stand in the way of a second one (market-call 4, 5). */
function codeOf(order: FileOrder, rules: OrderRules, live: Live): ErrorCode | undefined {
  const { energyWh, price, pMaxWh } = order;
  const isSecond = rules.severalOrders !== true && live.accounts.has(order.account);
  return (
    checkQuantity(energyWh, { minOrderWh: rules.minOrderWh, pMaxWh }) ??
    (opens(order, rules) ? undefined : 'COMMITMENT_MISMATCH') ??
    checkPrice(price, { ...rules, tick: rules.scale.tick }) ??
    checkReserve(order) ??
    rules.refusal?.(order) ??
    (isSecond ? 'DUPLICATE_ORDER' : undefined) ??
    (live.count >= rules.maxOrders ? 'BOOK_FULL' : undefined)
  );
}

/** Whether the order is what its sealed bid says; one without a sealed bid is. */
function opens(order: FileOrder, { commitment: form, scale, interval = 0n }: OrderRules): boolean {
  const { commitment, nonce, price } = order;
  if (commitment === undefined) return true;
  // Exactly three decimals: commitmentOf refuses a finer tick with this form (market-call 3).
  if (form === 'sha1-price')
    return sealPriceText(printFixed(price, scale.priceDecimals)) === commitment;
  if (nonce === undefined) return false;
  if (form === 'dda1')
    return sealDda1({ ...order, node: nodeOf(order), interval, nonce }) === commitment;
  return (form === 'cda1' ? sealCda1 : sealFileBid)({ ...order, nonce }) === commitment;
}
