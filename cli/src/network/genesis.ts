// The genesis file of a local network (interfaces.md "A network to script against", parameters.md
// sections 1, 2 and 4 "Demo"). Makes JSON only; readGenesis of state decides whether it is good.
import { present } from '../../../core/src/assert.js';
import { toHex } from '../../../core/src/bytes.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { PublicKey } from '../../../core/src/ids.js';
import {
  CHAIN_MECHANISMS,
  DEFAULT_PERIOD_MS,
  type Mechanism,
  OFFSETS,
} from '../../../core/src/markets.js';

/** Quick blocks, since the clock is quick too; all wall ms. */
export const DEMO_CONSENSUS = {
  minBlockMs: 100,
  maxIdleMs: 2000,
  proposeTimeoutMs: 400,
  voteTimeoutMs: 200,
  driftMs: 300,
} as const;

export const MARKET_ID = 'spot';

/** kW, both ways. */
export const CONNECTION_KW = 17;
/** Wh that such a connection carries in a period. */
export const connectionWh = (periodMs: number): bigint =>
  BigInt(Math.floor((CONNECTION_KW * 1000 * periodMs) / 3_600_000));

/** Length of a period in the market of a local network, chain ms. */
export const periodMsOf = (market: string | undefined): number =>
  DEFAULT_PERIOD_MS[mechanismOf(market)];

/** Before the first delivery trading begins so long, chain ms: contracts are listed, reviewed. */
export const leadMsOf = (market: string | undefined): number =>
  periodMsOf(market) * (mechanismOf(market) === 'bilateral' ? BILATERAL_LEAD : 1);

/** Periods from the first listing of a delivery to its beginning. */
export const BILATERAL_LEAD = 2 + present(OFFSETS.bilateral[0], 'the length of a review').demo;

export interface GenesisHome {
  readonly publicKey: PublicKey;
  readonly green: boolean;
  readonly meterNumber: string;
  readonly meterPublicKey: PublicKey;
}

export interface GenesisPeer {
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly address: string;
}

export interface GenesisOptions {
  readonly name: string;
  readonly mechanism: string;
  readonly rate: number;
  /** UTC ms at which chain time is `chainStartMs`. */
  readonly wallStartMs: number;
  /** Start of a period, chain ms. */
  readonly chainStartMs: number;
  /** Decimal currency per kWh. */
  readonly retail: string;
  readonly feedIn: string;
  /** kWh; undefined: the default of the market. */
  readonly minOrder?: string | undefined;
  readonly currency: string;
  /** The first is the primary. */
  readonly centres: readonly GenesisPeer[];
  readonly validators: readonly GenesisPeer[];
  readonly grid: PublicKey;
  readonly homes: readonly GenesisHome[];
}

/** The file as a JSON value. Throws NOT_SUPPORTED for a market that cannot be run this way yet. */
export function makeGenesis(options: GenesisOptions): object {
  const { name, rate, wallStartMs, chainStartMs, centres, validators, homes, grid } = options;
  return {
    format: 1,
    name,
    demo: true,
    time: chainStartMs,
    clock: { wallStartMs, chainStartMs, rate },
    money: { currency: options.currency, priceDecimals: 3 },
    consensus: DEMO_CONSENSUS,
    centres: centres.map((c) => ({ name: c.name, publicKey: toHex(c.publicKey) })),
    validators: validators.map((v) => ({
      name: v.name,
      organisation: v.name,
      publicKey: toHex(v.publicKey),
    })),
    grid: { publicKey: toHex(grid) },
    peers: [...centres, ...validators].map((p) => ({
      publicKey: toHex(p.publicKey),
      address: p.address,
    })),
    ...(options.mechanism === 'reputation' && { feeder: feederOf(homes.length) }),
    accounts: homes.map((home, i) => accountOf(home, options, i)),
    pools: { reward: '100' },
    markets: [marketOf(options)],
  };
}

const STREETS = ['east', 'west'] as const;

/** A line to each street, of which each carries whatever all homes together can. */
const feederOf = (homes: number): object => ({
  nodes: ['grid', ...STREETS],
  lines: STREETS.map((street) => ({
    id: `to-${street}`,
    from: 'grid',
    to: street,
    capacity: String(CONNECTION_KW * homes),
  })),
});

const accountOf = (home: GenesisHome, { mechanism }: GenesisOptions, index: number): object => ({
  publicKey: toHex(home.publicKey),
  role: 'prosumer',
  balance: '100',
  pMaxImport: String(CONNECTION_KW),
  pMaxExport: String(CONNECTION_KW),
  green: home.green,
  ...(mechanism === 'reputation' && { node: STREETS[index % STREETS.length] }),
  meter: {
    number: home.meterNumber,
    publicKey: toHex(home.meterPublicKey),
    market: MARKET_ID,
    import: '0',
    export: '0',
  },
});

/** Throws NOT_SUPPORTED for a market that cannot be run this way yet. */
export function mechanismOf(name = 'call'): Mechanism {
  const known = CHAIN_MECHANISMS.find((mechanism) => mechanism === name);
  if (known !== undefined) return known;
  throw new ProtocolError('NOT_SUPPORTED', `${name} is not in this version`, { mechanism: name });
}

function marketOf({ mechanism, retail, feedIn, minOrder }: GenesisOptions): object {
  // The Demo offsets of parameters 4.
  const offsets = Object.fromEntries(
    OFFSETS[mechanismOf(mechanism)].map(({ name, demo }) => [name, demo]),
  );
  return {
    id: MARKET_ID,
    mechanism,
    periodMs: periodMsOf(mechanism),
    offsets,
    params: { retail, feedIn, ...(minOrder !== undefined && { minOrder }) },
  };
}
