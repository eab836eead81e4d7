// Performance credit of one node over one period (market-bilateral 5-8, G2-G5): consecutive
// performed periods, Fibonacci deductions, compensation. One step per node and period, however many
// contracts it has. Votes (n) and readmission are not decided here.
import { assert } from '../../../core/src/assert.js';
import type { CreditRules } from './rules.js';

export const FULL_CREDIT = 100;

/** What the account has earned by its conduct (market-bilateral 1). */
export interface CreditState {
  /** Performance credit, 0..100. */
  readonly C: number;
  /** Consecutive performed periods. */
  readonly D: number;
  /** Defaults since the last compensation, at most iMax. */
  readonly i: number;
  /** Consecutive successful verifications. */
  readonly n: number;
}

export const NEW_CREDIT: CreditState = { C: FULL_CREDIT, D: 0, i: 0, n: 0 };

/** What a node did in the period; replacement contracts count for nothing (rule 3). */
export interface Conduct {
  readonly hasContract: boolean;
  readonly hasDefaulted: boolean;
  /** Sum of its contracts. */
  readonly contractWh: bigint;
}

export interface CreditStep {
  readonly after: CreditState;
  /** min(U_i, C). */
  readonly deducted: number;
  readonly compensated: boolean;
  /** Rule 8: credit was full before a default; whether that is free, the penalty rules say. */
  readonly wasFull: boolean;
  /** G5: from the next period on. */
  readonly suspend: boolean;
}

/** U_i of formula 3: 1, 1, 2, 3, 5, ... */
export function deductionOf(i: number): number {
  assert(Number.isInteger(i) && i >= 1 && i <= FULL_CREDIT, 'a default is counted from 1');
  let [before, now] = [0, 1];
  for (let at = 1; at < i; at++) [before, now] = [now, before + now];
  return now;
}

/** Rules 7 and 8. */
export function creditStep(before: CreditState, conduct: Conduct, rules: CreditRules): CreditStep {
  const { C } = before;
  assert(Number.isInteger(C) && C >= 0 && C <= FULL_CREDIT, 'credit is 0..100');
  const wasFull = C === FULL_CREDIT;
  const step = (after: CreditState, deducted: number, compensated: boolean): CreditStep => ({
    after,
    deducted,
    compensated,
    wasFull,
    suspend: after.C < rules.suspendBelow,
  });
  if (conduct.hasDefaulted) {
    const i = Math.min(before.i + 1, rules.iMax);
    const deducted = Math.min(deductionOf(i), C);
    return step({ ...before, C: C - deducted, D: 0, i }, deducted, false);
  }
  if (!conduct.hasContract || conduct.contractWh < rules.minVolumeWh) return step(before, 0, false);
  const D = before.D + 1;
  if (D < rules.c || wasFull) return step({ ...before, D }, 0, false);
  return step({ ...before, C: C + 1, D: 0, i: 0 }, 0, true);
}
