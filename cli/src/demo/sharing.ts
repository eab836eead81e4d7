// What the homes of a run would have paid without a market, as a community that shares by
// coefficients: on the same metered profiles, static ones (equal: every home of the demo has the
// same connection) and dynamic ones, a share at the price of feed-in. Pure.
import type { Price, WattHour } from '../../../core/src/amount.js';
import {
  billOf,
  coefficientsBy,
  type Member,
  type MemberShare,
  shareDynamic,
  shareStatic,
} from '../../../market/src/baseline/sharing.js';
import { type Profiles, sumOf } from './profiles.js';

/** A number for each of the two rules. */
export interface ByCoefficients {
  readonly static: bigint;
  readonly dynamic: bigint;
}

export interface SharedDay {
  /** Bill of each home, base units of money, below 0 what it gets. */
  readonly bills: readonly ByCoefficients[];
  /** Energy of neighbours that homes used, Wh. */
  readonly usedWh: ByCoefficients;
}

interface Tariffs {
  readonly retail: bigint;
  readonly feedIn: bigint;
}

export function shareDay(profiles: Profiles, tariffs: Tariffs): SharedDay {
  const equal = coefficientsBy(profiles.homes.map(() => 1n));
  const fixed = shareAll(profiles, tariffs, (members) => shareStatic(members, equal));
  const dynamic = shareAll(profiles, tariffs, shareDynamic);
  return {
    bills: fixed.bills.map((bill, i) => ({ static: bill, dynamic: dynamic.bills[i] ?? 0n })),
    usedWh: { static: fixed.usedWh, dynamic: dynamic.usedWh },
  };
}

function shareAll(
  { homes, periods }: Profiles,
  { retail, feedIn }: Tariffs,
  share: (members: readonly Member[]) => readonly MemberShare[],
) {
  const tariffs = { retail: retail as Price, feedIn: feedIn as Price, sharePrice: feedIn as Price };
  const bills = homes.map(() => 0n);
  let usedWh = 0n;
  for (let period = 0; period < periods; period++) {
    const members = homes.map(({ importWh, exportWh }) => ({
      importWh: (importWh[period] ?? 0n) as WattHour,
      exportWh: (exportWh[period] ?? 0n) as WattHour,
    }));
    const shares = share(members);
    usedWh += sumOf(shares.map((one) => one.usedWh));
    for (const [i, member] of members.entries())
      bills[i] = (bills[i] ?? 0n) + billOf(member, shares[i] as MemberShare, tariffs);
  }
  return { bills, usedWh };
}
