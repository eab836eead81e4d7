// What orders of this market carry in files beyond those of every market (interfaces
// "reputation"): grade or reputation, valuations, choices.
import type { Price } from '../../../core/src/amount.js';
import { compareIds, utf8ToBytes } from '../../../core/src/bytes.js';
import { type FileOrder, orderFields } from '../file/clearOrders.js';
import { at, type Fields, has, listOf, ppmOf, refuse, textOf, wordOf } from '../file/document.js';
import { priceOf, type Scale } from '../file/params.js';
import { GRADES, type Grade, gradesOf } from './reputation.js';

/** An order with what it says about bidding rounds; partners by their accounts. */
export interface ReputationFileOrder extends FileOrder {
  readonly grade: Grade;
  /** One per bidding round; the last one stands on. */
  readonly prices: readonly Price[];
  readonly partners: readonly (readonly string[])[];
}

export interface Own {
  readonly account: string;
  readonly grade: Grade | undefined;
  /** Ppm. */
  readonly reputation: bigint;
  readonly valuations: readonly Price[];
  readonly partners: readonly (readonly string[])[];
  readonly hasReserve: boolean;
}

const PPM = 1_000_000n;
/** Of a node without history (market-reputation 1.5). */
const UNKNOWN_PPM = 500_000n;

/** Lists within the bidding rounds there are. */
export function ownFields(
  value: unknown,
  place: number,
  { scale, biddingRounds }: { readonly scale: Scale; readonly biddingRounds: number },
): Own {
  const fields = orderFields(value, place);
  const perRound = (name: string): readonly unknown[] => {
    const list = listOf(fields, name, true);
    return list.length <= biddingRounds
      ? list
      : refuse('FILE_FORMAT', at(fields, name), 'more than there are bidding rounds');
  };
  return {
    account: textOf(fields, 'account'),
    grade: gradeOf(fields),
    reputation: has(fields, 'reputation')
      ? ppmOf(fields, 'reputation', { from: 0n, to: PPM })
      : UNKNOWN_PPM,
    valuations: perRound('valuations').map((_, i) => itemPrice(fields, i, scale)),
    partners: perRound('choices').map((list, i) => namesOf(list, `${at(fields, 'choices')}[${i}]`)),
    hasReserve: has(fields, 'reserve'),
  };
}

function gradeOf(fields: Fields): Grade | undefined {
  if (!has(fields, 'grade')) return undefined;
  const word = wordOf(fields, 'grade', ['10', '30', '60', '100']);
  return GRADES.find((grade) => String(grade) === word);
}

/** Items of a list are read as the fields of their places. */
function itemPrice(fields: Fields, index: number, scale: Scale): Price {
  const values = fields.values.valuations as Readonly<Record<number, unknown>>;
  const item = { path: at(fields, 'valuations'), values: { [index]: values[index] } };
  return priceOf(item, String(index), scale);
}

function namesOf(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) return refuse('FILE_FORMAT', path, 'a list is wanted');
  return value.map((name, i) => textOf({ path, values: { [i]: name } }, String(i)));
}

/**
 * Grades by account: the one that is given, else by rank among all nodes of the file, registered in
 * the order of the file.
 */
export function gradesByAccount(owns: readonly Own[]): ReadonlyMap<string, Grade> {
  const nodes = new Map<string, Own & { readonly registered: number }>();
  for (const own of owns)
    if (!nodes.has(own.account)) nodes.set(own.account, { ...own, registered: nodes.size });
  const inOrder = [...nodes.values()].sort((a, b) => compareNames(a.account, b.account));
  const grades = gradesOf(inOrder);
  return new Map(inOrder.map(({ account, grade }, i) => [account, grade ?? (grades[i] as Grade)]));
}

/** Ids compare by (length, bytes). */
export const compareNames = (a: string, b: string): number =>
  compareIds(utf8ToBytes(a), utf8ToBytes(b));

/** The order with its prices; where no reserve is given, the last valuation is the limit. */
export function withOwn(
  order: FileOrder,
  own: Own,
  grades: ReadonlyMap<string, Grade>,
): ReputationFileOrder {
  const prices = own.valuations.length > 0 ? own.valuations : [order.price];
  const furthest = prices.reduce((a, b) => ((order.side === 'buy') === b > a ? b : a));
  return {
    ...order,
    price: prices[0] as Price,
    reserve: own.hasReserve ? order.reserve : furthest,
    prices,
    partners: own.partners,
    grade: grades.get(order.account) ?? 100,
  };
}
