// Random intervals of a neighbourhood market: whatever people seal, open, activate, forecast and
// meter, every block keeps money and escrow, and in the end nothing is locked and nothing lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Money, PeriodIndex, WattHour } from '../../core/src/amount.js';
import type { Tx } from '../../core/src/tx.js';
import { FLEXES, REQUESTS } from '../src/markets/neighbourhood/tables.js';
import { PERIODS, POSITIONS } from '../src/schema.js';
import { assertRestores } from './audit.js';
import { person } from './harness.js';
import { INTERVAL, type Request, RICH, Street } from './street.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
/** Along the street, or at one node, where one auction sees them all. */
const PLACES = {
  street: ['N1', 'N2', 'N3', 'N4', 'N5', 'nowhere'],
  block: ['N2', 'N2', 'N2', 'N2', 'N2', 'N2'],
};

interface Turn {
  readonly isIn: boolean;
  readonly side: 'sell' | 'buy';
  readonly wh: number;
  readonly price: number;
  readonly opens: 'rightly' | 'wrongly' | 'not';
  readonly activates: 'reveal' | 'later' | 'not';
  readonly net: number | undefined;
  readonly metered: number | undefined;
}

const turns: fc.Arbitrary<Turn> = fc.record({
  isIn: fc.boolean(),
  side: fc.constantFrom('sell' as const, 'buy' as const),
  wh: fc.integer({ min: 10, max: 8400 }),
  price: fc.integer({ min: 380, max: 820 }),
  opens: fc.constantFrom(
    'rightly' as const,
    'rightly' as const,
    'wrongly' as const,
    'not' as const,
  ),
  activates: fc.constantFrom('reveal' as const, 'later' as const, 'not' as const),
  net: fc.option(fc.integer({ min: -8400, max: 8400 }), { nil: undefined }),
  metered: fc.option(fc.integer({ min: 0, max: 8300 }), { nil: undefined }),
});

interface Day {
  readonly place: keyof typeof PLACES;
  readonly params: object;
  readonly modules: object;
  readonly intervals: readonly (readonly Turn[])[];
  /** Seconds of the block that clears. */
  readonly clearAt: number;
}

const days: fc.Arbitrary<Day> = fc.record({
  place: fc.constantFrom('street' as const, 'block' as const),
  params: fc.record({
    rule: fc.constantFrom('mcafee_sbb', 'mcafee_grid', 'average', 'reduce'),
    pricing: fc.constantFrom('auction', 'auction', 'internal'),
    suspectAfter: fc.constantFrom(1, 10),
  }),
  modules: fc.constantFrom<object>(
    {},
    { credit: true, penalty: true },
    { wheelingOn: true },
    { reward: true, credit: true, penalty: true },
    { certificates: true },
  ),
  intervals: fc.array(fc.array(turns, { minLength: 6, maxLength: 6 }), {
    minLength: 1,
    maxLength: 3,
  }),
  clearAt: fc.constantFrom(90, 90, 150, 250),
});

/** It is in, opens, asks little or bids much, and binds itself. */
const eager = (turn: Turn): Turn => {
  const [one, other] = [turn.price, 1200 - turn.price];
  const price = turn.side === 'sell' ? Math.min(one, other) : Math.max(one, other);
  return { ...turn, price, isIn: true, opens: 'rightly', activates: 'reveal' };
};

/** Days on which there is much to trade, by a rule that leaves out the marginal pair. */
const busyDays: fc.Arbitrary<Day> = fc
  .tuple(days, fc.constantFrom('mcafee_grid', 'reduce'))
  .map(([day, rule]) => ({
    ...day,
    place: 'block',
    params: { ...day.params, rule, pricing: 'auction' },
    intervals: day.intervals.map((of) => of.map(eager)),
    clearAt: 90,
  }));

/** One interval; gives the registers forward. */
class Interval {
  readonly #s: Street;
  readonly #period: bigint;
  readonly #turns: readonly (Turn & { readonly who: string })[];
  readonly #isInternal: boolean;

  constructor(s: Street, period: bigint, of: readonly Turn[], isInternal: boolean) {
    this.#s = s;
    this.#period = period;
    this.#turns = of.map((turn, i) => ({ ...turn, who: NAMES[i] as string }));
    this.#isInternal = isInternal;
  }

  #request({ who, side, wh, price, activates }: Turn & { who: string }): Request {
    const activate = activates === 'reveal';
    return { who, side, wh: BigInt(wh), price: BigInt(price), period: this.#period, activate };
  }

  #flex({ who, side, wh, price }: Turn & { who: string }): Tx {
    const [g, demand] = side === 'sell' ? [wh, 0] : [0, wh];
    const energy = (value: number): WattHour => BigInt(value) as WattHour;
    return this.#s.chain.tx(person(who), 'flex', {
      ...{ market: 'street', period: this.#period as PeriodIndex },
      ...{ g: energy(g), demand: energy(demand), emin: energy(0), emax: energy(g) },
      k: BigInt(g * price) as Money,
    });
  }

  bids(): readonly Tx[] {
    const live = this.#turns.filter(({ isIn }) => isIn);
    return live.map((turn) =>
      this.#isInternal ? this.#flex(turn) : this.#s.seal(this.#request(turn)),
    );
  }

  reveals(): readonly Tx[] {
    return this.#turns
      .filter(({ opens, isIn }) => isIn && opens !== 'not')
      .map((turn) => {
        const request = this.#request(turn);
        const price = turn.opens === 'rightly' ? request.price : request.price + 1n;
        return this.#s.reveal({ ...request, price });
      });
  }

  activations(): readonly Tx[] {
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    return this.#turns
      .filter(({ activates }) => activates === 'later')
      .flatMap(({ who }) => numbers.map((number) => this.#s.activate(who, [number], this.#period)));
  }

  forecasts(): readonly Tx[] {
    return this.#turns.flatMap(({ who, net }) =>
      net === undefined ? [] : [this.#s.forecast(who, BigInt(net), this.#period)],
    );
  }

  /** Registers at the end of the delivery, on top of those before. */
  readings(before: Map<string, { imp: bigint; exp: bigint }>): readonly Tx[] {
    return this.#turns.flatMap(({ who, side, metered }) => {
      if (metered === undefined) return [];
      const { imp, exp } = before.get(who) ?? { imp: 0n, exp: 0n };
      const next =
        side === 'sell' ? { imp, exp: exp + BigInt(metered) } : { imp: imp + BigInt(metered), exp };
      before.set(who, next);
      return [this.#s.reading(who, this.#period, next)];
    });
  }
}

function play({ place, params, modules, intervals, clearAt }: Day): void {
  const homes = NAMES.map((name, i) => [name, PLACES[place][i] as string] as const);
  const wheeling = { wheeling: { c1: '0.01', c2: '0', c3: '0.005' } };
  const isInternal = (params as { pricing: string }).pricing === 'internal';
  const s = new Street({ homes, params: { ...params, ...wheeling }, modules });
  const registers = new Map<string, { imp: bigint; exp: bigint }>();
  const all = intervals.map((of, i) => new Interval(s, BigInt(i + 1), of, isInternal));
  for (let now = 1n; now <= BigInt(all.length) + 2n; now++) {
    const trading = all[Number(now) - 1];
    const ended = all[Number(now) - 3];
    const at = (seconds: number): bigint => Street.at(now, seconds);
    const start = now === 2n ? NAMES.map((who) => s.reading(who, 0n)) : [];
    s.block(at(1), [...start, ...(ended?.readings(registers) ?? [])]);
    s.block(at(10), trading?.bids() ?? []);
    s.block(at(60));
    s.block(at(70), trading?.reveals() ?? []);
    s.block(at(clearAt));
    s.block(at(clearAt + 1), [...(trading?.forecasts() ?? []), ...(trading?.activations() ?? [])]);
  }
  const after = BigInt(all.length + 2) * INTERVAL;
  for (let more = 1n; more <= 6n; more++) s.block(after + more * 120_000n);
  const world = s.chain.world();
  assert.deepEqual(world.entries(REQUESTS), []);
  assert.deepEqual(world.entries(FLEXES), []);
  // An outage across a reading window leaves the record of an interval in which nothing was.
  const open = world
    .entries(PERIODS)
    .filter(({ value: p }) => p.sealed + p.trades + p.readings > 0);
  assert.deepEqual(open, [], 'every interval was settled');
  assert.ok(world.entries(POSITIONS).every(({ value }) => value.lock === 0n));
  for (const who of NAMES) assert.equal(s.locked(who), 0n);
  const { grid, reserve, reward } = s.chain.at.chain.system;
  const sum = [grid, reserve, reward].reduce((all, id) => all + s.chain.balance(id).available, 0n);
  const homesSum = NAMES.reduce((all, who) => all + s.available(who), 0n);
  assert.equal(homesSum + sum, BigInt(NAMES.length) * RICH + RICH, 'the pool began with as much');
  assertRestores(s.chain);
}

test('random intervals: money, escrow and time all come out even', () => {
  fc.assert(fc.property(days, play), { numRuns: 40 });
});

test('random intervals with two prices: what buyers pay beyond goes to pool:reserve', () => {
  fc.assert(fc.property(busyDays, play), { numRuns: 20 });
});
