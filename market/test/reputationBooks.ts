// Random books, feeders and choices for the tests of market "reputation": sizes log-uniform, many
// ties, zero quantities, one-sided books, extreme prices.
import fc from 'fast-check';
import { MAX_AMOUNT } from '../../core/src/amount.js';
import { type Grid, gridOf } from '../src/grid/tree.js';
import type { Network, ReputationOrder } from '../src/reputation/clear.js';
import type { Choice } from '../src/reputation/choose.js';
import type { Grade } from '../src/reputation/reputation.js';
import { mill, wh } from './books.js';

export const MAX_BOOK = 500;
const BIDDING_ROUNDS = 3;

/** 0..max, as many small ones as large ones. */
export const logUniform = (max: number): fc.Arbitrary<number> =>
  fc
    .integer({ min: 0, max: Math.ceil(Math.log2(max + 1)) })
    .chain((e) => fc.integer({ min: Math.floor(2 ** (e - 1)), max: Math.min(max, 2 ** e) }));

const anyPrice = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 15 }).map(mill) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 1000 }).map(mill) },
  { weight: 1, arbitrary: fc.constantFrom(mill(0), mill(MAX_AMOUNT), mill(MAX_AMOUNT - 1n)) },
);

const anyGrade = fc.constantFrom<Grade>(10, 30, 60, 100);

export interface BookShape {
  readonly maxOrders?: number;
  readonly types?: readonly (string | undefined)[];
  readonly choosing?: boolean;
}

type Sides = 'sell' | 'buy' | 'both';

function anyOrder(sides: Sides, count: number, shape: BookShape): fc.Arbitrary<ReputationOrder> {
  const side = sides === 'both' ? fc.constantFrom('sell', 'buy') : fc.constant(sides);
  const choice: fc.Arbitrary<Choice | undefined> = fc.option(
    fc.record(
      {
        partners: fc.array(fc.nat(count), { maxLength: 3 }),
        energyWh: fc.integer({ min: 0, max: 50 }).map(wh),
        decline: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  );
  const record = fc.record({
    side: side as fc.Arbitrary<'sell' | 'buy'>,
    energyWh: fc.integer({ min: 0, max: 50 }).map(wh),
    prices: fc.array(anyPrice, { minLength: 1, maxLength: BIDDING_ROUNDS }),
    slack: fc.integer({ min: 0, max: 3 }),
    grade: anyGrade,
    type: fc.constantFrom(...(shape.types ?? [undefined])),
    node: fc.nat(1000),
    choices: shape.choosing
      ? fc.array(choice, { maxLength: BIDDING_ROUNDS })
      : fc.constant<readonly Choice[]>([]),
  });
  // The first price is within the reserve; later ones may not be, and are then refused.
  return record.map(({ slack, ...order }) => {
    const first = order.prices[0] as bigint;
    const reserve = order.side === 'buy' ? first + BigInt(slack) : first - BigInt(slack);
    return { ...order, reserve: mill(reserve < 0n ? 0n : reserve) };
  });
}

/** Orders in the order of their ids; `node` is any number, see `placed`. */
export function anyBook(shape: BookShape = {}): fc.Arbitrary<readonly ReputationOrder[]> {
  const sides = fc.constantFrom<Sides>('both', 'both', 'both', 'both', 'sell', 'buy');
  return fc
    .tuple(logUniform(shape.maxOrders ?? MAX_BOOK), sides)
    .chain(([count, of]) =>
      fc.array(anyOrder(of, count, shape), { minLength: count, maxLength: count }),
    );
}

/** A feeder of up to 12 lines, some over their capacity by base flow alone. */
export const anyNetwork: fc.Arbitrary<Network> = fc
  .array(
    fc.record({
      parent: fc.nat(100),
      capacity: fc.integer({ min: 0, max: 200 }),
      base: fc.integer({ min: -150, max: 150 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((lines) => {
    const grid = gridOf(
      lines.map(({ parent, capacity }, i) => ({
        id: `L${i}`,
        from: `N${parent % (i + 1)}`,
        to: `N${i + 1}`,
        capacityWh: wh(capacity),
      })),
    ) as Grid;
    const baseWh = lines.map(({ base }) => BigInt(base));
    return { grid, baseWh, flagAtPpm: 900_000n, cUp: mill(800), cDown: mill(400) };
  });

/** Every order at a node of the feeder. */
export const placed = (
  orders: readonly ReputationOrder[],
  network: Network | undefined,
): readonly ReputationOrder[] =>
  orders.map((order) => ({
    ...order,
    node: network && (order.node ?? 0) % network.grid.nodes.size,
  }));
