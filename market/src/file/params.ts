// Parameters of a market in files (parameters 3): names, defaults and ranges of what the
// call market uses. Parameters of other mechanisms are known by name and left unread; a switch that
// would do something this version cannot do is refused.
import type { Price, WattHour } from '../../../core/src/amount.js';
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

/** Every name of parameters 3, and those that interfaces.md adds for files. */
const NAMES: ReadonlySet<string> = new Set(
  `tick feedIn retail bounds maxOrders periodMs commitment payment allocation balancing reward
  credit penalty fees wheelingOn certificates points creditOnly mode beta maxSteps rewardFactor
  greenFactor coefficientFloor amountBasis k1 k2 g mu c iMax freeAtFullCredit minVolume
  suspendBelow tolAbs tolRel penaltySharing handlingFee wheeling rounds window graceUnmatched
  graceUnsigned cepN cepBeta cepAlarm floorPrice history flagAt cUp cDown rangeSides grants rule
  edges tokensPerDay mismatchAt mismatchMin suspectAfter pricing receiptMs disputeMs ratingMs
  rankingReward subsidy security beside adjudicationMs minOrder e1 correctionDays
  readingDeadlineMs lines baseFlow interval`.split(/\s+/),
);

export const ENERGY_DECIMALS = 3;
/** priceDecimals of a genesis that says nothing. */
const DEFAULT_PRICE_DECIMALS = 3;

/** Units of prices and money in one file. */
export interface Scale {
  /** Decimals of the tick: those that prices may have and are printed with. */
  readonly tickDecimals: number;
  /** p: prices are integers in 10^-p currency per kWh, money in 10^-(p+3) currency. */
  readonly priceDecimals: number;
  /** The tick in units of 10^-p. */
  readonly tick: bigint;
}

/** What every mechanism's file has. */
export interface MarketParams {
  readonly scale: Scale;
  readonly feedIn: Price;
  readonly retail: Price;
  readonly bounds: boolean;
  readonly maxOrders: number;
  readonly minOrderWh: WattHour;
}

/** The `params` of a document. */
export const paramFields = (document: Fields): Fields =>
  fieldsOf(document.values.params, at(document, 'params'), NAMES);

const TICK = /^(1|0\.0{0,8}1)$/;

function scaleOf(fields: Fields): Scale {
  const text = has(fields, 'tick') ? fields.values.tick : '0.001';
  if (typeof text !== 'string' || !TICK.test(text))
    return refuse('PARAM_RANGE', at(fields, 'tick'), 'a power of ten from 0.000000001 to 1');
  const tickDecimals = Math.max(0, text.length - 2);
  const priceDecimals = Math.max(DEFAULT_PRICE_DECIMALS, tickDecimals);
  return { tickDecimals, priceDecimals, tick: 10n ** BigInt(priceDecimals - tickDecimals) };
}

/** A price with at most the decimals of the tick. */
export const priceOf = (fields: Fields, name: string, { tickDecimals, tick }: Scale): Price =>
  (amountOf(fields, name, tickDecimals) * tick) as Price;

/** An energy with at most three decimals. */
export const energyOf = (fields: Fields, name: string): WattHour =>
  amountOf(fields, name, ENERGY_DECIMALS) as WattHour;

const MAX_ORDERS: Range<number> = { from: 1, to: 100_000 };
const DEFAULT_MAX_ORDERS = 10_000;
const DEFAULT_MIN_ORDER = 10n as WattHour;

export function marketParams(fields: Fields): MarketParams {
  const scale = scaleOf(fields);
  const feedIn = priceOf(fields, 'feedIn', scale);
  const retail = priceOf(fields, 'retail', scale);
  if (feedIn > retail) refuse('PARAM_RANGE', at(fields, 'feedIn'), 'above retail');
  return {
    scale,
    feedIn,
    retail,
    bounds: flagOf(fields, 'bounds', true),
    maxOrders: has(fields, 'maxOrders')
      ? countOf(fields, 'maxOrders', MAX_ORDERS)
      : DEFAULT_MAX_ORDERS,
    minOrderWh: has(fields, 'minOrder') ? energyOf(fields, 'minOrder') : DEFAULT_MIN_ORDER,
  };
}

const COMMITMENTS = ['chain', 'sha1-price', 'cda1', 'dda1'] as const;
export type CommitmentForm = 'chain' | 'sha1-price' | 'cda1' | 'dda1';
/** The papers seal prices in thousandths of the currency. */
const SEALED_TICK_DECIMALS = 3;

/** The sealing of the file. The forms of papers 002 and 003 are for their markets alone. */
export function commitmentOf(fields: Fields, scale: Scale, own?: 'cda1' | 'dda1'): CommitmentForm {
  const form = has(fields, 'commitment') ? wordOf(fields, 'commitment', COMMITMENTS) : 'chain';
  if (form === 'cda1' && form === own) return form;
  if ((form === 'cda1' || form === 'dda1') && form !== own)
    return refuse('NOT_SUPPORTED', at(fields, 'commitment'), `${form} is not in this version`);
  if (form !== 'chain' && scale.tickDecimals > SEALED_TICK_DECIMALS)
    refuse('PARAM_RANGE', at(fields, 'tick'), `finer than the price text of ${form}`);
  return form;
}

const INTERVALS: Range<number> = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The interval that a seal of papers/003 names. */
export const intervalOf = (fields: Fields): bigint =>
  has(fields, 'interval') ? BigInt(countOf(fields, 'interval', INTERVALS)) : 0n;

export interface CepParams {
  readonly deals: number;
  readonly beta: { readonly num: bigint; readonly den: bigint };
}

const FRACTION = /^([1-9][0-9]{0,3})\/([1-9][0-9]{0,3})$/;
const CEP_DEALS: Range<number> = { from: 1, to: 1000 };
const PPM = 1_000_000n;

/** cepN and cepBeta ("10/9", or a decimal). */
export function cepParams(fields: Fields): CepParams {
  const deals = has(fields, 'cepN') ? countOf(fields, 'cepN', CEP_DEALS) : 30;
  const text = has(fields, 'cepBeta') ? fields.values.cepBeta : '10/9';
  const parts = typeof text === 'string' ? FRACTION.exec(text) : null;
  if (parts !== null)
    return { deals, beta: { num: BigInt(parts[1] as string), den: BigInt(parts[2] as string) } };
  return { deals, beta: { num: ppmOf(fields, 'cepBeta', { from: 1n, to: 10n * PPM }), den: PPM } };
}
