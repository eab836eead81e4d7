// Penalty prices of a period after the credit step of all nodes (market-bilateral 9, D8, G10): who
// pays nothing, and the ratio of everybody else, computed once per credit and n.
import { present } from '../../../core/src/assert.js';
import type { CreditState, CreditStep } from './credit.js';
import { penaltyOf, penaltyRatio } from './penalty.js';
import { FULL_CREDIT } from './credit.js';
import type { PenaltyRules } from './rules.js';

export interface Pricing {
  /** Scale 10^12, of an account that defaulted; 0 where its default is free. */
  readonly ratioOf: (account: number) => bigint;
  /** T at half of `priceTwice` per kWh. */
  readonly amountOf: (ratio: bigint, priceTwice: bigint, shortWh: bigint) => bigint;
}

const NO_PENALTY: Pricing = { ratioOf: () => 0n, amountOf: () => 0n };

/** Ratios by the credit after the step and n as it stands (V8); `rules` absent: no penalty. */
export function createPricing(
  accounts: readonly { readonly credit: CreditState }[],
  steps: readonly (CreditStep | undefined)[],
  rules: PenaltyRules | undefined,
): Pricing {
  if (rules === undefined) return NO_PENALTY;
  const ratios = new Map<string, bigint>();
  const ratioAt = ({ C, n }: CreditState): bigint => {
    const key = `${C} ${n}`;
    const known = ratios.get(key);
    if (known !== undefined) return known;
    const ratio = penaltyRatio(C, n, rules);
    ratios.set(key, ratio);
    return ratio;
  };
  return {
    ratioOf: (account) => {
      const before = present(accounts[account], 'a party of the list').credit;
      if (rules.freeAtFullCredit && before.C === FULL_CREDIT) return 0n;
      return ratioAt(steps[account]?.after ?? before);
    },
    amountOf: penaltyOf,
  };
}
