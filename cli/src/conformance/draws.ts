// golden/dpoa-draws.json through the code that ships: weights, eligibility, seeds, committees,
// fallback proposers, heralds and the chain of beacons (consensus 3.1, 4).
import { z } from 'zod';
import { compareBytes, toHex } from '../../../core/src/bytes.js';
import {
  committeeOf,
  firstBeacon,
  heraldOf,
  isEligible,
  nextBeacon,
  seedOf,
  weightOf,
} from '../../../consensus/src/committee.js';
import type { DrawData } from '../../../consensus/src/input.js';
import { fallbackOrder } from '../../../consensus/src/proposer.js';
import { count, hash, hex, readForm } from './form.js';
import { createTally, type Outcome, type Tally } from './tally.js';

const draw = z.object({
  note: z.string(),
  N: count,
  ratioPpm: count,
  minCredit: count,
  beacon: hash,
  height: count,
  validators: z
    .array(
      z.object({
        id: hex,
        credit: count.max(100),
        correct: count,
        wrong: count,
        suspended: z.boolean(),
      }),
    )
    .min(1)
    .max(1000),
  weights: z.record(z.string(), count),
  eligible: count,
  rounds: z.array(
    z.object({ round: count, size: count, seed: hash, members: z.array(z.string()) }),
  ),
  fallbackProposers: z.array(z.string()),
  usableBeaconKeys: z.array(z.string()),
  herald: z.string().nullable(),
});
type Draw = z.output<typeof draw>;

const drawsForm = z.object({
  draws: z.array(draw),
  beacon: z.object({
    chainId: hash,
    chain: z.array(z.object({ height: count, beacon: hash, v: hex })),
  }),
});

export function runDraws(document: unknown): Outcome {
  const { draws, beacon } = readForm(drawsForm, document, 'draws');
  const tally = createTally();
  for (const [index, one] of draws.entries()) checkDraw(tally, one, `draw ${index} ${one.note}`);
  let at = firstBeacon(beacon.chainId);
  for (const link of beacon.chain) {
    tally.check(`beacon of height ${link.height}`, toHex(link.beacon), toHex(at));
    at = nextBeacon(at, link.v);
  }
  return tally.outcome();
}

function drawDataOf(vectors: Draw): DrawData {
  return {
    beacon: vectors.beacon,
    records: [...vectors.validators].sort((a, b) => compareBytes(a.id, b.id)),
    committeeRatioPpm: vectors.ratioPpm,
    validatorMinCredit: vectors.minCredit,
  };
}

function checkDraw(tally: Tally, vectors: Draw, name: string): void {
  const data = drawDataOf(vectors);
  const height = BigInt(vectors.height);
  const idOf = (place: number): string => toHex(data.records[place]?.id ?? new Uint8Array(0));
  const ids = (places: readonly number[]): string => places.map(idOf).join(' ');
  for (const record of data.records) {
    const id = toHex(record.id);
    tally.check(`${name} weight ${id}`, String(vectors.weights[id]), String(weightOf(record)));
  }
  const eligible = data.records.filter((record) => isEligible(record, vectors.minCredit)).length;
  tally.check(`${name} eligible`, String(vectors.eligible), String(eligible));
  for (const { round, size, seed, members } of vectors.rounds) {
    const committee = committeeOf(data, height, round);
    const of = `${name} round ${round}`;
    tally.check(`${of} seed`, toHex(seed), toHex(seedOf(data.beacon, height, round)));
    tally.check(`${of} size`, String(size), String(committee.length));
    tally.check(`${of} members`, members.join(' '), ids(committee));
  }
  const fallback = ids(fallbackOrder(data, height));
  tally.check(`${name} fallback proposers`, vectors.fallbackProposers.join(' '), fallback);
  const usable = (place: number): boolean => vectors.usableBeaconKeys.includes(idOf(place));
  const herald = heraldOf(data, height, { beaconEvery: 1, usable });
  tally.check(
    `${name} herald`,
    String(vectors.herald),
    String(herald === undefined ? null : idOf(herald)),
  );
}
