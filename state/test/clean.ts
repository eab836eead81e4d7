// A chain whose homes trade clean energy in one market with certificates and grants, every block
// audited. Connections of 4 MW: 1,000 kWh in a period of 15 minutes.
import assert from 'node:assert/strict';
import type { ChainMs, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { AccountId } from '../../core/src/ids.js';
import type { Side, Tx } from '../../core/src/tx.js';
import {
  CERTIFICATES,
  CLEAN_PAIRS,
  LABEL_METERS,
  LABELS,
  ORIGINS,
  OWED,
  type QueueName,
  type Range,
} from '../src/certificates/tables.js';
import { SETTLING } from '../src/schema.js';
import type { Built } from '../src/transition.js';
import { Audit } from './audit.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { assertRefused } from './refused.js';
import { readingOf } from './trade.js';

export interface CleanOptions {
  readonly mechanism?: string;
  /** Names; those of `green` feed in clean energy. */
  readonly homes?: readonly string[];
  readonly green?: readonly string[];
  readonly params?: object;
  readonly modules?: object;
  readonly consensus?: object;
  /** pool:grants, currency. */
  readonly grants?: string;
}

export const HOMES = ['sun', 'shade', 'roof', 'coal'];
const GREEN = ['sun', 'roof'];

export function cleanGenesis(o: CleanOptions = {}): object {
  const { homes = HOMES, green = GREEN, mechanism = 'uniform', grants = '0' } = o;
  const modules = { certificates: true, ...o.modules };
  const accounts = homes.map((name, i) => ({
    publicKey: toHex(person(name).key),
    balance: '1000000',
    pMaxImport: '4000',
    pMaxExport: '4000',
    green: green.includes(name),
    meter: {
      number: String(i).padStart(12, '0'),
      publicKey: toHex(person(`${name} meter`).key),
      market: 'spot',
    },
  }));
  const params = { feedIn: '0.08', retail: '0.30', ...o.params };
  const markets = [{ id: 'spot', mechanism, params, modules }];
  const { consensus } = o;
  return testGenesis(homes, {
    accounts,
    markets,
    pools: { reward: '100', grants },
    ...(consensus && { consensus }),
  });
}

interface Deal {
  readonly seller: string;
  readonly buyer: string;
  readonly wh: bigint;
}
/** What each meter counts in a period, Wh: [import, export]. */
export type Counted = Readonly<Record<string, readonly [bigint, bigint]>>;

/** Something that makes blocks of a test chain, such as a node. */
export interface Blocks {
  readonly test: TestChain;
  block(timeMs: bigint, txs: readonly Tx[]): Built;
}

export class CleanRun {
  readonly chain: TestChain;
  readonly homes: readonly string[];
  readonly #audit: Audit;
  readonly #registers = new Map<string, { imp: bigint; exp: bigint }>();

  readonly #on: Blocks;

  /** `on`: where blocks are made, by default a chain of its own. */
  constructor(options: CleanOptions = {}, on?: Blocks) {
    this.homes = options.homes ?? HOMES;
    const test = on?.test ?? new TestChain(cleanGenesis(options), QUICK);
    this.chain = test;
    this.#on = on ?? { test, block: (timeMs, txs) => test.block(timeMs, txs) };
    this.#audit = new Audit(this.chain);
  }

  block(timeMs: bigint, txs: readonly Tx[] = []): Built {
    const built = this.#on.block(timeMs, txs);
    assert.deepEqual(
      built.refused.map(({ tx, code }) => `${tx.kind} ${code}`),
      [],
    );
    assert.ok(built.txs.length >= txs.length, 'no step was left over');
    this.#audit.check(built);
    return built;
  }

  get nowMs(): bigint {
    return this.chain.at.parent.timeMs;
  }

  now(...txs: readonly Tx[]): Built {
    return this.block(this.nowMs + 1n, txs);
  }

  refuses(code: ErrorCode, tx: Tx): void {
    assertRefused(this.chain, { timeMs: this.nowMs + 1n, tx, code });
  }

  id(who: string): AccountId {
    return this.chain.id(person(who));
  }

  available(who: string): bigint {
    return this.chain.balance(person(who)).available;
  }

  get pool(): bigint {
    return this.chain.balance(this.chain.at.chain.system.grants).available;
  }

  order(who: string, side: Side, of: { period: bigint; wh: bigint }): Tx {
    return this.chain.tx(person(who), 'order', {
      market: 'spot',
      period: of.period as PeriodIndex,
      side,
      energyWh: of.wh as WattHour,
      price: 200n as Price,
      type: '',
      reserve: undefined,
      right: undefined,
    });
  }

  /** Orders for a period, in the one before it, all at 0.200; and the registers as it begins. */
  trade(period: bigint, deals: readonly Deal[]): void {
    const sums = new Map<string, readonly [Side, bigint]>();
    for (const { seller, buyer, wh } of deals) {
      sums.set(seller, ['sell', (sums.get(seller)?.[1] ?? 0n) + wh]);
      sums.set(buyer, ['buy', (sums.get(buyer)?.[1] ?? 0n) + wh]);
    }
    this.bid(period, sums);
  }

  /** Side and energy of each home that bids. */
  bid(period: bigint, bids: ReadonlyMap<string, readonly [Side, bigint]>): void {
    const opens = (period - 1n) * PERIOD;
    const txs = [...bids].map(([who, [side, wh]]) => this.order(who, side, { period, wh }));
    assert.ok(this.nowMs < opens + 60_000n, 'the period still takes orders');
    this.block(opens + 60_000n, txs);
    this.block(opens + 600_000n);
    this.#begin(period);
  }

  #begun = -1n;
  #begin(period: bigint): void {
    if (this.#begun === period) return;
    this.#begun = period;
    this.#read(period * PERIOD, {});
  }

  /** Readings at the end of a period, and its settlement. */
  deliver(period: bigint, counted: Counted): Built {
    this.#begin(period);
    this.#begun = period + 1n;
    return this.#read((period + 1n) * PERIOD, counted);
  }

  /** Readings at an end of a period, and the blocks that settle what ended there. */
  #read(end: bigint, counted: Counted): Built {
    const txs = this.homes.map((home) => {
      const [imp, exp] = counted[home] ?? [0n, 0n];
      const before = this.#registers.get(home) ?? { imp: 0n, exp: 0n };
      const next = { imp: before.imp + imp, exp: before.exp + exp };
      this.#registers.set(home, next);
      return readingOf(this.chain, home, { end, ...next });
    });
    this.block(end + 1000n, txs);
    this.block(end + 300_000n);
    const settled = this.block(end + 600_000n);
    this.#finish();
    return settled;
  }

  /** Blocks that a settlement took beside the first. */
  more = 0;
  #finish(): void {
    for (; this.chain.world().entries(SETTLING).length > 0; this.more++) this.now();
  }

  /** The newest registers of a home were wrong by so much; settled again in the next block. */
  correct(home: string, period: bigint, by: { imp?: bigint; exp?: bigint }): void {
    const before = this.#registers.get(home) ?? { imp: 0n, exp: 0n };
    const next = { imp: before.imp + (by.imp ?? 0n), exp: before.exp + (by.exp ?? 0n) };
    this.#registers.set(home, next);
    const body = {
      market: 'spot',
      meter: this.chain.id(person(`${home} meter`)),
      endMs: ((period + 1n) * PERIOD) as ChainMs,
      importWh: next.imp as WattHour,
      exportWh: next.exp as WattHour,
      reason: 'meter exchanged',
    };
    this.now(this.chain.tx(person('centre'), 'correct', body));
    this.now();
  }

  /** Labels of a queue as "meter period from-to", oldest first. */
  labels(who: string, queue: QueueName): readonly string[] {
    return this.chain
      .world()
      .entries(LABELS)
      .filter(({ key }) => key.queue === queue && toHex(key.account) === toHex(this.id(who)))
      .flatMap(({ value }) => value.ranges.map(this.show));
  }

  show = ({ meter, period, from, to }: Range): string => {
    const home = this.homes.find(
      (name) => toHex(this.chain.id(person(`${name} meter`))) === toHex(meter),
    );
    return `${home} ${period} ${from}-${to}`;
  };

  meter(who: string): { openWh: bigint; minted: bigint } | undefined {
    return this.chain.world().get(LABEL_METERS, this.chain.id(person(`${who} meter`)));
  }

  openWh(seller: string, buyer: string): bigint {
    const key = { market: 'spot', seller: this.id(seller), buyer: this.id(buyer) };
    return this.chain.world().get(CLEAN_PAIRS, key)?.openWh ?? 0n;
  }

  owed(): readonly bigint[] {
    return this.chain
      .world()
      .entries(OWED)
      .map(({ value }) => value.count);
  }

  certificate(serial: bigint) {
    const world = this.chain.world();
    const found = world.get(CERTIFICATES, serial);
    const ranges = world.get(ORIGINS, serial)?.ranges.map(this.show);
    return found && { ...found, ranges };
  }

  transfer(from: string, serial: bigint, to: AccountId, market = ''): Tx {
    return this.chain.tx(person(from), 'transferCertificate', { market, serial, to });
  }

  retire(who: string, serial: bigint, market = ''): Tx {
    return this.chain.tx(person(who), 'retireCertificate', { market, serial });
  }
}
