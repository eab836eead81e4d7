// The simulator itself: sound nodes pass every profile, a run follows from its seed, and every
// planted bug is found within 200 seeds. (The long runs are a command: node dist/sim/src/main.js
// --seeds N.)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDisk } from '../src/disk.js';
import { MUTANTS } from '../src/mutants.js';
import { createPrng } from '../src/prng.js';
import { PROFILES } from '../src/profiles.js';
import { createQueue } from '../src/queue.js';
import { runSeed } from '../src/run.js';
import { runSeeds } from '../src/seeds.js';

const SEEDS_TO_FIND = 200;

test('sound nodes: two seeds of every profile keep every promise', () => {
  const summary = runSeeds({ from: 5_000, count: 2 * PROFILES.length });
  assert.deepEqual(
    summary.failures.map((f) => `seed ${f.seed} ${f.profile}: ${f.failure?.detail}`),
    [],
  );
  assert.ok(summary.blocks >= 20 * summary.runs, 'every run makes its blocks');
});

test('a run follows from its seed alone', () => {
  for (const profile of ['mixed', 'amnesia', 'byzantine']) {
    const [a, b] = [runSeed({ seed: 77, profile }), runSeed({ seed: 77, profile })];
    assert.equal(a.digest, b.digest, profile);
    assert.notEqual(a.digest, runSeed({ seed: 78, profile }).digest);
  }
});

test('a trace does not change the run', () => {
  let lines = 0;
  const trace = (): void => {
    lines += 1;
  };
  const traced = runSeed({ seed: 31, profile: 'lossy', trace });
  assert.equal(traced.digest, runSeed({ seed: 31, profile: 'lossy' }).digest);
  assert.ok(lines > 1000);
});

for (const mutant of MUTANTS) {
  test(`planted bug ${mutant.name} is found (${mutant.breaks})`, () => {
    const summary = runSeeds({
      from: 1,
      count: SEEDS_TO_FIND,
      quirks: mutant.quirks,
      stopAtFailure: true,
      ...(mutant.profile === undefined ? {} : { profile: mutant.profile }),
    });
    const [found] = summary.failures;
    assert.ok(found !== undefined, `survived ${SEEDS_TO_FIND} seeds`);
    assert.notEqual(found.failure?.rule, 'coverage', 'found by a promise, not by a floor');
  });
}

test('a power loss takes back what was not synced, and only that', () => {
  const disk = createDisk();
  disk.write('a', 1);
  disk.sync('a');
  disk.write('a', 2);
  disk.write('b', 3);
  assert.equal(disk.read('a'), 2);
  assert.equal(disk.durable('a'), 1);
  assert.equal(disk.losePower(), 2);
  assert.equal(disk.read('a'), 1);
  assert.equal(disk.read('b'), undefined);
});

test('events run in order of time, then of their making', () => {
  const queue = createQueue();
  const seen: string[] = [];
  const prng = createPrng(1);
  const times = Array.from({ length: 200 }, () => prng.below(20));
  times.forEach((at, i) => queue.after(at, () => seen.push(`${at}/${i}`)));
  while (queue.step(100));
  const sorted = times
    .map((at, i) => ({ at, i }))
    .sort((a, b) => a.at - b.at || a.i - b.i)
    .map(({ at, i }) => `${at}/${i}`);
  assert.deepEqual(seen, sorted);
  assert.equal(queue.now(), 100);
});
