// Community self-consumption without a market, as communities do today: what members feed in
// during a period is allotted to them by coefficients. Static ones are fixed beforehand (Spain:
// Royal Decree 244/2019; France and Portugal know them too): what a member cannot use of its share
// goes to the grid at feed-in, even where a neighbour buys at retail. Dynamic ones (the French
// default) follow what each takes in the period: nothing is left while somebody lacks energy. The
// yardstick of `market compare` and of the demo; no chain settles by it.
import { least, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { largestRemainder } from '../shares.js';

/** What the meter of a member counted in a period. */
export interface Member {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
}

/** What becomes of it in the community. */
export interface MemberShare {
  /** What the coefficients give it of all that was fed in. */
  readonly shareWh: WattHour;
  /** The part of its import that it takes from its share; the rest comes from the grid. */
  readonly usedWh: WattHour;
  /** The part of its export that members use; the rest goes to the grid. */
  readonly soldWh: WattHour;
}

/** Per member, parts per million; they sum to COEFFICIENTS exactly. */
export type Coefficients = readonly bigint[];
export const COEFFICIENTS = 1_000_000n;

export interface SharingTariffs {
  readonly feedIn: Price;
  readonly retail: Price;
  /** Paid for a kWh of a share to who fed it in. Between the tariffs nobody loses by sharing. */
  readonly sharePrice: Price;
}

/** Static coefficients in proportion to weights: contracted power, or 1 for each. */
export const coefficientsBy = (weights: readonly bigint[]): Coefficients =>
  largestRemainder(COEFFICIENTS, weights);

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
const surplusOf = (members: readonly Member[]): bigint =>
  sumOf(members.map(({ exportWh }) => exportWh));

/** Pro rata, by largest remainder: a watt-hour left over goes to the earlier of equals. */
export function shareStatic(
  members: readonly Member[],
  coefficients: Coefficients,
): readonly MemberShare[] {
  assert(coefficients.length === members.length, 'a coefficient per member');
  const isWhole = members.length === 0 || sumOf(coefficients) === COEFFICIENTS;
  assert(isWhole, 'static coefficients sum to one');
  return sharedBy(members, largestRemainder(surplusOf(members), coefficients));
}

/** In proportion to the import of the period, and never more than it: min(surplus, deficit). */
export function shareDynamic(members: readonly Member[]): readonly MemberShare[] {
  const imports = members.map(({ importWh }) => importWh);
  return sharedBy(members, largestRemainder(least(surplusOf(members), sumOf(imports)), imports));
}

/** What is used of the shares comes from those who fed in, pro rata to what they fed in. */
function sharedBy(members: readonly Member[], shares: readonly bigint[]): readonly MemberShare[] {
  const used = members.map(({ importWh }, i) => least(importWh, shares[i] as bigint));
  const exports = members.map(({ exportWh }) => exportWh);
  const sold = largestRemainder(sumOf(used), exports);
  return members.map((_, i) => ({
    shareWh: shares[i] as WattHour,
    usedWh: used[i] as WattHour,
    soldWh: sold[i] as WattHour,
  }));
}

/** What a member pays for a period, below 0 what it gets; base units of money. */
export const billOf = (member: Member, share: MemberShare, tariffs: SharingTariffs): bigint =>
  paidOf(member, share, tariffs) - earnedOf(member, share, tariffs);

/** For what it took, of its share and of the grid. */
export const paidOf = (
  { importWh }: Member,
  { usedWh }: MemberShare,
  { retail, sharePrice }: SharingTariffs,
): bigint => usedWh * sharePrice + (importWh - usedWh) * retail;

/** For what it fed in, from members and from the grid. */
export const earnedOf = (
  { exportWh }: Member,
  { soldWh }: MemberShare,
  { feedIn, sharePrice }: SharingTariffs,
): bigint => soldWh * sharePrice + (exportWh - soldWh) * feedIn;
