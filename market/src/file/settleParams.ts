// Parameters of `market settle` (parameters 3): how the period is paid, and its modules with their
// own parameters. A module that is off is absent or zero. What contradicts the way of paying is
// refused by name (settlement 4.3), and so is a module whose results no field of the report has.
import type { Money, Price } from '../../../core/src/amount.js';
import { priceRulesHold } from '../settle/penalty.js';
import type { CreditRules, FeeRules, PenaltyRules, PeriodRules } from '../settle/rules.js';
import {
  amountOf,
  at,
  countOf,
  type Fields,
  fieldsOf,
  flagOf,
  has,
  ppmOf,
  type Range,
  refuse,
  wordOf,
} from './document.js';
import { ENERGY_DECIMALS, energyOf, type MarketParams, marketParams, priceOf } from './params.js';

export interface SettleParams {
  readonly market: MarketParams;
  readonly rules: PeriodRules;
  /** Module `fees`: each side pays wheeling, as in the bilateral market. */
  readonly bothWheel: boolean;
  /** Module `security`: congestion fees are charged. */
  readonly congestion: boolean;
}

const PPM = 1_000_000n;
const REWARD_FACTOR: Range<bigint> = { from: 0n, to: PPM };
const GREEN_FACTOR: Range<bigint> = { from: 0n, to: 10n * PPM };
const COEFFICIENT: Range<bigint> = { from: -PPM * PPM, to: PPM };
const FACTOR: Range<bigint> = { from: 0n, to: 1000n * PPM };
const BELOW_ONE: Range<bigint> = { from: 0n, to: PPM - 1n };
const RATIO: Range<bigint> = { from: 0n, to: PPM };
const PERIODS: Range<number> = { from: 1, to: 10_000 };
const INDEX: Range<number> = { from: 1, to: 20 };
const CREDIT: Range<number> = { from: 0, to: 100 };
const WHEELING: ReadonlySet<string> = new Set(['c1', 'c2', 'c3']);

export function settleParams(fields: Fields): SettleParams {
  const payment = wordOr(fields, 'payment', ['delivered', 'contract']);
  const market = marketParams(fields);
  for (const name of ['certificates', 'points'])
    if (flagOf(fields, name, false))
      refuse('NOT_SUPPORTED', at(fields, name), 'has no place in a settled file');
  const isDelivered = payment === 'delivered';
  if (!isDelivered) refuseCharges(fields);
  const hasCredit = flagOf(fields, 'credit', isDelivered) || flagOf(fields, 'creditOnly', false);
  const rules: PeriodRules = {
    payment,
    allocation: wordOr(fields, 'allocation', ['fifo', 'pro-rata']),
    ...rewardRules(fields, market),
    tolAbsWh: has(fields, 'tolAbs') ? energyOf(fields, 'tolAbs') : energy(100n),
    tolRelPpm: ppmOr(fields, 'tolRel', 20_000n, RATIO),
    ...feeRules(fields, market),
    credit: hasCredit ? creditRules(fields) : undefined,
    penalty: flagOf(fields, 'penalty', isDelivered) ? penaltyRules(fields) : undefined,
  };
  const bothWheel = flagOf(fields, 'fees', false);
  return { market, rules, bothWheel, congestion: flagOf(fields, 'security', false) };
}

const energy = (wh: bigint) => wh as PeriodRules['tolAbsWh'];

/** The first word is the default. */
const wordOr = <const T extends string>(fields: Fields, name: string, words: readonly T[]): T =>
  has(fields, name) ? wordOf(fields, name, words) : (words[0] as T);

const ppmOr = (fields: Fields, name: string, otherwise: bigint, range: Range<bigint>): bigint =>
  has(fields, name) ? ppmOf(fields, name, range) : otherwise;

const countOr = (fields: Fields, name: string, otherwise: number, range: Range<number>): number =>
  has(fields, name) ? countOf(fields, name, range) : otherwise;

/** A shortfall would be charged twice with payment "contract" (settlement 4.3). */
function refuseCharges(fields: Fields): void {
  for (const name of ['credit', 'penalty'])
    if (flagOf(fields, name, false))
      refuse('PARAM_RANGE', at(fields, name), 'is off with payment "contract"');
}

function rewardRules(fields: Fields, { scale, feedIn, retail }: MarketParams) {
  return {
    tick: scale.tick,
    feedIn,
    retail,
    balancing: flagOf(fields, 'balancing', true),
    reward: flagOf(fields, 'reward', true),
    rewardFactorPpm: ppmOr(fields, 'rewardFactor', 20_000n, REWARD_FACTOR),
    greenFactorPpm: ppmOr(fields, 'greenFactor', 1_080_000n, GREEN_FACTOR),
    coefficientFloorPpm: floorOf(fields),
    amountBasis: wordOr(fields, 'amountBasis', ['exact', 'rounded-average']),
  };
}

/** The least accuracy coefficient, ppm; "null" or null: none. */
function floorOf(fields: Fields): bigint | undefined {
  if (!has(fields, 'coefficientFloor')) return -PPM;
  const value = fields.values.coefficientFloor;
  return value === null || value === 'null'
    ? undefined
    : ppmOf(fields, 'coefficientFloor', COEFFICIENT);
}

function creditRules(fields: Fields): CreditRules {
  return {
    c: countOr(fields, 'c', 10, PERIODS),
    iMax: countOr(fields, 'iMax', 8, INDEX),
    minVolumeWh: has(fields, 'minVolume') ? energyOf(fields, 'minVolume') : energy(1000n),
    suspendBelow: countOr(fields, 'suspendBelow', 60, CREDIT),
  };
}

function penaltyRules(fields: Fields): PenaltyRules {
  const rules: PenaltyRules = {
    k1Ppm: ppmOr(fields, 'k1', 5n * PPM, FACTOR),
    k2Ppm: ppmOr(fields, 'k2', 5n * PPM, FACTOR),
    gPpm: ppmOr(fields, 'g', 3n * PPM, FACTOR),
    muPpm: ppmOr(fields, 'mu', 800_000n, BELOW_ONE),
    freeAtFullCredit: flagOf(fields, 'freeAtFullCredit', true),
    sharing: wordOr(fields, 'penaltySharing', ['per-penalty', 'pooled']),
  };
  return priceRulesHold(rules)
    ? rules
    : refuse('PARAM_RANGE', at(fields, 'k2'), 'k2 x (k1 + g) is above 99');
}

/** Handling with `fees`, wheeling with `fees` or `wheelingOn`; 0 where off. */
function feeRules(fields: Fields, { scale }: MarketParams): FeeRules {
  const hasFees = flagOf(fields, 'fees', false);
  const given = has(fields, 'wheeling')
    ? fieldsOf(fields.values.wheeling, at(fields, 'wheeling'), WHEELING)
    : undefined;
  let wheeling = 0n;
  if (given !== undefined)
    for (const name of WHEELING) if (has(given, name)) wheeling += priceOf(given, name, scale);
  const decimals = scale.priceDecimals + ENERGY_DECIMALS;
  const handling = has(fields, 'handlingFee') ? amountOf(fields, 'handlingFee', decimals) : 0n;
  return {
    wheeling: (hasFees || flagOf(fields, 'wheelingOn', false) ? wheeling : 0n) as Price,
    handling: (hasFees ? handling : 0n) as Money,
  };
}
