// Households at random against the naive model (model.ts): the same candidates stand in the blocks,
// and after every block everybody has the same money, locks and debts. Blocks come at phase
// boundaries, next to them, and after outages of any length, in any round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, toHex } from '../../core/src/bytes.js';
import type { Money, PeriodIndex } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { ACCOUNTS, CREDITS } from '../src/schema.js';
import { assertRestores, assertTamperProof, Audit } from './audit.js';
import { PERIOD, person, QUICK, TestChain, testGenesis } from './harness.js';
import { Model } from './model.js';
import {
  COMPENSATION,
  type ModelHome,
  type ModelRules,
  type ModelTx,
  type Side,
} from './modelMarket.js';
import {
  type Bid,
  issueTo,
  NONCE,
  readingOf,
  redeemFrom,
  revealOf,
  sealOf,
  transferOf,
} from './trade.js';

/** 2026 in real time: far from zero, and a start of a period. */
const LATE_START = 1_767_225_600_000;

/** The default: 2^62. */
const LARGE = (1n << 62n).toString();

const worldArb = fc.record({
  homes: fc.array(
    fc.record({
      balance: fc.constantFrom('0', '0.9', '5', '100', '100', '100'),
      kw: fc.constantFrom('0.5', '3', '17'),
      green: fc.boolean(),
    }),
    { minLength: 2, maxLength: 6 },
  ),
  pool: fc.constantFrom('0', '0.01', '100'),
  gridLimit: fc.constantFrom('0', '150000', LARGE, LARGE, LARGE),
  demo: fc.boolean(),
  start: fc.constantFrom(0, LATE_START),
  maxOrders: fc.constantFrom(3, 10_000),
});
type WorldSpec = typeof worldArb extends fc.Arbitrary<infer T> ? T : never;

const jumpBy = (max: number) =>
  fc.record({ to: fc.constant('ms'), off: fc.integer({ min: 1, max }) });
const blockArb = fc.record({
  /**
   * How far to go: to the next boundary or beside it, to where a window is missed, a little, over a
   * period, an outage of days.
   */
  jump: fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({ to: fc.constant('boundary'), off: fc.constantFrom(0, 0, 1, 1, -1) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ to: fc.constant('late'), off: fc.constantFrom(0, 0, 1, -1) }),
    },
    { weight: 6, arbitrary: jumpBy(60_000) },
    { weight: 1, arbitrary: jumpBy(3_000_000) },
    { weight: 1, arbitrary: jumpBy(260_000_000) },
  ),
  seed: fc.integer({ min: 0, max: 0x7fff_ffff }),
  round: fc.constantFrom(0, 0, 0, 1, 3, 7),
});
type BlockSpec = typeof blockArb extends fc.Arbitrary<infer T> ? T : never;

/** Numbers from a seed, small and repeatable (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

interface Action {
  readonly tx: Tx;
  readonly model: ModelTx;
}

interface Sent {
  readonly bid: Bid;
  readonly nonce: number;
  readonly id: string;
  readonly tx: Tx;
}

class Town {
  readonly chain: TestChain;
  readonly model: Model;
  readonly audit: Audit;
  private readonly names: readonly string[];
  private readonly offsets: readonly bigint[];
  private readonly homes: readonly ModelHome[];
  /** The newest accepted sealed bid of each home, and the registers its meter shows. */
  private readonly bids = new Map<string, Sent>();
  private readonly meters = new Map<
    string,
    { end: bigint; imp: bigint; exp: bigint; seq: bigint }
  >();
  /** What a home is to deliver or use in a period, where its meter follows its bid. */
  private readonly plans = new Map<string, Bid>();
  private readonly taken: Tx[] = [];

  constructor(spec: WorldSpec) {
    const { close, clear } = spec.demo
      ? { close: 300_000, clear: 600_000 }
      : { close: 180_000, clear: 300_000 };
    this.offsets = [0, close, clear, 780_000].map(BigInt);
    const names = spec.homes.map((_, i) => `home ${i}`);
    this.chain = new TestChain(genesisOf(spec, names, { close, clear, pay: 780_000 }), QUICK);
    const byId = (a: string, b: string): number =>
      compareBytes(this.chain.id(person(a)), this.chain.id(person(b)));
    const meterOf = (name: string) => this.chain.id(person(`${name} meter`));
    const ranked = [...names].sort((a, b) => compareBytes(meterOf(a), meterOf(b)));
    this.homes = names
      .map((name, i) => {
        const { kw, green, balance } = spec.homes[i] as WorldSpec['homes'][number];
        const watts = BigInt(Number(kw) * 1000);
        const units = BigInt(Math.round(Number(balance) * 1_000_000));
        const meterRank = ranked.indexOf(name);
        return { name, green, importW: watts, exportW: watts, balance: units, meterRank };
      })
      .sort((a, b) => byId(a.name, b.name));
    this.names = names;
    const rules: ModelRules = {
      periodMs: PERIOD,
      closeMs: BigInt(close),
      clearMs: BigInt(clear),
      payMs: 780_000n,
      deadlineMs: 600_000n,
      feedIn: 80n,
      retail: 300n,
      minWh: 10n,
      maxOrders: spec.maxOrders,
      rewardPpm: 20_000n,
      greenPpm: 1_080_000n,
      gridLimit: BigInt(spec.gridLimit),
    };
    const pool = BigInt(Math.round(Number(spec.pool) * 1_000_000));
    const start = BigInt(spec.start);
    this.model = new Model(rules, this.homes, { ms: start, pool });
    this.audit = new Audit(this.chain);
    for (const name of names) this.meters.set(name, { end: start, imp: 0n, exp: 0n, seq: 0n });
  }

  block({ jump, seed, round }: BlockSpec): void {
    const parent = this.chain.at.parent.timeMs;
    const from = jump.to === 'ms' ? parent : this.boundary(parent, jump.to === 'late');
    const target = from + BigInt(jump.off);
    const ms = target > parent ? target : parent + 1n;
    const roll = dice(seed);
    const actions = this.names.flatMap((name) => this.actionsOf(name, ms, roll));
    const others = roll(4) === 0 ? this.centre(ms, roll) : [];
    const all = [...actions, ...others];
    if (roll(32) === 0) {
      const { block } = this.chain.build(
        ms,
        all.map(({ tx }) => tx),
        round,
      );
      assertTamperProof(this.chain, block);
    }
    const built = this.chain.block(
      ms,
      all.map(({ tx }) => tx),
      round,
    );
    const stands = this.model.block(
      ms,
      all.map(({ model }) => model),
    );
    const refused = new Map(built.refused.map(({ tx, code }) => [tx, code]));
    all.forEach(({ tx, model }, i) => {
      const said = JSON.stringify(model, (_, v) => (typeof v === 'bigint' ? String(v) : v));
      assert.equal(
        refused.get(tx) ?? 'OK',
        stands[i] ? 'OK' : (refused.get(tx) ?? 'refused'),
        said,
      );
      if (stands[i]) this.note(tx, model);
    });
    this.compare();
    this.audit.check(built);
    if (roll(16) === 0) assertRestores(this.chain);
  }

  /** The next boundary, or the next time at which a mark comes late. */
  private boundary(after: bigint, late: boolean): bigint {
    const start = (after / PERIOD) * PERIOD;
    const [, close = 0n, clear = 0n] = this.offsets;
    const part = (clear - close) / 4n;
    const marks = [...this.offsets, close + part, 300_000n, 600_000n];
    const times = late ? [close + 3n * part, 450_000n] : marks;
    return [...times, ...times.map((t) => t + PERIOD)]
      .map((offset) => start + offset)
      .filter((time) => time > after)
      .reduce((a, b) => (a < b ? a : b));
  }

  private compare(): void {
    const { reward, grid } = this.chain.at.chain.system;
    const ids = new Map(this.names.map((name) => [name, this.chain.id(person(name))]));
    ids.set('pool', reward).set('grid', grid);
    for (const [name, id] of ids) {
      const { free, locked, debts } = this.model.purse(name);
      const arrears = debts.reduce((sum, { amount }) => sum + amount, 0n);
      assert.deepEqual(this.chain.balance(id), { available: free, locked, arrears }, name);
    }
    for (const name of this.names) {
      const id = this.chain.id(person(name));
      const C = this.chain.world().get(ACCOUNTS, id)?.credit;
      const { D, i } = this.chain.world().get(CREDITS, id) ?? { D: 0, i: 0 };
      assert.deepEqual({ C, D, i }, this.model.credits.get(name), `credit of ${name}`);
    }
    for (const [period, times] of this.model.settled) assert.equal(times, 1, `period ${period}`);
  }

  /** What is known after a transaction stands. */
  private note(tx: Tx, model: ModelTx): void {
    this.taken.push(tx);
    const bid = 'who' in model ? this.bids.get(model.who)?.bid : undefined;
    if (model.kind === 'reveal' && bid) this.plans.set(`${model.who}/${bid.period}`, bid);
    if (model.kind !== 'reading') return;
    const { endMs: end, imp, exp, seq } = model;
    this.meters.set(model.who, { end, imp, exp, seq });
  }

  private actionsOf(name: string, ms: bigint, roll: (n: number) => number): readonly Action[] {
    const offset = ms % PERIOD;
    const [, close = 0n, clear = 0n] = this.offsets;
    const actions: Action[] = [];
    if (roll(20) === 0) actions.push(this.seal(name, ms, roll));
    if (offset < close && roll(8) > 0) actions.push(this.seal(name, ms, roll));
    if (roll(20) === 0 || (offset < close && roll(12) === 0))
      actions.push(...this.cancel(name, ms));
    if (roll(20) === 0 || (offset >= close && offset < clear && roll(6) > 0))
      actions.push(...this.reveal(name, ms, roll));
    if (roll(3) > 0) actions.push(...this.read(name, ms, roll));
    if (roll(12) === 0) actions.push(this.transfer(name, ms, roll));
    if (roll(20) === 0 && this.taken.length > 0)
      actions.push({
        tx: this.taken[roll(this.taken.length)] as Tx,
        model: { kind: 'again' },
      });
    return actions;
  }

  /** chain.tx opens its window at the parent, an hour long; blocks may be further apart. */
  private at<K extends Tx['kind']>(tx: Extract<Tx, { kind: K }>, who: string, ms: bigint): Tx {
    const body = tx.body as never;
    return this.chain.tx(person(who), tx.kind, body, { from: ms, until: ms + 600_000n });
  }

  private seal(name: string, ms: bigint, roll: (n: number) => number): Action {
    const home = this.homes.find((h) => h.name === name) as ModelHome;
    const most = (home.importW * PERIOD) / 3_600_000n;
    const side: Side = roll(2) === 0 ? 'sell' : 'buy';
    const odd = [0n, 9n, 10n, most, most + 1n][roll(5)] as bigint;
    const wh = roll(6) === 0 ? odd : (most * BigInt(1 + roll(100))) / 100n;
    const fine = side === 'sell' ? 80 + roll(150) : 150 + roll(151);
    // Equal prices often, so that the time of an order counts.
    const quote = roll(2) === 0 ? 100 * Math.ceil(fine / 100) : fine;
    const price = BigInt(roll(16) === 0 ? ([0, 79, 301][roll(3)] as number) : quote);
    const next = ms / PERIOD + 1n;
    const period = roll(20) === 0 ? next + BigInt(roll(3)) - 1n : next;
    const bid: Bid = { who: person(name), side, wh, price, period };
    const tx = this.at(sealOf(this.chain, bid) as never, name, ms);
    const id = toHex(tx.id);
    // Remembered whether or not it will stand: an opening of a refused bid is refused.
    if (roll(16) > 0) this.bids.set(name, { bid, nonce: 0, id, tx });
    return { tx, model: { kind: 'seal', who: name, id, period, side, wh, price, nonce: 0 } };
  }

  private cancel(name: string, ms: bigint): readonly Action[] {
    const sent = this.bids.get(name);
    if (sent === undefined) return [];
    const { period } = sent.bid;
    const body = { market: 'spot', period: period as PeriodIndex, order: sent.tx.id };
    const tx = this.at({ kind: 'cancel', body } as never, name, ms);
    return [{ tx, model: { kind: 'cancel', who: name, period, id: sent.id } }];
  }

  private reveal(name: string, ms: bigint, roll: (n: number) => number): readonly Action[] {
    const sent = this.bids.get(name);
    if (sent === undefined) return [];
    const { bid } = sent;
    const wrong = roll(10) === 0 ? roll(4) : -1;
    const side: Side = wrong === 0 ? (bid.side === 'buy' ? 'sell' : 'buy') : bid.side;
    const wh = wrong === 1 ? bid.wh + 1n : bid.wh;
    const price = wrong === 2 ? bid.price + 1n : bid.price;
    const nonce = wrong === 3 ? 1 : 0;
    const made = revealOf(this.chain, { ...bid, side, wh, price });
    const body = { ...made.body, nonce: wrong === 3 ? NONCE.with(0, 1) : NONCE };
    const tx = this.at({ kind: 'revealBid', body } as never, name, ms);
    const model: ModelTx = {
      kind: 'reveal',
      who: name,
      period: bid.period,
      side,
      wh,
      price,
      nonce,
    };
    return [{ tx, model }];
  }

  private read(name: string, ms: bigint, roll: (n: number) => number): readonly Action[] {
    const meter = this.meters.get(name) as { end: bigint; imp: bigint; exp: bigint; seq: bigint };
    const home = this.homes.find((h) => h.name === name) as ModelHome;
    const last = (ms / PERIOD) * PERIOD;
    if (last <= meter.end && roll(10) > 0) return [];
    const next = meter.end + PERIOD;
    const steps = [last, next < last ? next : last, meter.end, last + PERIOD, last + 1n];
    const end = steps[roll(20) === 0 ? roll(5) : roll(2)] as bigint;
    const gap = end > meter.end ? end - meter.end : PERIOD;
    const most = (home.importW * gap) / 3_600_000n;
    const part = (): bigint => (most * BigInt(roll(101))) / 100n;
    const bent = roll(16) === 0 ? ([1n, -1n, most + 1n][roll(3)] as bigint) : 0n;
    // Homes mostly use or mostly make energy, and both at times.
    const [imp, exp] = [
      [part(), 0n],
      [0n, part()],
      [part(), part()],
    ][roll(3)] as [bigint, bigint];
    const seq = roll(20) === 0 ? meter.seq : meter.seq + 1n + BigInt(roll(3));
    const plan =
      gap === PERIOD && roll(4) > 0 ? this.plans.get(`${name}/${end / PERIOD - 1n}`) : undefined;
    const used = plan?.side === 'buy' ? (plan.wh * BigInt(90 + roll(20))) / 100n : imp;
    const made = plan?.side === 'sell' ? (plan.wh * BigInt(90 + roll(20))) / 100n : exp;
    const now = { imp: meter.imp + used + bent, exp: meter.exp + made };
    if (now.imp < 0n) now.imp = 0n;
    const draft = readingOf(this.chain, name, { end, ...now, sequence: seq });
    const tx = this.at(draft as never, `${name} meter`, ms);
    return [{ tx, model: { kind: 'reading', who: name, endMs: end, ...now, seq } }];
  }

  private transfer(name: string, ms: bigint, roll: (n: number) => number): Action {
    const to = this.names[roll(this.names.length)] as string;
    const { free } = this.model.purse(name);
    const amount = [0n, free, free + 1n, free / 2n, 1n][roll(5)] as bigint;
    const made = transferOf(this.chain, {
      from: person(name),
      to: this.chain.id(person(to)),
      amount: amount as Money,
    });
    const model: ModelTx = { kind: 'transfer', who: name, to, amount };
    return { tx: this.at(made as never, name, ms), model };
  }

  private centre(ms: bigint, roll: (n: number) => number): readonly Action[] {
    const name = ['grid', 'pool', ...this.names][roll(2 + this.names.length)] as string;
    const { reward, grid } = this.chain.at.chain.system;
    const id = name === 'grid' ? grid : name === 'pool' ? reward : this.chain.id(person(name));
    const amount = BigInt(roll(3) === 0 ? 0 : roll(400_000));
    const kind = roll(2) === 0 ? 'issue' : 'redeem';
    const made = (kind === 'issue' ? issueTo : redeemFrom)(this.chain, id, amount);
    return [{ tx: this.at(made as never, 'centre', ms), model: { kind, who: name, amount } }];
  }
}

function genesisOf(spec: WorldSpec, names: readonly string[], offsets: object): object {
  const plain = testGenesis(names) as { accounts: object[]; markets: object[] };
  const params = {
    ...{ feedIn: '0.08', retail: '0.30', maxOrders: spec.maxOrders },
    // The model knows no suspension.
    ...{ creditOnly: true, c: COMPENSATION, suspendBelow: 0 },
  };
  return {
    ...plain,
    time: spec.start,
    money: { currency: 'CNY', priceDecimals: 3, gridCreditLimit: spec.gridLimit },
    consensus: { maxBoundarySteps: 1024 },
    accounts: plain.accounts.map((account, i) => {
      const { balance, kw, green } = spec.homes[i] as WorldSpec['homes'][number];
      return { ...account, balance, green, pMaxImport: kw, pMaxExport: kw };
    }),
    pools: { reward: spec.pool },
    // Labels move no money: what the model says holds with them, and the audit follows them.
    markets: [{ id: 'spot', mechanism: 'call', params, offsets, modules: { certificates: true } }],
  };
}

const blocksArb = fc.array(blockArb, { minLength: 1, maxLength: 120, size: 'max' });
const holds = fc.property(worldArb, blocksArb, (spec, list) => {
  const town = new Town(spec);
  for (const block of list) town.block(block);
  assertRestores(town.chain);
});

test('random households have what the naive model says', () => {
  const numRuns = Number(process.env.MODEL_RUNS ?? 12);
  // To make a counterexample smaller takes longer than a run of all tests may: whoever looks into
  // one runs its seed and path without this.
  fc.assert(holds, { numRuns, endOnFailure: true });
});

test('a pool that owes from a correction pays that before rewards', () => {
  // Random households of a run in which that happened (docs/decisions/0013).
  fc.assert(holds, { seed: -462917971, path: '9', numRuns: 1 });
});
