// A chain with one neighbourhood market: homes along a street of nodes N1-N2-N3-N4-N5, intervals of
// five minutes, connections of 100 kW (8333 Wh in an interval), tariffs 0.4 and 0.8.
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { BodyOf, Side, Tx } from '../../core/src/tx.js';
import { contractId } from '../src/markets/neighbourhood/contracts.js';
import type { Built } from '../src/transition.js';
import { Audit } from './audit.js';
import { type Person, person, QUICK, TestChain, testGenesis } from './harness.js';
import { readingOf } from './trade.js';

export const INTERVAL = 300_000n;
/** 8333 Wh x 0.4. */
export const BOND = 8333n * 400n;
export const RICH = 100_000_000n;
const PMAX = '100';

const EDGES = [
  ['N1', 'N2'],
  ['N2', 'N3'],
  ['N3', 'N4'],
  ['N4', 'N5'],
];

export interface StreetOptions {
  /** Name and node of each home. */
  readonly homes: readonly (readonly [string, string])[];
  readonly params?: object;
  readonly modules?: object;
}

export function streetGenesis({ homes, params = {}, modules = {} }: StreetOptions): object {
  return testGenesis([], {
    accounts: homes.map(([name, node], i) => ({
      publicKey: toHex(person(name).key),
      balance: '100',
      pMaxImport: PMAX,
      pMaxExport: PMAX,
      green: i % 2 === 0,
      node,
      meter: {
        number: String(i).padStart(12, '0'),
        publicKey: toHex(person(`${name} meter`).key),
        market: 'street',
      },
    })),
    markets: [
      {
        id: 'street',
        mechanism: 'neighbourhood',
        params: { feedIn: '0.4', retail: '0.8', edges: EDGES, ...params },
        modules,
      },
    ],
  });
}

export interface Request {
  readonly who: string;
  readonly side: Side;
  readonly wh: bigint;
  readonly price: bigint;
  readonly period?: bigint;
  readonly activate?: boolean;
}

const NONCE = new Uint8Array(16).fill(9);

/** Chain of a street; every block is audited from its receipts. */
export class Street {
  readonly chain: TestChain;
  readonly #audit: Audit;

  constructor(options: StreetOptions, chain = new TestChain(streetGenesis(options), QUICK)) {
    this.chain = chain;
    this.#audit = new Audit(this.chain);
  }

  /** Offset in the interval before delivery period `period`, as chain time. */
  static at(period: bigint, seconds: number): bigint {
    return (period - 1n) * INTERVAL + BigInt(seconds) * 1000n;
  }

  block(timeMs: bigint, txs: readonly Tx[] = []): Built {
    const built = this.chain.block(timeMs, txs);
    this.#audit.check(built);
    return built;
  }

  seal(r: Request): Tx {
    const { who, side, wh, price, period = 1n } = r;
    const common = { market: 'street', period: period as PeriodIndex, biddingRound: 1 };
    const { chainId } = this.chain.at.chain;
    const hash = sealedBidHash({
      ...{ ...common, side, chainId, nonce: NONCE, account: this.chain.id(person(who)) },
      energyWh: wh as WattHour,
      price: price as Price,
    });
    const sealed = { ...common, hash, side: undefined, energyWh: undefined };
    return this.chain.tx(person(who), 'sealBid', sealed);
  }

  reveal(r: Request, change: Partial<BodyOf<'revealBid'>> = {}): Tx {
    const { who, side, wh, price, period = 1n, activate = false } = r;
    return this.chain.tx(person(who), 'revealBid', {
      ...{ market: 'street', period: period as PeriodIndex, biddingRound: 1, side, nonce: NONCE },
      ...{ energyWh: wh as WattHour, price: price as Price, activate },
      ...change,
    });
  }

  /** Seals at 10 s, opens at 70 s, clears at 90 s. */
  trade(requests: readonly Request[], period = 1n): Built {
    const of = requests.map((r) => ({ ...r, period }));
    this.block(
      Street.at(period, 10),
      of.map((r) => this.seal(r)),
    );
    this.block(Street.at(period, 60));
    this.block(
      Street.at(period, 70),
      of.map((r) => this.reveal(r)),
    );
    return this.block(Street.at(period, 90));
  }

  contract(number: number, period = 1n): Hash {
    const key = { market: 'street', period: period as PeriodIndex };
    return contractId(this.chain.at.chain, key, BigInt(number));
  }

  activate(who: string, contracts: readonly number[], period = 1n): Tx {
    return this.chain.tx(person(who), 'activate', {
      market: 'street',
      period: period as PeriodIndex,
      contracts: contracts.map((number) => this.contract(number, period)),
    });
  }

  forecast(who: string, netWh: bigint, period = 1n): Tx {
    const body = { market: 'street', period: period as PeriodIndex, netWh };
    return this.chain.tx(person(who), 'forecast', body);
  }

  /** Registers at the end of a period, cumulative. */
  reading(who: string, period: bigint, of: { imp?: bigint; exp?: bigint } = {}): Tx {
    const end = (period + 1n) * INTERVAL;
    const { imp = 0n, exp = 0n } = of;
    return readingOf(this.chain, who, { end, imp, exp, sequence: end / INTERVAL });
  }

  available(who: string | Person): bigint {
    return this.chain.balance(typeof who === 'string' ? person(who) : who).available;
  }

  locked(who: string): bigint {
    return this.chain.balance(person(who)).locked;
  }
}
