// Random communities over two periods of the reputation market, with people who do not open,
// choose, sign, deliver or confirm, and blocks that are missing: after every block money is
// conserved and the escrow is the sum of open locks (settlement 6), and in the end nothing is
// locked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Tx } from '../../core/src/tx.js';
import { CONTRACTS, QUOTES, SEALS } from '../src/markets/reputation/tables.js';
import { BALANCES } from '../src/schema.js';
import { assertRestores, Audit } from './audit.js';
import { HOUR, person, QUICK, TestChain } from './harness.js';
import {
  aboutContracts,
  chooseRep,
  dealsOf,
  endOf,
  type RepBid,
  repGenesis,
  receiptOf,
  revealRep,
  sealRep,
  settleOf,
  timesOf,
} from './reputationTrade.js';
import { readingOf } from './trade.js';

const HOMES = ['ann', 'bob', 'cat', 'dan', 'eve'];
const line = (id: string, from: string, to: string, capacity: string) => {
  return { id, from, to, capacity };
};
const feeder = {
  nodes: ['root', 'a', 'b'],
  lines: [line('L1', 'root', 'a', '6'), line('L2', 'root', 'b', '3')],
};
const nodes = { ann: 'a', bob: 'b', cat: 'a', dan: 'b', eve: 'b' };

/** What one home does in a period; each dice falls below its number, or not. */
const plan = fc.record({
  sells: fc.boolean(),
  quotes: fc.array(
    fc.record({
      wh: fc.bigInt(10n, 9000n),
      price: fc.bigInt(80n, 300n),
      opens: fc.nat(9),
      chooses: fc.nat(9),
      partner: fc.nat(HOMES.length - 1),
      signs: fc.nat(9),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  reads: fc.nat(9),
  importWh: fc.bigInt(0n, 9000n),
  exportWh: fc.bigInt(0n, 9000n),
  receipt: fc.nat(9),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

const story = fc.record({
  penalty: fc.boolean(),
  reward: fc.boolean(),
  /** Of rewards. */
  pool: fc.constantFrom('0', '0.0001', '100'),
  cut: fc.bigInt(0n, 4000n),
  /** Which blocks are missing. */
  missing: fc.array(fc.nat(70), { maxLength: 6, size: 'max' }),
  periods: fc.array(fc.array(plan, { minLength: 5, maxLength: 5 }), {
    minLength: 2,
    maxLength: 2,
  }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

class Community {
  readonly chain: TestChain;
  private readonly audit: Audit;
  private readonly missing: ReadonlySet<number>;
  private readonly planned: { timeMs: bigint; txs: () => readonly Tx[] }[] = [];

  constructor({ penalty, reward, pool, missing }: Story) {
    const modules = { penalty, credit: penalty, reward };
    const params = { cUp: '0.05', wheeling: { c1: '0.004' } };
    const green = HOMES.slice(0, 3);
    const genesis = repGenesis(HOMES, { feeder, nodes, modules, params, pool, green });
    this.chain = new TestChain(genesis, QUICK);
    this.audit = new Audit(this.chain);
    this.missing = new Set(missing);
  }

  /** Plans a block; periods overlap, so they are made in order of time. */
  block(timeMs: bigint, txs: () => readonly Tx[] = () => []): void {
    this.planned.push({ timeMs, txs });
  }

  /** Makes the blocks that are not missing. What a block refuses is not in it. */
  run(): void {
    this.planned.sort((a, b) => (a.timeMs < b.timeMs ? -1 : 1));
    this.planned.forEach(({ timeMs, txs }, i) => {
      if (!this.missing.has(i)) this.audit.check(this.chain.block(timeMs, txs()));
    });
  }

  bids(plans: readonly Plan[], period: bigint, n: number): readonly (RepBid & { opens: number })[] {
    return plans.map(({ sells, quotes }, i) => {
      const { wh, price, opens } = quotes[n - 1] as Plan['quotes'][number];
      const who = person(HOMES[i] as string);
      const side = sells ? ('sell' as const) : ('buy' as const);
      return { who, side, wh, price, period, biddingRound: n, opens };
    });
  }

  biddingRound(plans: readonly Plan[], period: bigint, n: number): void {
    const { chain } = this;
    const t = timesOf(period, n);
    const bids = this.bids(plans, period, n);
    this.block(t.start + 1n, () => bids.map((bid) => sealRep(chain, bid)));
    this.block(t.closeOrders);
    this.block(t.closeOrders + 1n, () =>
      bids.filter(({ opens }) => opens < 9).map((bid) => revealRep(chain, bid)),
    );
    this.block(t.mark);
    this.block(t.board);
    this.block(t.board + 1n, () =>
      plans.flatMap(({ quotes }, i) => {
        const { chooses, partner, wh } = quotes[n - 1] as Plan['quotes'][number];
        const who = person(HOMES[i] as string);
        const partners = chooses < 4 ? [person(HOMES[partner] as string)] : [];
        const choice = { who, period, biddingRound: n, partners, decline: chooses === 9 };
        return chooses < 6 ? [chooseRep(chain, chooses < 2 ? { ...choice, wh } : choice)] : [];
      }),
    );
    this.block(t.clear);
    this.block(t.clear + 1n, () => this.signatures(plans, period, n));
    this.block(t.signed);
  }

  private signatures(plans: readonly Plan[], period: bigint, n: number): readonly Tx[] {
    const numbers = dealsOf(this.chain, period)
      .filter(({ contract }) => contract.state === 'PROPOSED')
      .map(({ contract }) => contract.number);
    const sign = (name: string): readonly Tx[] =>
      numbers.map((number) => {
        const at = { kind: 'sign' as const, period, numbers: [Number(number)] };
        return aboutContracts(this.chain, person(name), at);
      });
    const willing = HOMES.filter((_, i) => (plans[i]?.quotes[n - 1]?.signs ?? 9) < 9);
    return [...willing, 'grid'].flatMap(sign);
  }

  deliver(plans: readonly Plan[], period: bigint, sums: { imp: bigint; exp: bigint }[]): void {
    const end = endOf(period);
    const sequence = period + 1n;
    plans.forEach(({ importWh, exportWh }, i) => {
      const sum = sums[i] as { imp: bigint; exp: bigint };
      sum.imp += importWh;
      sum.exp += exportWh;
    });
    const registers = sums.map((sum) => ({ ...sum }));
    this.block(end, () =>
      plans.flatMap(({ reads }, i) => {
        const home = HOMES[i] as string;
        const sum = registers[i] as { imp: bigint; exp: bigint };
        return reads === 9 ? [] : [readingOf(this.chain, home, { ...sum, end, sequence })];
      }),
    );
    this.block(end + 300_000n);
    this.block(settleOf(period));
    this.block(settleOf(period) + 1n, () =>
      plans.flatMap(({ receipt }, i) => {
        const kind = receipt < 5 ? ('confirm' as const) : ('dispute' as const);
        const who = person(HOMES[i] as string);
        if (receipt > 6) return [];
        return dealsOf(this.chain, period).map(({ contract }) =>
          aboutContracts(this.chain, who, { kind, period, numbers: [Number(contract.number)] }),
        );
      }),
    );
    this.block(receiptOf(period));
  }
}

function live(s: Story): Community {
  const community = new Community(s);
  const { chain } = community;
  const sums = HOMES.map(() => ({ imp: 0n, exp: 0n }));
  s.periods.forEach((plans, i) => {
    const period = BigInt(i) + 1n;
    for (const n of [1, 2, 3]) community.biddingRound(plans, period, n);
    community.block(timesOf(period, 3).signed + 1n, () =>
      ['L1', 'L2'].map((id) =>
        chain.tx(person('grid'), 'curtail', {
          market: 'spot',
          period: period as never,
          line: id,
          energyWh: s.cut as never,
        }),
      ),
    );
    const none = plans.map((p) => ({ ...p, importWh: 0n, exportWh: 0n }));
    community.deliver(i === 0 ? none : (s.periods[i - 1] as Plan[]), period - 1n, sums);
  });
  community.deliver(s.periods.at(-1) as Plan[], BigInt(s.periods.length), sums);
  for (const at of [6n, 7n, 30n, 31n, 32n]) community.block(at * HOUR);
  community.run();
  return community;
}

test('random communities: money is conserved, locks add up, nothing stays locked', () => {
  let [traded, delivered] = [0, 0];
  fc.assert(
    fc.property(story, (s) => {
      const { chain } = live(s);
      const world = chain.world();
      for (const { value } of world.entries(BALANCES)) assert.equal(value.locked, 0n);
      assert.equal(world.entries(SEALS).length, 0);
      for (const { value } of world.entries(QUOTES)) assert.equal(value.lock + value.bond, 0n);
      const states = world.entries(CONTRACTS).map(({ value }) => value.state);
      for (const state of states)
        assert.ok(['SETTLED', 'REFUNDED', 'CANCELLED'].includes(state), state);
      traded += states.length;
      delivered += states.filter((state) => state === 'SETTLED').length;
      assertRestores(chain);
    }),
    { numRuns: 25 },
  );
  assert.ok(traded > 20 && delivered > 5, `traded ${traded}, settled ${delivered}`);
});
