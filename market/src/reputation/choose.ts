// CHOOSE (market-reputation 1.3, 1.6): a node may name partners, lower its quantity or decline;
// silence means any feasible partner. Whether a choice may stand, and what it leaves of a quote.
import type { WattHour } from '../../../core/src/amount.js';
import { NO_ENERGY } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import { type Board, isFeasible } from './board.js';

export interface Choice {
  /** In the order of preference; empty or absent: any. */
  readonly partners?: readonly number[] | undefined;
  /** Absent: all that is left. */
  readonly energyWh?: WattHour | undefined;
  readonly decline?: boolean | undefined;
}

/** By quote; undefined: silent. */
export type Choices = readonly (Choice | undefined)[];

/** The code of what does not fit, or undefined. `restWh`: what is left of the quote. */
export function checkChoice(
  board: Board,
  index: number,
  { choice, restWh }: { readonly choice: Choice; readonly restWh: WattHour },
): ErrorCode | undefined {
  const { partners = [], energyWh } = choice;
  if ((board.place[index] ?? -1) < 0) return 'NO_ORDER';
  if (energyWh !== undefined && (energyWh <= 0n || energyWh > restWh)) return 'QUANTITY_LIMIT';
  const isWithin = partners.length <= (board.range[index] as number);
  const areFeasible = partners.every((partner) => isFeasible(board, index, partner));
  return isWithin && areFeasible && new Set(partners).size === partners.length
    ? undefined
    : 'PARTNERS';
}

/** What a quote offers in this bidding round. */
export function offeredWh(restWh: WattHour, choice: Choice | undefined): WattHour {
  if (choice?.decline === true) return NO_ENERGY;
  return choice?.energyWh ?? restWh;
}
