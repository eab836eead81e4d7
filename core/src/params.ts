// Parameters of a chain (parameters 2): names, defaults, ranges, and their canonical form. A value
// outside its range is refused by name. Those of a market: markets.ts.
import { bool, encode, list, record, u32, u64 } from './codec/codec.js';
import { ProtocolError } from './errors.js';
import { type Hash, sha256 } from './hash.js';
import { MAX_MARKETS } from './limits.js';
import { type MarketConfig, marketField } from './markets.js';

/** One integer parameter: default and range, in the unit its name or `unit` says. */
interface Range {
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
const range = (unit: string, def: number, min: number, max: number): Range => ({
  unit,
  default: def,
  min,
  max,
});

/** Section 2 of parameters.md; the order is that of the canonical bytes. */
export const CONSENSUS_RANGES = {
  committeeRatioPpm: range('ppm of N', 200_000, 100_000, 200_000),
  validatorMinCredit: range('credit', 90, 60, 100),
  minBlockMs: range('wall ms', 1000, 50, 60_000),
  maxIdleMs: range('wall ms', 15_000, 1000, 3_600_000),
  proposeTimeoutMs: range('wall ms', 1000, 100, 10_000),
  voteTimeoutMs: range('wall ms', 500, 100, 10_000),
  timeoutGrowthMs: range('wall ms per round', 500, 0, 5000),
  timeoutCapMs: range('wall ms', 10_000, 1000, 60_000),
  driftMs: range('wall ms', 1000, 200, 10_000),
  inclusionMs: range('wall ms', 3000, 1000, 60_000),
  beaconEvery: range('heights', 8, 1, 64),
  beaconDelay: range('heights', 64, 1, 10_000),
  maxValidators: range('validators', 128, 4, 1000),
  trustingPeriodMs: range('chain ms', 34_560_000_000, 86_400_000, 10 ** 15),
  evidenceMaxAge: range('heights', 100_000, 1000, 10 ** 12),
  maxBlockBytes: range('bytes', 2_000_000, 100_000, 4_000_000),
  maxBoundarySteps: range('steps per block', 64, 1, 1024),
  maxBoundaryWork: range('orders + contracts + readings + accounts', 20_000, 1000, 1_000_000),
  maxTxWindowMs: range('chain ms', 3_600_000, 60_000, 86_400_000),
  maxTxBytes: range('bytes', 16_384, 1024, 65_536),
  senderQuota: range('pending transactions', 256, 1, 100_000),
  readmitAfterPeriods: range('periods', 30, 1, 100_000),
  readmitCredit: range('credit', 60, 60, 100),
} as const satisfies Record<string, Range>;

export type ConsensusParams = { readonly [K in keyof typeof CONSENSUS_RANGES]: number } & {
  readonly fallbackProposers: boolean;
};

export const DEFAULT_CONSENSUS: ConsensusParams = {
  ...(Object.fromEntries(
    Object.entries(CONSENSUS_RANGES).map(([name, r]) => [name, r.default]),
  ) as { [K in keyof typeof CONSENSUS_RANGES]: number }),
  fallbackProposers: true,
};

const integers = Object.fromEntries(Object.keys(CONSENSUS_RANGES).map((name) => [name, u64])) as {
  [K in keyof typeof CONSENSUS_RANGES]: typeof u64;
};

const consensusField = record('consensus parameters', { ...integers, fallbackProposers: bool });

const paramsField = record('parameters', {
  version: u32,
  consensus: consensusField,
  markets: list(marketField, MAX_MARKETS),
});

export function paramsBytes(
  consensus: ConsensusParams,
  markets: readonly MarketConfig[],
): Uint8Array {
  const wide = Object.fromEntries(
    Object.keys(CONSENSUS_RANGES).map((name) => [
      name,
      BigInt(consensus[name as keyof typeof CONSENSUS_RANGES]),
    ]),
  ) as { [K in keyof typeof CONSENSUS_RANGES]: bigint };
  return encode(paramsField, {
    version: 1,
    consensus: { ...wide, fallbackProposers: consensus.fallbackProposers },
    markets,
  });
}

/** paramsRoot of the header (light-clients 1.3). */
export const paramsRootOf = (c: ConsensusParams, markets: readonly MarketConfig[]): Hash =>
  sha256(paramsBytes(c, markets));

const outside = (name: string, why: string): never => {
  throw new ProtocolError('PARAM_RANGE', `${name}: ${why}`, { name });
};

/** Checks ranges and the relations of parameters 2; throws PARAM_RANGE. */
export function checkConsensusParams(params: ConsensusParams): void {
  for (const [name, r] of Object.entries(CONSENSUS_RANGES)) {
    const value = params[name as keyof typeof CONSENSUS_RANGES];
    if (!Number.isSafeInteger(value) || value < r.min || value > r.max)
      outside(name, `${value} is outside ${r.min}..${r.max} ${r.unit}`);
  }
  const { voteTimeoutMs, proposeTimeoutMs, timeoutCapMs, driftMs, minBlockMs } = params;
  if (voteTimeoutMs > proposeTimeoutMs) outside('voteTimeoutMs', 'above proposeTimeoutMs');
  if (proposeTimeoutMs > timeoutCapMs) outside('proposeTimeoutMs', 'above timeoutCapMs');
  if (driftMs >= proposeTimeoutMs + minBlockMs)
    outside('driftMs', 'not below proposeTimeoutMs + minBlockMs');
}
