// Fees of a contract on what was delivered (settlement 5.7; market-bilateral 12;
// market-reputation 1.9, 1.10). Wheeling and congestion go to the grid company, handling to `fees`.
// Decides amounts; when they are paid is the market's.
import type { FeeRules } from './rules.js';

export interface FeeContract {
  /** Published fee times the push, per kWh; only the buyer pays it. */
  readonly congestion?: bigint | undefined;
  /** Contracts of the bilateral market: each side pays wheeling; else the buyer alone. */
  readonly bothWheel: boolean;
}

export interface ContractFees {
  readonly wheelingSeller: bigint;
  readonly wheelingBuyer: bigint;
  readonly congestion: bigint;
  /** Of each side. */
  readonly handling: bigint;
}

export function contractFees(
  { congestion = 0n, bothWheel }: FeeContract,
  deliveredWh: bigint,
  { wheeling, handling }: FeeRules,
): ContractFees {
  const carried = deliveredWh * wheeling;
  return {
    wheelingSeller: bothWheel ? carried : 0n,
    wheelingBuyer: carried,
    congestion: deliveredWh * congestion,
    handling,
  };
}
