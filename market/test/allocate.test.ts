// Which contract a metered Wh belongs to (settlement 4.2; market-bilateral 2, 3, 5, G1;
// market-neighbourhood 1.5).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allocate, type ContractKind, isDefault } from '../src/settle/allocate.js';
import { wh } from './books.js';

type Row = readonly [seller: number, buyer: number, energyWh: number, kind?: ContractKind];
type Reading = readonly [exportWh: number, importWh: number];

const allocated = (allocation: 'fifo' | 'pro-rata', readings: Reading[], rows: Row[]) =>
  allocate({
    allocation,
    registers: readings.map(([out, into]) => ({ exportWh: BigInt(out), importWh: BigInt(into) })),
    contracts: rows.map(([seller, buyer, energyWh, kind = 'trade']) => {
      return { seller, buyer, energyWh: BigInt(energyWh), kind };
    }),
  }).map((one) => [one.deliveredWh, one.shortSellerWh, one.shortBuyerWh].map(Number));

test('fifo: the later contract goes short; each side on its own reading (rules 2, 5)', () => {
  // Node 2 of table 2: 90 made for 50 + 50; node b used 50 and is short of nothing.
  assert.deepEqual(
    allocated(
      'fifo',
      [
        [90, 0],
        [0, 50],
        [0, 50],
      ],
      [
        [0, 1, 50],
        [0, 2, 50],
      ],
    ),
    [
      [50, 0, 0],
      [40, 10, 0],
    ],
  );
});

test('fifo: what a buyer does not take stays set aside for it', () => {
  const readings: Reading[] = [
    [100, 0],
    [0, 0],
    [0, 80],
  ];
  const rows: Row[] = [
    [0, 1, 60],
    [0, 2, 60],
  ];
  assert.deepEqual(allocated('fifo', readings, rows), [
    [0, 0, 60],
    [40, 20, 0],
  ]);
});

test('replacements last, from what was not delivered, and short of nothing (rule 3, L5)', () => {
  // Nodes 6, e, f of tables 2 and 3, the replacement listed first.
  const readings: Reading[] = [
    [70, 0],
    [0, 40],
    [0, 30],
    [0, 10],
  ];
  const rows: Row[] = [
    [0, 2, 30, 'replacement'],
    [0, 3, 10, 'replacement'],
    [0, 1, 70],
  ];
  for (const rule of ['fifo', 'pro-rata'] as const)
    assert.deepEqual(allocated(rule, readings, rows), [
      [30, 0, 0],
      [0, 0, 0],
      [40, 0, 30],
    ]);
});

test('pro rata: both registers over their contracts, largest remainder, the smaller counts', () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../../../test/vectors/dpoa/escrow.json', import.meta.url), 'utf8'),
  ) as { meter: { delivered: Record<string, number> } };
  const delivered = allocated(
    'pro-rata',
    [
      [4000, 0],
      [0, 3500],
      [0, 1200],
    ],
    [
      [0, 1, 3000],
      [0, 2, 2000],
    ],
  ).map(([one]) => one);
  assert.deepEqual(delivered, Object.values(vectors.meter.delivered));
  const remainder = allocated(
    'pro-rata',
    [
      [10, 0],
      [0, 20],
    ],
    [
      [0, 1, 5],
      [0, 1, 5],
      [0, 1, 5],
    ],
  );
  assert.deepEqual(remainder, [
    [4, 1, 0],
    [3, 2, 0],
    [3, 2, 0],
  ]);
});

test('pro rata: contracts of the bilateral market first, in order (settlement 1.5)', () => {
  const readings: Reading[] = [
    [10, 0],
    [0, 20],
  ];
  const rows: Row[] = [
    [0, 1, 6],
    [0, 1, 6, 'bilateral'],
    [0, 1, 2],
  ];
  assert.deepEqual(allocated('pro-rata', readings, rows), [
    [3, 3, 0],
    [6, 0, 0],
    [1, 1, 0],
  ]);
});

test('default: above the larger of both bands, and then by the whole shortfall (G1)', () => {
  const band = { tolAbsWh: wh(100), tolRelPpm: 20_000n };
  const defaults = (short: number, energy: number): boolean =>
    isDefault(BigInt(short), BigInt(energy), band);
  assert.deepEqual([defaults(100, 1000), defaults(101, 1000)], [false, true]);
  assert.deepEqual([defaults(200, 10_000), defaults(201, 10_000)], [false, true]);
  assert.equal(defaults(201, 10_049), true);
  assert.equal(defaults(201, 10_050), false);
  const none = { tolAbsWh: wh(0), tolRelPpm: 0n };
  assert.deepEqual([isDefault(0n, 5n, none), isDefault(1n, 5n, none)], [false, true]);
});
