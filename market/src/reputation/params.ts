// Parameters of this market in files (parameters 3): names, defaults and ranges. What only the
// chain uses (window, graces, receipts, grants) is known by name and left unread.
import { MAX_AMOUNT, type Price } from '../../../core/src/amount.js';
import { parseDecimal } from '../../../core/src/decimal.js';
import {
  at,
  countOf,
  type Fields,
  fieldsOf,
  flagOf,
  has,
  listOf,
  ppmOf,
  type Range,
  refuse,
  wordOf,
} from '../file/document.js';
import { priceOf, type Scale } from '../file/params.js';
import type { CongestionRules } from '../grid/congestion.js';
import type { RangeSides } from './board.js';
import { wheelingPrice } from './invoice.js';
import type { PriceSum } from './quote.js';

export interface ReputationParams extends CongestionRules {
  readonly biddingRounds: number;
  readonly rangeSides: RangeSides;
  readonly cepAlarmPpm: bigint;
  /** P_T per kWh. */
  readonly wheeling: Price;
  readonly floor: PriceSum | undefined;
  /** Oldest first. */
  readonly history: readonly PriceSum[];
}

const BIDDING_ROUNDS: Range<number> = { from: 1, to: 20 };
const DEFAULT_BIDDING_ROUNDS = 3;
const PPM = 1_000_000n;
const DEFAULT_FLAG_AT_PPM = 900_000n;
const DEFAULT_ALARM_PPM = 200_000n;
const WHEELING_NAMES: ReadonlySet<string> = new Set(['c1', 'c2', 'c3']);

export function reputationParams(fields: Fields, scale: Scale): ReputationParams {
  const optionalPrice = (name: string): Price =>
    has(fields, name) ? priceOf(fields, name, scale) : (0n as Price);
  const optionalPpm = (name: string, otherwise: bigint, to: bigint): bigint =>
    has(fields, name) ? ppmOf(fields, name, { from: 0n, to }) : otherwise;
  const [cUp, cDown] = [optionalPrice('cUp'), optionalPrice('cDown')];
  if (cDown > cUp) refuse('PARAM_RANGE', at(fields, 'cDown'), 'above cUp');
  return {
    biddingRounds: has(fields, 'rounds')
      ? countOf(fields, 'rounds', BIDDING_ROUNDS)
      : DEFAULT_BIDDING_ROUNDS,
    rangeSides: has(fields, 'rangeSides')
      ? wordOf(fields, 'rangeSides', ['both', 'buyers'])
      : 'both',
    flagAtPpm: optionalPpm('flagAt', DEFAULT_FLAG_AT_PPM, PPM),
    cUp,
    cDown,
    cepAlarmPpm: optionalPpm('cepAlarm', DEFAULT_ALARM_PPM, 100n * PPM),
    wheeling: wheelingOf(fields, scale),
    floor: has(fields, 'floorPrice')
      ? dealOf(fields.values.floorPrice, at(fields, 'floorPrice'), scale)
      : undefined,
    history: listOf(fields, 'history', true).map((value, i) =>
      dealOf(value, `${at(fields, 'history')}[${i}]`, scale),
    ),
  };
}

function wheelingOf(fields: Fields, scale: Scale): Price {
  if (!has(fields, 'wheeling')) return 0n as Price;
  const parts = fieldsOf(fields.values.wheeling, at(fields, 'wheeling'), WHEELING_NAMES);
  const part = (name: string): Price =>
    has(parts, name) ? priceOf(parts, name, scale) : (0n as Price);
  const sum = wheelingPrice({ c1: part('c1'), c2: part('c2'), c3: part('c3') });
  if (sum > MAX_AMOUNT) refuse('AMOUNT_RANGE', at(fields, 'wheeling'), 'more than a price can be');
  return flagOf(fields, 'wheelingOn', true) ? sum : (0n as Price);
}

/** Price of a deal: whole or half ticks. */
function dealOf(value: unknown, field: string, { tickDecimals, tick }: Scale): PriceSum {
  const tenths = parseDecimal(value, { field, decimals: tickDecimals + 1 });
  if (tenths % 5n !== 0n) refuse('AMOUNT_GRAMMAR', field, 'whole or half ticks are wanted');
  const sum = (tenths / 5n) * tick;
  return sum > 2n * MAX_AMOUNT ? refuse('AMOUNT_RANGE', field, 'more than a price can be') : sum;
}
