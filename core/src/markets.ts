// Markets as data (parameters 3, 4): mechanisms, their offsets, and every parameter with its unit,
// default and range in one table. The canonical bytes, the genesis file and the reference page
// are made from it. What a mechanism does with its parameters is in market/ and state/.
import {
  bool,
  type Field,
  i64,
  list,
  oneOf,
  record,
  str,
  u32,
  u64,
  type ValueOf,
} from './codec/codec.js';
import { ProtocolError } from './errors.js';
import { MAX_EDGES, MAX_MARKETS, MAX_ORDERS_PER_MARKET, MAX_PRICE_STEPS } from './limits.js';

/** Mechanisms that a chain can run. */
export const CHAIN_MECHANISMS = [
  'call',
  'two-round',
  'uniform',
  'continuous',
  'neighbourhood',
  'reputation',
  'bilateral',
] as const;
export type Mechanism = (typeof CHAIN_MECHANISMS)[number];

interface Offset {
  readonly name: string;
  /** ms from the start of the period before delivery, where nothing else is said. */
  readonly default: number;
  /** The value of `busbar demo` and `dev`. */
  readonly demo: number;
}
const offset = (name: string, def: number, demo = def): Offset => ({ name, default: def, demo });

/** Section 4 of parameters.md; the order is that of the canonical bytes. */
export const OFFSETS: { readonly [M in Mechanism]: readonly Offset[] } = {
  call: [
    offset('close', 180_000, 300_000),
    offset('clear', 300_000, 600_000),
    offset('pay', 780_000),
  ],
  'two-round': [offset('round1', 480_000), offset('round2', 600_000)],
  uniform: [offset('clear', 600_000)],
  // From the start of delivery.
  continuous: [offset('open', -86_400_000), offset('gate', -300_000)],
  neighbourhood: [offset('reveal', 60_000), offset('clear', 90_000)],
  // reveal, choose and match from `commit`; bidding round n begins (n - 1) x every later.
  reputation: [
    offset('commit', 60_000),
    offset('reveal', 180_000),
    offset('choose', 300_000, 480_000),
    offset('match', 420_000, 600_000),
    offset('every', 600_000, 900_000),
  ],
  // Periods before delivery; ms after the reading deadline.
  bilateral: [offset('review', 2), offset('ballots', 300_000)],
};

const edgeField = record('edge', { from: str(32), to: str(32) });
/** Two nodes of a trading graph (market-neighbourhood 1.3.1). */
export type TradingEdge = ValueOf<typeof edgeField>;

/** What one kind of value is in JSON and in memory. */
interface Kinds {
  /** true or false. */
  flag: boolean;
  /** One of some words. */
  word: string;
  /** A whole number in JSON that counts something. */
  count: number;
  /** A whole number of chain ms in JSON. */
  ms: bigint;
  /** A decimal text with at most six places, in ppm. */
  ratio: bigint;
  /** A decimal text in currency per kWh, as many places as prices have. */
  price: bigint;
  /** A decimal text in currency, three places more than prices. */
  money: bigint;
  /** A decimal text in kWh, in Wh. */
  energy: bigint;
  /** Pairs of texts: the edges of a graph. */
  edges: readonly TradingEdge[];
  /** A list of ids of markets. */
  names: readonly string[];
}
type Kind = keyof Kinds;
type Value<K extends Kind> = Kinds[K];

export interface Param<K extends Kind = Kind> {
  readonly kind: K;
  /** Name in files, with a dot where it stands in an object. */
  readonly file: string;
  /** Of every mechanism, or by mechanism; undefined: must be given. */
  readonly default: Value<K> | undefined;
  readonly byMechanism?: { readonly [M in Mechanism]?: Value<K> } | undefined;
  readonly min?: bigint | undefined;
  readonly max?: bigint | undefined;
  readonly words?: readonly string[] | undefined;
  /** Mechanisms that have it; absent: all. */
  readonly of?: readonly Mechanism[] | undefined;
  /** It stands among `modules` of the file. */
  readonly module?: boolean;
}

interface More<K extends Kind> {
  readonly min?: bigint;
  readonly max?: bigint;
  readonly words?: readonly string[];
  readonly of?: readonly Mechanism[];
  readonly by?: { readonly [M in Mechanism]?: Value<K> };
  readonly module?: boolean;
}

function param<K extends Kind>(
  kind: K,
  file: string,
  def: Value<K> | undefined,
  more: More<K> = {},
): Param<K> {
  const { by, ...rest } = more;
  return { kind, file, default: def, byMechanism: by, ...rest };
}

/** Energy is paid as delivered everywhere but in a call (settlement 4.1). */
const DELIVERED = CHAIN_MECHANISMS.filter((mechanism) => mechanism !== 'call');
const NEIGHBOURHOOD = ['neighbourhood'] as const;
const REPUTATION = ['reputation'] as const;
const DAY_MS = 86_400_000n;
const PPM = 1_000_000n;
/** Least time between settlement and receipt, chain ms (market-reputation 1.10). */
export const MIN_RECEIPT_MS = 1_200_000n;

/** Section 3 of parameters.md; the order is that of the canonical bytes. */
export const MARKET_PARAMS = {
  tick: param('price', 'tick', 1n, { min: 1n }),
  feedIn: param('price', 'feedIn', undefined),
  retail: param('price', 'retail', undefined, { max: 10n ** 12n }),
  bounds: param('flag', 'bounds', true),
  maxOrders: param('count', 'maxOrders', 10_000, { min: 1n, max: BigInt(MAX_ORDERS_PER_MARKET) }),
  minOrderWh: param('energy', 'minOrder', 10n),
  readingDeadlineMs: param('ms', 'readingDeadlineMs', 600_000n, {
    min: 4n,
    by: { neighbourhood: 240_000n },
  }),
  correctionDays: param('count', 'correctionDays', 30, { min: 1n, max: 400n }),
  payment: param('word', 'payment', 'delivered', {
    words: ['delivered', 'contract'],
    by: { call: 'contract' },
  }),
  allocation: param('word', 'allocation', 'fifo', {
    words: ['fifo', 'pro-rata'],
    of: DELIVERED,
    by: { neighbourhood: 'pro-rata' },
  }),
  // Modules (settlement 4.3).
  balancing: param('flag', 'balancing', true, { module: true }),
  reward: param('flag', 'reward', false, { module: true, by: { call: true } }),
  credit: param('flag', 'credit', true, {
    module: true,
    by: { call: false, neighbourhood: false, reputation: false },
  }),
  penalty: param('flag', 'penalty', true, {
    module: true,
    by: { call: false, neighbourhood: false, reputation: false },
  }),
  wheelingOn: param('flag', 'wheelingOn', false, {
    module: true,
    of: DELIVERED,
    by: { reputation: true },
  }),
  // A default counts in the credit although nothing is charged for it (settlement 4.3).
  creditOnly: param('flag', 'creditOnly', false, { of: ['call'] }),
  // Labels per clean kWh and certificates; grants (market-reputation 1.11, 1.12).
  certificates: param('flag', 'certificates', false, { module: true, by: { reputation: true } }),
  points: param('flag', 'points', false, { module: true, by: { reputation: true } }),
  grantRegistration: param('money', 'grants.registration', 0n, { max: 10n ** 15n }),
  grantCleanKwh: param('money', 'grants.cleanKwh', 0n, { max: 10n ** 15n }),
  grantVerification: param('money', 'grants.verification', 0n, { max: 10n ** 15n }),
  grantBlock: param('money', 'grants.block', 0n, { max: 10n ** 15n }),
  // Accuracy reward (market-call 13, 14).
  rewardFactorPpm: param('ratio', 'rewardFactor', 20_000n, { max: PPM }),
  greenFactorPpm: param('ratio', 'greenFactor', 1_080_000n, { max: 10n * PPM }),
  coefficientFloorPpm: param('ratio', 'coefficientFloor', -PPM, {
    min: -999_999n * PPM,
    max: 0n,
  }),
  // Credit and penalty (market-bilateral 5-10).
  k1Ppm: param('ratio', 'k1', 5n * PPM, { max: 1000n * PPM, of: DELIVERED }),
  k2Ppm: param('ratio', 'k2', 5n * PPM, { max: 1000n * PPM, of: DELIVERED }),
  gPpm: param('ratio', 'g', 3n * PPM, { max: 1000n * PPM, of: DELIVERED }),
  muPpm: param('ratio', 'mu', 800_000n, { max: PPM - 1n, of: DELIVERED }),
  compensationPeriods: param('count', 'c', 10, { min: 1n, max: 1000n }),
  deductionMax: param('count', 'iMax', 8, { min: 1n, max: 30n }),
  freeAtFullCredit: param('flag', 'freeAtFullCredit', true, { of: DELIVERED }),
  minVolumeWh: param('energy', 'minVolume', 1000n),
  suspendBelow: param('count', 'suspendBelow', 60, { max: 100n }),
  tolAbsWh: param('energy', 'tolAbs', 100n),
  tolRelPpm: param('ratio', 'tolRel', 20_000n, { max: PPM }),
  // Grid's fees per kWh (market-reputation 1.10).
  wheelingC1: param('price', 'wheeling.c1', 0n, { max: 10n ** 12n, of: DELIVERED }),
  wheelingC2: param('price', 'wheeling.c2', 0n, { max: 10n ** 12n, of: DELIVERED }),
  wheelingC3: param('price', 'wheeling.c3', 0n, { max: 10n ** 12n, of: DELIVERED }),
  // Round 2 (two-round 7, 8).
  mode: param('word', 'mode', 'repeat', { words: ['repeat', 'single'], of: ['two-round'] }),
  betaPpm: param('ratio', 'beta', 100_000n, { min: 1n, max: PPM - 1n, of: ['two-round'] }),
  maxSteps: param('count', 'maxSteps', 2, { min: 1n, max: 64n, of: ['two-round'] }),
  // Distributed double auction and internal price (market-neighbourhood 1.2-1.4, 1.7).
  rule: param('word', 'rule', 'mcafee_sbb', {
    words: ['mcafee_sbb', 'mcafee_grid', 'average', 'reduce'],
    of: NEIGHBOURHOOD,
  }),
  edges: param('edges', 'edges', [], { of: NEIGHBOURHOOD }),
  tokensPerDay: param('count', 'tokensPerDay', 864, { max: PPM, of: NEIGHBOURHOOD }),
  mismatchAtPpm: param('ratio', 'mismatchAt', 100_000n, { max: 100n * PPM, of: NEIGHBOURHOOD }),
  mismatchMinWh: param('energy', 'mismatchMin', 200n, { min: 1n, of: NEIGHBOURHOOD }),
  suspectAfter: param('count', 'suspectAfter', 10, { min: 1n, max: 100n, of: NEIGHBOURHOOD }),
  pricing: param('word', 'pricing', 'auction', {
    words: ['auction', 'internal'],
    of: NEIGHBOURHOOD,
  }),
  e1Wh: param('energy', 'e1', 1000n, { min: 1n, of: NEIGHBOURHOOD }),
  // Bidding rounds, reputation and lines (market-reputation 1.3-1.10).
  security: param('flag', 'security', false, {
    module: true,
    of: ['reputation', 'neighbourhood'],
    by: { reputation: true },
  }),
  biddingRounds: param('count', 'rounds', 3, { min: 1n, max: 20n, of: REPUTATION }),
  windowPeriods: param('count', 'window', 12, { min: 1n, max: 100n, of: REPUTATION }),
  graceUnmatched: param('count', 'graceUnmatched', 10_000, { max: PPM, of: REPUTATION }),
  graceUnsigned: param('count', 'graceUnsigned', 20_000, { max: PPM, of: REPUTATION }),
  cepDeals: param('count', 'cepN', 30, { min: 1n, max: 100n, of: REPUTATION }),
  cepBeta: param('word', 'cepBeta', '10/9', { of: REPUTATION }),
  cepAlarmPpm: param('ratio', 'cepAlarm', 200_000n, { max: 100n * PPM, of: REPUTATION }),
  flagAtPpm: param('ratio', 'flagAt', 900_000n, { max: PPM, of: REPUTATION }),
  cUp: param('price', 'cUp', 0n, { max: 10n ** 12n, of: REPUTATION }),
  cDown: param('price', 'cDown', 0n, { max: 10n ** 12n, of: REPUTATION }),
  rangeSides: param('word', 'rangeSides', 'both', { words: ['both', 'buyers'], of: REPUTATION }),
  receiptMs: param('ms', 'receiptMs', 1_800_000n, { min: 1n, max: DAY_MS, of: REPUTATION }),
  disputeMs: param('ms', 'disputeMs', DAY_MS, { min: 60_000n, max: 30n * DAY_MS, of: REPUTATION }),
  rankingReward: param('money', 'rankingReward', 0n, { max: 10n ** 15n, of: REPUTATION }),
  ratingMs: param('ms', 'ratingMs', 3_600_000n, { min: 1n, max: DAY_MS, of: REPUTATION }),
  // Negotiated contracts (market-bilateral L, V).
  fees: param('flag', 'fees', false, {
    module: true,
    of: ['bilateral'],
    by: { bilateral: true },
  }),
  handlingFee: param('money', 'handlingFee', 0n, { max: 10n ** 15n, of: ['bilateral'] }),
  beside: param('names', 'beside', [], { of: ['bilateral'] }),
  adjudicationMs: param('ms', 'adjudicationMs', DAY_MS, {
    min: 60_000n,
    max: 30n * DAY_MS,
    of: ['bilateral'],
  }),
} as const;

export type ParamName = keyof typeof MARKET_PARAMS;
export type MarketParams = {
  readonly [N in ParamName]: (typeof MARKET_PARAMS)[N] extends Param<infer K> ? Value<K> : never;
};
export const PARAM_NAMES = Object.keys(MARKET_PARAMS) as readonly ParamName[];

const FIELD_OF: { readonly [K in Kind]: Field<unknown> } = {
  flag: bool as Field<unknown>,
  word: str(32) as Field<unknown>,
  count: u32 as Field<unknown>,
  ms: u64 as Field<unknown>,
  ratio: i64 as Field<unknown>,
  price: u64 as Field<unknown>,
  money: u64 as Field<unknown>,
  energy: u64 as Field<unknown>,
  edges: list(edgeField, MAX_EDGES) as Field<unknown>,
  names: list(str(32), MAX_MARKETS) as Field<unknown>,
};

/** Every parameter, also those of other mechanisms: they then have their defaults. */
const marketParamsField = record(
  'market parameters',
  Object.fromEntries(PARAM_NAMES.map((name) => [name, FIELD_OF[MARKET_PARAMS[name].kind]])),
) as unknown as Field<MarketParams>;

export const marketField = record('market', {
  id: str(32),
  mechanism: oneOf(...CHAIN_MECHANISMS),
  periodMs: u64,
  /** ms, in the order of the mechanism's OFFSETS. */
  offsets: list(i64, 16),
  params: marketParamsField,
});
export type MarketConfig = ValueOf<typeof marketField>;

/** Length of a period where the file says nothing, chain ms. */
export const DEFAULT_PERIOD_MS: { readonly [M in Mechanism]: number } = {
  call: 900_000,
  'two-round': 900_000,
  uniform: 900_000,
  continuous: 900_000,
  neighbourhood: 300_000,
  reputation: 3_600_000,
  bilateral: 900_000,
};

export const hasParam = (mechanism: Mechanism, name: ParamName): boolean => {
  const { of } = MARKET_PARAMS[name] as Param;
  return of === undefined || of.includes(mechanism);
};

/** The default of a parameter, or undefined where it must be given. */
export function defaultOf(mechanism: Mechanism, name: ParamName): Value<Kind> | undefined {
  const { byMechanism, default: def } = MARKET_PARAMS[name] as Param;
  return byMechanism?.[mechanism] ?? def;
}

/** Sum of the grid's fees per kWh where they are on (P_T of market-reputation 1.10). */
export const wheelingOf = ({ params }: MarketConfig): bigint =>
  params.wheelingOn ? params.wheelingC1 + params.wheelingC2 + params.wheelingC3 : 0n;

const outside = (name: string, why: string): never => {
  throw new ProtocolError('PARAM_RANGE', `${name}: ${why}`, { name });
};

/** Mechanisms that number and hold their contracts themselves. */
const OWN_CONTRACTS: readonly Mechanism[] = ['neighbourhood', 'reputation'];

/** What a bilateral market may name in `beside` (settlement 1.5). */
export function checkBeside(markets: readonly MarketConfig[]): void {
  for (const { id, periodMs, params } of markets) {
    for (const name of params.beside) {
      const other = markets.find((market) => market.id === name && name !== id);
      if (other === undefined) return outside('beside', `no other market ${name}`);
      if (other.params.payment !== 'delivered') outside('beside', `${name} pays by contract`);
      if (other.mechanism === 'bilateral') outside('beside', `${name} is bilateral itself`);
      // Their settlement counts contracts from 0, and would take the place of a negotiated one.
      if (OWN_CONTRACTS.includes(other.mechanism))
        outside('beside', `${name} has contracts of its own`);
      if (other.periodMs !== periodMs) outside('beside', `${name} has other periods`);
    }
  }
}

/** Checks a market; throws PARAM_RANGE with the name that files use. */
export function checkMarket(market: MarketConfig): void {
  const { id, params, periodMs } = market;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(id)) outside('id', 'wants a-z, 0-9, -');
  if (periodMs < 60_000n || periodMs > DAY_MS) outside('periodMs', 'one minute to one day');
  checkOffsets(market);
  for (const name of PARAM_NAMES) {
    const { file, min, max, words } = MARKET_PARAMS[name] as Param;
    const value = params[name];
    if (typeof value === 'string' && words?.includes(value) === false)
      outside(file, `one of ${words.join(', ')}`);
    if (typeof value !== 'bigint' && typeof value !== 'number') continue;
    if ((min !== undefined && value < min) || (max !== undefined && value > max))
      outside(file, `outside ${min ?? ''}..${max ?? ''}`);
  }
  if (params.feedIn > params.retail) outside('feedIn', 'above retail');
  if (!/^10*$/.test(params.tick.toString())) outside('tick', 'not a power of ten');
  if (params.readingDeadlineMs > periodMs) outside('readingDeadlineMs', 'within one period');
  checkModules(market);
  if (market.mechanism === 'reputation') checkDisputes(market);
}

function checkOffsets(market: MarketConfig): void {
  const { mechanism, offsets, periodMs } = market;
  if (offsets.length !== OFFSETS[mechanism].length) outside('offsets', 'one for each phase');
  if (mechanism === 'reputation') return checkBiddingRounds(market);
  const rising = offsets.every((at, i) => i === 0 || at > (offsets[i - 1] as bigint));
  if (!rising) outside('offsets', 'must be increasing');
  const [first, last] = [offsets[0] as bigint, offsets.at(-1) as bigint];
  if (mechanism === 'bilateral') {
    if (first < 1n || first > 96n) outside('offsets.review', '1..96 periods before delivery');
    if (last > DAY_MS) outside('offsets.ballots', 'within a day of the reading deadline');
    return;
  }
  if (mechanism === 'continuous') {
    if (first < -30n * DAY_MS || last > 0n) outside('offsets', 'before the start of delivery');
    return;
  }
  if (first <= 0n || last >= periodMs) outside('offsets', 'must be inside the period');
  const [close, clear] = offsets;
  const hasReveal = mechanism === 'call' || mechanism === 'neighbourhood';
  if (hasReveal && (clear as bigint) - (close as bigint) < 4n)
    outside('offsets', 'no room to reveal');
}

/** Phases of one bidding round in order, and all bidding rounds inside the period. */
function checkBiddingRounds({ offsets, params, periodMs }: MarketConfig): void {
  const [commit, reveal, choose, match, every] = offsets as readonly [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const isRising = 0n <= commit && 0n < reveal && choose < match;
  // A quarter of the reveal and of the signing tells an outage (consensus 5a.6).
  if (!isRising || choose - reveal < 4n || every - match < 4n)
    outside('offsets', 'must be increasing, with room to reveal and to sign');
  if (commit + BigInt(params.biddingRounds) * every >= periodMs)
    outside('offsets', 'all bidding rounds must be inside the period');
  const [num = '', den = ''] = params.cepBeta.split('/');
  const isCount = (text: string): boolean => /^[1-9][0-9]{0,3}$/.test(text);
  if (!isCount(num) || !isCount(den)) outside('cepBeta', 'a quotient of whole numbers, "10/9"');
  if (params.cDown > params.cUp) outside('cDown', 'above cUp');
  // A seller's lock is energy x retail: with bounds off a pair could be dearer.
  if (params.penalty && !params.bounds) outside('bounds', 'needed where penalty is on');
}

/** Corrections wait for disputes, and what they read stays for correctionDays (settlement 3.5). */
function checkDisputes({ params }: MarketConfig): void {
  const settled = params.readingDeadlineMs + MIN_RECEIPT_MS;
  const receipt = params.receiptMs > settled ? params.receiptMs : settled;
  if (receipt + params.disputeMs > BigInt(params.correctionDays) * DAY_MS)
    outside('disputeMs', 'with the receipt, within correctionDays after delivery');
}

function checkModules({ mechanism, params }: MarketConfig): void {
  // Without balancing nobody would pay the grid for what a home used.
  if (!params.balancing) outside('balancing', 'cannot be switched off');
  if (mechanism === 'call') {
    if (params.payment !== 'contract') outside('payment', 'only "contract" in a market of call');
    // A shortfall would be charged twice (settlement 4.3).
    for (const name of ['credit', 'penalty'] as const)
      if (params[name]) outside(name, 'has no meaning where payment is "contract"');
    return;
  }
  if (params.payment !== 'delivered') outside('payment', 'only "delivered" in this market');
  if (params.penalty && !params.credit) outside('penalty', 'wants the module credit');
  // A seller's lock covers a penalty at the highest price it can trade at (settlement 2.4).
  if (params.penalty && !params.bounds) outside('penalty', 'wants prices within bounds');
  // Pairs of an auction are checked; the game has one price for all of them at once.
  if (params.pricing === 'internal' && params.security)
    outside('security', 'not where pricing is "internal"');
  const steps = (params.retail - params.feedIn) / params.tick;
  if (params.pricing === 'internal' && steps > MAX_PRICE_STEPS)
    outside('tick', `more than ${MAX_PRICE_STEPS} prices for the game to try`);
}
