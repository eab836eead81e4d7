// Whatever comes in whatever order, with any faulty majority: the machine never throws, its
// signatures only move forward, every lock is written directly before its precommit, and no vote
// for a block is asked for that the machine was not told to be valid (or vouched for).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NIL, PRECOMMIT, PREVOTE } from '../../core/src/vote.js';
import type { Effect } from '../src/effect.js';
import type { Input } from '../src/input.js';
import {
  blockHash,
  certificate,
  createScript,
  HEIGHT,
  keyOf,
  nameOf,
  openTimeout,
  precommit,
  prevote,
  proposal,
  reason,
  timeout,
  verdict,
} from './script.js';

const PROPOSERS = [100, 101, 0, 1, 2, 3];
const name = fc.constantFrom('A', 'B', 'C');
const vote = fc.constantFrom('A', 'B', 'C', 'nil');
const round = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 50);
const others = fc.constantFrom(0, 2, 3);

const proposed = fc
  .record({ name, round, valid: fc.nat({ max: 2 }), proof: fc.boolean() })
  .map(({ name: block, round: at, valid, proof }): Input => {
    const validRound = Math.min(valid, at);
    const lock = certificate('proofOfLock', {
      name: block,
      by: [0, 2, 3],
      round: Math.max(0, validRound - 1),
    }).certificate;
    const signer = keyOf(PROPOSERS[at % PROPOSERS.length] as number);
    const fields = { round: at, signer, validRound };
    if (validRound === 0) return proposal(block, fields);
    const header = { round: 0, proposer: keyOf(100) };
    return proposal(block, proof ? { ...fields, proofOfLock: lock } : fields, header);
  });

const certified = fc
  .record({
    kind: fc.constantFrom('commit' as const, 'committee' as const, 'proofOfLock' as const),
    name,
    round,
    by: fc.subarray([0, 1, 2, 3], { minLength: 2 }),
  })
  .map(({ kind, ...of }): Input => certificate(kind, of));

const inputs: fc.Arbitrary<Input> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(others, vote, round).map(([b, v, r]) => prevote(b, v, r)) },
  { weight: 5, arbitrary: fc.tuple(others, vote, round).map(([b, v, r]) => precommit(b, v, r)) },
  { weight: 4, arbitrary: proposed },
  { weight: 1, arbitrary: certified },
  { weight: 3, arbitrary: name.map((n) => verdict(n, n !== 'C')) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('propose', 'prevote', 'precommit', 'repeat'), round)
      .map(([t, r]) => timeout(t as 'propose', r)),
  },
  { weight: 1, arbitrary: fc.constantFrom(reason('X'), openTimeout('minBlock')) },
);

const RANK = { proposal: 0, prevote: 1, precommit: 2 };

interface Seen {
  last: readonly [number, number];
  readonly valid: Set<string>;
}

/** What one input's effects may not do. */
function check(effects: readonly Effect[], seen: Seen): void {
  effects.forEach((e, i) => {
    if (e.kind !== 'signVote' && e.kind !== 'signProposal') return;
    const step =
      e.kind === 'signProposal' ? 'proposal' : e.step === PREVOTE ? 'prevote' : 'precommit';
    const place = [e.round, RANK[step]] as const;
    const [lastRound, lastStep] = seen.last;
    assert.ok(place[0] > lastRound || (place[0] === lastRound && place[1] > lastStep), 'forward');
    seen.last = place;
    if (e.kind !== 'signVote' || e.step !== PRECOMMIT || e.blockHash.length === 0) return;
    const before = effects[i - 1];
    assert.ok(before?.kind === 'persistLock' && before.lock.round === e.round, 'lock first');
    assert.equal(nameOf(before.lock.blockHash), nameOf(e.blockHash));
    assert.ok(seen.valid.has(nameOf(e.blockHash)), 'executed');
  });
}

/** Feeds the own votes back, as a shell does. */
function echo(effects: readonly Effect[]): Input[] {
  return effects.flatMap((e): Input[] => {
    if (e.kind !== 'signVote') return [];
    const voteFor = e.blockHash === NIL || e.blockHash.length === 0 ? 'nil' : nameOf(e.blockHash);
    const make = e.step === PREVOTE ? prevote : precommit;
    return [make(1, voteFor, e.round)];
  });
}

test('whatever comes, signatures go forward and locks come first', () => {
  let decided = 0;
  let locked = 0;
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 120, size: 'max' }), (sequence) => {
      const s = createScript({ own: 1, proposers: PROPOSERS });
      s.start();
      const seen: Seen = { last: [-1, 0], valid: new Set() };
      const queue: Input[] = [{ kind: 'resume', signed: [] }, ...sequence];
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        if (next.kind === 'verdict' && next.valid) seen.valid.add(nameOf(next.blockHash));
        s.give(next);
        check(s.last(), seen);
        if (s.last().some((e) => e.kind === 'decide')) decided += 1;
        if (s.last().some((e) => e.kind === 'persistLock')) locked += 1;
        queue.unshift(...echo(s.last()));
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(decided > 20 && locked > 20, `the sequences reach somewhere: ${decided}, ${locked}`);
});

test('a decided height is silent until the next one starts', () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 40, size: 'max' }), (sequence) => {
      const s = createScript({ own: 1, proposers: PROPOSERS });
      s.start();
      s.give(proposal('A'));
      s.give(verdict('A'));
      const out = s.give(certificate('commit', { name: 'A', by: [0, 2, 3] }));
      assert.equal(out.at(-1), 'decide 0 A');
      for (const input of sequence) {
        if (input.kind === 'verdict' && nameOf(input.blockHash) === 'A') continue;
        assert.deepEqual(s.give(input), []);
      }
      assert.equal(s.machine.snapshot().height, HEIGHT);
      assert.equal(blockHash('A').length, 32);
    }),
    { numRuns: 100 },
  );
});
