// The chain's state machine, without consensus, against the naive model on random operations:
// issues, redemptions, transfers, orders, cancellations, clearing, readings, settlement,
// suspension and readmission, in one market of uniform with credit, penalties, rewards and
// wheeling. What clears is told to the model; balances, locks, arrears and credit have to be the
// same after every period.
import assert from 'node:assert/strict';
import type { PeriodIndex } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import type { BodyOf, Side, Tx } from '../../core/src/tx.js';
import { createPrng, type Prng } from '../../sim/src/prng.js';
import { ACCOUNTS, BALANCES, CREDITS, periodGroup, TRADES } from '../../state/src/schema.js';
import {
  PERIOD,
  type Person,
  person,
  QUICK,
  TestChain,
  testGenesis,
} from '../../state/test/harness.js';
import { assertRestores } from '../../state/test/audit.js';
import { readingOf } from '../../state/test/trade.js';
import { NaiveChain, type Operation } from './model.js';
import type { Rules } from './period.js';

const HOMES = Array.from({ length: 24 }, (_, i) => `h${i + 1}`);
const MARKET = 'spot';
const FEED_IN = 80n;
const RETAIL = 300n;
const WHEELING = 7n;
const START = '3';
/** Of rewards: short after a while, and then filled by fines alone. */
const POOL = '1';
const MOST_WH = 4250;

const RULES: Rules = {
  payment: 'delivered',
  allocation: 'fifo',
  feedIn: FEED_IN,
  retail: RETAIL,
  balancing: true,
  reward: true,
  b: 20_000n,
  G: 1_080_000n,
  tolAbs: 100n,
  tolRel: 20_000n,
  wheeling: WHEELING,
  handling: 0n,
  credit: { c: 3, iMax: 8, minVolume: 1000n, suspendBelow: 95 },
  penalty: {
    k1: 5_000_000n,
    k2: 5_000_000n,
    g: 3_000_000n,
    mu: 800_000n,
    freeAtFull: true,
    pooled: false,
  },
};

function genesisOf(): object {
  const base = testGenesis(HOMES) as { accounts: object[] };
  const params = {
    feedIn: '0.08',
    retail: '0.30',
    c: 3,
    suspendBelow: 95,
    wheeling: { c1: '0.004', c2: '0.002', c3: '0.001' },
  };
  return {
    ...base,
    accounts: base.accounts.map((account) => ({ ...account, balance: START })),
    pools: { reward: POOL },
    consensus: { readmitAfterPeriods: 3 },
    markets: [
      { id: MARKET, mechanism: 'uniform', params, modules: { wheelingOn: true, reward: true } },
    ],
  };
}

interface Live {
  readonly who: string;
  readonly tx: Tx;
}

/** What a run has seen. */
export interface Versus {
  readonly operations: number;
  readonly periods: number;
  readonly refused: number;
  readonly trades: number;
  readonly suspensions: number;
}

/** The first disagreement throws, with the period and the seed in its message. */
export class Town {
  readonly #chain = new TestChain(genesisOf(), QUICK);
  readonly #model: NaiveChain;
  readonly #prng: Prng;
  readonly #ids = new Map<string, string>();
  readonly #registers = new Map(HOMES.map((home) => [home, { imp: 0n, exp: 0n }]));
  /** Registers by home and period that ended. */
  readonly #sent = new Map<string, { readonly imp: bigint; readonly exp: bigint }>();
  /** What the model's orders wanted when a period was cleared, by period and account. */
  readonly #declared = new Map<string, bigint>();
  /** Orders of the period that is traded. */
  #live: Live[] = [];
  #since = 0;
  readonly #counts = { operations: 0, periods: 0, refused: 0, trades: 0, suspensions: 0 };

  constructor(seed: number) {
    this.#prng = createPrng(seed);
    for (const home of HOMES) this.#ids.set(home, toHex(this.#chain.id(person(home))));
    this.#ids.set('grid', 'grid');
    const balance = BigInt(START) * 1_000_000n;
    this.#model = new NaiveChain({
      // As in the test genesis, every second home is green.
      accounts: HOMES.map((home, i) => ({ id: this.#id(home), balance, green: i % 2 === 0 })),
      poolReward: BigInt(POOL) * 1_000_000n,
      gridLimit: 4_611_686_018_427_387_904n,
      markets: { [MARKET]: RULES },
    });
  }

  get counts(): Versus {
    return this.#counts;
  }

  /** One trading period: readings, operations, the settlement before, the clearing. */
  period(): void {
    const index = BigInt(this.#counts.periods);
    const from = index * PERIOD;
    this.#live = [];
    this.#block(from + 1n, this.#readings(index));
    for (let part = 1n; part <= 4n; part++) this.#operations(index + 1n, from + part * 60_000n);
    this.#block(from + 300_000n, []);
    this.#operations(index + 1n, from + 360_000n);
    // Settle comes before clear: it is of an earlier period.
    this.#block(from + 600_000n, []);
    if (index >= 2n) this.#settleModel(index - 1n);
    this.#clearModel(index + 1n);
    this.#readmit(from + 700_000n);
    this.#counts.periods++;
    this.#compare();
  }

  #id(home: string): string {
    return this.#ids.get(home) as string;
  }

  /** A block at a time; the places of what was refused. */
  #block(timeMs: bigint, txs: readonly Tx[]): ReadonlySet<Tx> {
    const { refused } = this.#chain.block(timeMs, txs);
    return new Set(refused.map(({ tx }) => tx));
  }

  /** Registers at the end of period `index` - 1: what homes sold and bought, more or less. */
  #readings(index: bigint): readonly Tx[] {
    if (index === 0n) return [];
    return HOMES.map((home) => {
      const at = this.#registers.get(home) as { imp: bigint; exp: bigint };
      const sold = this.#energyOf(home, index - 1n, 'seller');
      const bought = this.#energyOf(home, index - 1n, 'buyer');
      // Of the first period only the registers at its end are wanted: they start the second.
      if (index > 1n) {
        at.exp += this.#near(sold);
        at.imp += this.#near(bought);
      }
      this.#counts.operations++;
      this.#sent.set(`${home}/${index}`, { ...at });
      return readingOf(this.#chain, home, { end: index * PERIOD, imp: at.imp, exp: at.exp });
    });
  }

  /** Mostly what was traded, sometimes less, sometimes more. */
  #near(wh: bigint): bigint {
    const roll = this.#prng.below(10);
    if (roll < 6) return wh;
    if (roll < 8) return (wh * BigInt(this.#prng.below(100))) / 100n;
    const more = wh + BigInt(this.#prng.below(800));
    return more < BigInt(MOST_WH) ? more : wh;
  }

  #tradesOf(period: bigint) {
    const key = { market: MARKET, period: period as PeriodIndex };
    return this.#chain.world().entries(TRADES, periodGroup(key));
  }

  #energyOf(home: string, period: bigint, side: 'seller' | 'buyer'): bigint {
    return this.#tradesOf(period)
      .filter(({ value }) => toHex(value[side]) === this.#id(home))
      .reduce((sum, { value }) => sum + value.energyWh, 0n);
  }

  #operations(period: bigint, timeMs: bigint): void {
    const both = Array.from({ length: 1 + this.#prng.below(60) }, () => this.#operation(period));
    const made = both.filter((one) => one !== undefined);
    const refused = this.#block(
      timeMs,
      made.map(({ tx }) => tx),
    );
    for (const { tx, op } of made) {
      const said = this.#model.apply(op);
      const taken = !refused.has(tx);
      this.#counts.operations++;
      if (!taken) this.#counts.refused++;
      assert.equal(taken, said === 'ok', `${JSON.stringify(op, text)}: the model says ${said}`);
      if (!taken) this.#live = this.#live.filter((live) => live.tx !== tx);
    }
  }

  #operation(period: bigint): { tx: Tx; op: Operation } | undefined {
    const home = HOMES[this.#prng.below(HOMES.length)] as string;
    const who = person(home);
    const account = this.#id(home);
    const roll = this.#prng.below(20);
    if (roll < 11) return this.#order(who, account, period);
    if (roll < 13) return this.#cancel(who, account, period);
    const amount = BigInt(1 + this.#prng.below(3_000_000));
    if (roll < 15) return this.#centre('issue', home, amount);
    if (roll < 16) return this.#centre('redeem', home, amount);
    const to = HOMES[this.#prng.below(HOMES.length)] as string;
    if (to === home || this.#model.suspended.has(account)) return undefined;
    const body = { market: '', to: this.#chain.id(person(to)), amount, memo: new Uint8Array(0) };
    const tx = this.#tx(who, 'transfer', body as BodyOf<'transfer'>);
    return { tx, op: { kind: 'transfer', from: account, to: this.#id(to), amount } };
  }

  #tx<K extends Tx['kind']>(who: Person, kind: K, body: BodyOf<K>): Tx {
    return this.#chain.tx(who, kind, body);
  }

  #order(who: Person, account: string, period: bigint): { tx: Tx; op: Operation } | undefined {
    if (this.#live.some((live) => live.who === account)) return undefined;
    const side: Side = this.#prng.below(2) === 0 ? 'sell' : 'buy';
    const wh = BigInt(100 + this.#prng.below(MOST_WH - 100));
    const price = FEED_IN + BigInt(this.#prng.below(Number(RETAIL - FEED_IN) + 1));
    const tx = this.#tx(who, 'order', {
      market: MARKET,
      period: period as PeriodIndex,
      side,
      energyWh: wh,
      price,
      type: '',
      reserve: undefined,
      right: undefined,
    } as BodyOf<'order'>);
    const at = { market: MARKET, period: Number(period), account };
    // Two of one block by one account: the second would replace the first, which the model refuses.
    this.#live.push({ who: account, tx });
    return { tx, op: { kind: 'order', id: name(tx), ...at, side, wh, price } };
  }

  #cancel(who: Person, account: string, period: bigint): { tx: Tx; op: Operation } | undefined {
    const own = this.#live.find((live) => live.who === account);
    const known = own !== undefined && this.#model.orders.some(({ id }) => id === name(own.tx));
    if (!known || this.#model.suspended.has(account)) return undefined;
    this.#live = this.#live.filter((live) => live !== own);
    const body = { market: MARKET, period: period as PeriodIndex, order: own.tx.id };
    return {
      tx: this.#tx(who, 'cancel', body as BodyOf<'cancel'>),
      op: { kind: 'cancel', order: name(own.tx) },
    };
  }

  #centre(kind: 'issue' | 'redeem', home: string, amount: bigint): { tx: Tx; op: Operation } {
    const account = this.#chain.id(person(home));
    const body = { market: '', account, amount, reference: new Uint8Array(0) };
    const tx = this.#tx(person('centre'), kind, body as BodyOf<'issue'>);
    const id = this.#id(home);
    return { tx, op: kind === 'issue' ? { kind, to: id, amount } : { kind, from: id, amount } };
  }

  #clearModel(period: bigint): void {
    const trades = this.#tradesOf(period).map(({ key, value }) => {
      const orderOf = (account: Uint8Array): string => {
        const id = toHex(account);
        return this.#model.orders.find((o) => o.account === id)?.id ?? '';
      };
      return {
        id: `${period}/${key.index}`,
        sellOrder: orderOf(value.seller),
        buyOrder: orderOf(value.buyer),
        wh: value.energyWh,
        sell2: 2n * value.price,
        buy2: 2n * value.price,
      };
    });
    this.#counts.trades += trades.length;
    for (const { account, wh } of this.#model.orders)
      this.#declared.set(`${period}/${account}`, wh);
    this.#model.apply({ kind: 'clear', market: MARKET, period: Number(period), trades });
  }

  /** Delivery `period` by the registers that were sent for it. */
  #settleModel(period: bigint): void {
    const readings = HOMES.map((home) => {
      const before = this.#sent.get(`${home}/${period}`) ?? { imp: 0n, exp: 0n };
      const after = this.#sent.get(`${home}/${period + 1n}`) ?? before;
      const id = this.#id(home);
      const declared = this.#declared.get(`${period}/${id}`);
      this.#declared.delete(`${period}/${id}`);
      const energy = { out: after.exp - before.exp, into: after.imp - before.imp };
      return { id, ...energy, ...(declared !== undefined && { declared }) };
    });
    const suspended = this.#model.suspended.size;
    this.#model.apply({ kind: 'settle', market: MARKET, period: Number(period), readings });
    this.#counts.suspensions += this.#model.suspended.size - suspended;
    for (const home of HOMES) this.#sent.delete(`${home}/${period}`);
  }
  #readmit(timeMs: bigint): void {
    for (const home of HOMES) {
      if (!this.#model.suspended.has(this.#id(home))) continue;
      const body = { market: '', account: this.#chain.id(person(home)) };
      const tx = this.#tx(person('centre'), 'readmit', body as BodyOf<'readmit'>);
      timeMs += 1n;
      const refused = this.#block(timeMs, [tx]);
      if (!refused.has(tx)) this.#model.apply({ kind: 'readmit', account: this.#id(home) });
    }
  }

  #compare(): void {
    const world = this.#chain.world();
    const naive = this.#model.balances();
    const { grid, reserve, reward } = this.#chain.at.chain.system;
    const all = new Map(HOMES.map((home) => [this.#id(home), this.#chain.id(person(home))]));
    all.set('grid', grid).set('pool:reserve', reserve).set('pool:reward', reward);
    for (const [id, account] of all) {
      const { available, locked, arrears } = world.get(BALANCES, account) ?? {};
      assert.deepEqual({ available, locked, arrears }, naive[id], `balance of ${id}`);
    }
    for (const home of HOMES) {
      const account = this.#chain.id(person(home));
      const owner = world.get(ACCOUNTS, account);
      const { D, i, n } = world.get(CREDITS, account) ?? { D: 0, i: 0, n: 0 };
      const credit = { C: owner?.credit, D, i, n };
      assert.deepEqual(credit, this.#model.credits[this.#id(home)], `credit of ${home}`);
      const isOut = this.#model.suspended.has(this.#id(home));
      assert.equal(owner?.status === 'suspended', isOut, `status of ${home}`);
    }
    if (this.#counts.operations - this.#since < ROOT_EVERY) return;
    this.#since = this.#counts.operations;
    assertRestores(this.#chain);
  }
}

/** Operations between two times that the root is made again from the leaves alone. */
const ROOT_EVERY = 1000;

const name = (tx: Tx): string => toHex(tx.id);
const text = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
