// Parameters of `market settle` with payment "contract" (papers/000). What else the design knows,
// payment "delivered" and the modules that go with it, is refused by name in this version; credit
// and penalty contradict payment "contract" for good (settlement 4.3).
import type { ContractRules } from '../call/settle.js';
import { at, type Fields, flagOf, has, ppmOf, type Range, refuse, wordOf } from './document.js';
import { type MarketParams, marketParams } from './params.js';

export interface SettleParams {
  readonly market: MarketParams;
  readonly rules: ContractRules;
}

const PPM = 1_000_000n;
const REWARD_FACTOR: Range<bigint> = { from: 0n, to: PPM };
const GREEN_FACTOR: Range<bigint> = { from: 0n, to: 10n * PPM };
const COEFFICIENT: Range<bigint> = { from: -PPM * PPM, to: PPM };

export function settleParams(fields: Fields): SettleParams {
  const payment = has(fields, 'payment')
    ? wordOf(fields, 'payment', ['delivered', 'contract'])
    : 'delivered';
  if (payment === 'delivered')
    refuse('NOT_SUPPORTED', at(fields, 'payment'), '"delivered" is not in this version');
  refuseModules(fields);
  const market = marketParams(fields);
  const ppm = (name: string, otherwise: bigint, range: Range<bigint>): bigint =>
    has(fields, name) ? ppmOf(fields, name, range) : otherwise;
  const rules: ContractRules = {
    tick: market.scale.tick,
    feedIn: market.feedIn,
    retail: market.retail,
    balancing: flagOf(fields, 'balancing', true),
    reward: flagOf(fields, 'reward', true),
    rewardFactorPpm: ppm('rewardFactor', 20_000n, REWARD_FACTOR),
    greenFactorPpm: ppm('greenFactor', 1_080_000n, GREEN_FACTOR),
    coefficientFloorPpm: floorOf(fields),
    amountBasis: has(fields, 'amountBasis')
      ? wordOf(fields, 'amountBasis', ['exact', 'rounded-average'])
      : 'exact',
  };
  return { market, rules };
}

/** The least accuracy coefficient, ppm; "null" or null: none. */
function floorOf(fields: Fields): bigint | undefined {
  if (!has(fields, 'coefficientFloor')) return -PPM;
  const value = fields.values.coefficientFloor;
  return value === null || value === 'null'
    ? undefined
    : ppmOf(fields, 'coefficientFloor', COEFFICIENT);
}

/** Switches that this version cannot serve, and those that payment "contract" excludes. */
function refuseModules(fields: Fields): void {
  for (const name of ['credit', 'penalty'])
    if (flagOf(fields, name, false))
      refuse('PARAM_RANGE', at(fields, name), 'is off with payment "contract"');
  for (const name of ['fees', 'wheelingOn', 'certificates', 'points', 'creditOnly', 'security'])
    if (flagOf(fields, name, false))
      refuse('NOT_SUPPORTED', at(fields, name), 'is not in this version');
}
