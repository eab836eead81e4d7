// Rounds that fail: nil votes, locks, proofs of lock, far rounds, timeouts, clocks (consensus 3.4
// to 3.6, 5.2). Step tables as in height.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../src/input.js';
import { timeoutCap, timeoutMs } from '../src/timeouts.js';
import {
  CENTRE,
  certificate,
  createScript,
  header,
  HEIGHT,
  keyOf,
  PARENT,
  play,
  precommit,
  prevote,
  proposal,
  type Script,
  STANDBY,
  TIMING,
  timeout,
  verdict,
} from './script.js';

/** Validator 1 in round 0 with block A proposed and executed; it has prevoted A. */
function prevotedA(): Script {
  const s = createScript({ own: 1 });
  s.start();
  s.give(proposal('A'));
  assert.deepEqual(s.give(verdict('A')), ['prevote 0 A']);
  s.give(prevote(1, 'A'));
  return s;
}

/** Validator 1 locked on A in round 0, then moved to round 1 by a nil quorum of precommits. */
function lockedOnA(): Script {
  const s = prevotedA();
  s.give(prevote(0, 'A'));
  assert.deepEqual(s.give(prevote(2, 'A')).slice(1), ['lock 0 A', 'precommit 0 A']);
  s.give(precommit(1, 'A'));
  for (const by of [0, 2]) s.give(precommit(by, 'nil'));
  assert.deepEqual(s.give(precommit(3, 'nil')), ['timer propose 1 1500']);
  return s;
}

/** All inputs in order; the effects of the last. */
function gives(s: Script, ...inputs: readonly Input[]): string[] {
  let out: string[] = [];
  for (const input of inputs) out = s.give(input);
  return out;
}

const fromStandby = { round: 1, signer: keyOf(STANDBY) };

test('consensus 3.6b: nil prevote at the propose timeout, with what was missing', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  play(s, [
    [timeout('propose', 1), []],
    [timeout('propose'), ['resend', 'no NO_PROPOSAL', 'prevote 0 nil']],
    [timeout('propose'), []],
  ]);
  const t = createScript({ own: 1 });
  t.start();
  t.give(proposal('A'));
  play(t, [
    [timeout('propose'), ['resend', 'no EXECUTING', 'prevote 0 nil']],
    [verdict('A'), []],
  ]);
});

test('Tendermint 34, 61: a quorum of any prevotes starts the timeout to a nil precommit', () => {
  const s = prevotedA();
  play(s, [
    [prevote(0, 'nil'), []],
    [prevote(2, 'A'), ['timer prevote 0 500']],
    [timeout('prevote'), ['resend', 'no NO_QUORUM_SEEN', 'precommit 0 nil']],
    // The quorum that comes late is taken as valid value, not as a lock.
    [prevote(3, 'A'), ['confirmed 0 A']],
  ]);
  assert.equal(s.machine.snapshot().lockRound, 0);
  assert.equal(s.machine.snapshot().validRound, 1);
});

test('Tendermint 44, 47: nil quorums lead on at once, mixed precommits after their timeout', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(prevote(0, 'nil'));
  s.give(prevote(2, 'nil'));
  play(s, [
    [
      prevote(3, 'nil'),
      ['no NO_PROPOSAL', 'prevote 0 nil', 'no NO_QUORUM_SEEN', 'precommit 0 nil'],
    ],
    [precommit(0, 'nil'), []],
    [precommit(1, 'nil'), []],
    [precommit(2, 'A'), ['timer precommit 0 500']],
    [timeout('precommit'), ['resend', 'timer propose 1 1500']],
    [timeout('precommit'), []],
  ]);
});

test('consensus 3.4b: still executing at the prevote timeout is a nil precommit', () => {
  const s = createScript({ own: CENTRE, proposers: [STANDBY, CENTRE] });
  s.start();
  s.give(proposal('A', { signer: keyOf(STANDBY) }));
  s.give(timeout('propose'));
  gives(s, prevote(0, 'A'), prevote(1, 'A'), prevote(2, 'A'));
  play(s, [
    [timeout('prevote'), ['resend', 'no EXECUTING']],
    [verdict('A'), []],
  ]);
  // The verdict makes it the valid value: proposed again with its proof of lock.
  const out = gives(s, precommit(0, 'nil'), precommit(1, 'nil'), precommit(2, 'nil'));
  assert.deepEqual(out, ['timer propose 1 1500', 'propose 1 A valid 0']);
  const last = s.last().at(-1);
  assert.equal(last?.kind === 'signProposal' && last.proofOfLock?.round, 0);
});

test('consensus 3.5a: the lock record goes directly before the precommit it protects', () => {
  const s = prevotedA();
  s.give(prevote(0, 'A'));
  const out = s.give(prevote(3, 'A'));
  assert.deepEqual(out.slice(-2), ['lock 0 A', 'precommit 0 A']);
  const effects = s.last();
  const lock = effects.at(-2);
  assert.ok(lock?.kind === 'persistLock');
  assert.equal(lock.lock.proof.signatures.length, 3);
  assert.equal(lock.lock.proof.round, 0);
});

test('Tendermint 22: a locked validator prevotes its own block only', () => {
  const s = lockedOnA();
  play(s, [
    [proposal('B', fromStandby), ['execute B', 'no LOCKED', 'prevote 1 nil']],
    [verdict('B'), []],
  ]);
  const again = lockedOnA();
  const proof = certificate('proofOfLock', { name: 'A', by: [0, 1, 2] }).certificate;
  const repeated = proposal(
    'A',
    { ...fromStandby, validRound: 1, proofOfLock: proof },
    { round: 0, proposer: keyOf(CENTRE) },
  );
  play(again, [[repeated, ['prevote 1 A']]]);
});

test('Tendermint 28: a proof of a later round than the lock lets it go', () => {
  const s = lockedOnA();
  gives(s, precommit(0, 'nil', 1), precommit(2, 'nil', 1), precommit(3, 'nil', 1));
  assert.equal(s.machine.snapshot().round, 2);
  const proof = certificate('proofOfLock', { name: 'B', by: [0, 2, 3], round: 1 }).certificate;
  const fields = { round: 2, signer: keyOf(0), validRound: 2, proofOfLock: proof };
  const repeated = proposal('B', fields, { round: 1, proposer: keyOf(STANDBY) });
  play(s, [
    [repeated, ['execute B', 'fetch B', 'confirmed 1 B']],
    [verdict('B'), ['prevote 2 B']],
  ]);
});

test('Tendermint 28: without its proof a repeated proposal waits', () => {
  const s = lockedOnA();
  const wrong = certificate('proofOfLock', { name: 'B', by: [0, 2] }).certificate;
  const fields = { ...fromStandby, validRound: 1, proofOfLock: wrong };
  play(s, [
    [proposal('B', fields, { round: 0, proposer: keyOf(CENTRE) }), ['execute B']],
    [verdict('B'), []],
    [timeout('propose', 1), ['resend', 'no NO_PROPOSAL', 'prevote 1 nil']],
  ]);
});

test('consensus 3.6c: a proof of lock becomes the valid value after execution', () => {
  const s = createScript({ own: CENTRE, proposers: [STANDBY, CENTRE] });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  play(s, [
    [
      certificate('proofOfLock', { name: 'B', by: [0, 1, 3] }),
      ['execute B', 'fetch B', 'confirmed 0 B'],
    ],
    [verdict('B'), ['no NO_PROPOSAL']],
  ]);
  assert.equal(s.machine.snapshot().validRound, 1);
  const out = gives(s, precommit(0, 'nil'), precommit(1, 'nil'), precommit(2, 'nil'));
  assert.equal(out.at(-1), 'propose 1 B valid 0');
});

test('consensus 3.6d: a jump needs f+1 validators at or beyond, at any distance', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  play(s, [
    [prevote(0, 'nil', 4_000), []],
    [prevote(0, 'nil', 4_000_000), []],
    [prevote(2, 'B', 40), ['timer propose 40 1500', 'resend']],
  ]);
  assert.equal(s.machine.snapshot().round, 40);
  // The vote that made it jump counts there: its slot kept it.
  assert.equal(s.machine.why().votes, 1);
});

test('consensus 3.5: decided by a commit certificate alone, once the block was executed', () => {
  const s = createScript({ own: 1 });
  s.start();
  play(s, [
    [
      certificate('commit', { name: 'Z', by: [0, 2, 3], round: 3 }),
      [
        'execute Z',
        'fetch Z',
        'timer propose 0 1000',
        'timer repeat 0 500',
        'timer propose 3 1500',
        'resend',
        'timer precommit 3 1000',
      ],
    ],
    [timeout('repeat'), ['fetch Z', 'timer repeat 3 1000']],
    [timeout('repeat'), ['resend', 'fetch Z', 'timer repeat 3 1000']],
    [verdict('Z'), ['decide 3 Z']],
    [verdict('Z'), []],
  ]);
});

test('consensus 3.4a: a certified block that is invalid here ends all signing', () => {
  const s = prevotedA();
  s.give(certificate('commit', { name: 'Z', by: [0, 2, 3] }));
  play(s, [
    [verdict('Z', false), ['alarm certifiedInvalid']],
    [prevote(0, 'A'), []],
    [prevote(2, 'A'), ['confirmed 0 A']],
  ]);
  assert.equal(s.machine.why().alarmed, true);
});

test('consensus 6.2c: two commit certificates of one height raise an alarm once', () => {
  const s = prevotedA();
  s.give(certificate('commit', { name: 'Y', by: [0, 2, 3] }));
  const second = certificate('commit', { name: 'Z', by: [0, 1, 2], round: 1 });
  assert.ok(s.give(second).includes('alarm twoCertificates'));
  assert.ok(!s.give(second).includes('alarm twoCertificates'));
  assert.ok(!s.give(verdict('Y')).some((l) => l.startsWith('decide')));
});

test('consensus 3.1: a proposal is of its proposer, and a fresh block in the own name', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  play(s, [
    [proposal('B', { signer: keyOf(2) }), []],
    [proposal('B', {}, { proposer: keyOf(STANDBY) }), ['no BAD_PROPOSER', 'prevote 0 nil']],
    [proposal('A'), []],
  ]);
  const wrongHeader = { parentHash: header('Q').hash };
  const t = createScript({ own: 1 });
  t.start();
  t.give({ kind: 'resume', signed: [] });
  play(t, [[proposal('B', {}, wrongHeader), ['no BAD_HEADER', 'prevote 0 nil']]]);
  const u = createScript({ own: 1 });
  u.start();
  u.give({ kind: 'resume', signed: [] });
  play(u, [[proposal('B', {}, { round: 5 }), ['no BAD_HEADER', 'prevote 0 nil']]]);
});

test('consensus 5.2b: the clock of a fresh proposal, at its edges', () => {
  const now = 50_000n;
  // Propose timeout 1000, drift 1000; parent at 1000.
  const cases: readonly (readonly [bigint, boolean])[] = [
    [now + 1000n, true],
    [now + 1001n, false],
    [now - 2000n, true],
    [now - 2001n, false],
    [now, true],
  ];
  for (const [timeMs, good] of cases) {
    const s = createScript({ own: 1 });
    s.start();
    s.give({ kind: 'resume', signed: [] });
    const out = s.give(proposal('A', { chainNowMs: now }, { timeMs }));
    assert.deepEqual(
      out,
      good ? ['execute A'] : ['execute A', 'no BAD_TIME', 'prevote 0 nil'],
      `stamp ${timeMs - now} from now`,
    );
  }
});

test('consensus 5.3: with all clocks set back the chain goes on in steps of 1 ms', () => {
  const cases: readonly (readonly [bigint, boolean])[] = [
    [PARENT.timeMs + 1n, true],
    [PARENT.timeMs, false],
    [PARENT.timeMs + 2n, false],
  ];
  const timing = { driftMs: 200 };
  for (const [timeMs, good] of cases) {
    const s = createScript({ own: 1, timing });
    s.start();
    s.give({ kind: 'resume', signed: [] });
    const out = s.give(proposal('A', { chainNowMs: 0n }, { timeMs }));
    assert.equal(out.includes('no BAD_TIME'), !good, `stamp parent ${timeMs - PARENT.timeMs}`);
  }
});

test('consensus 5.2c: a repeated proposal is not checked against any clock', () => {
  const s = lockedOnA();
  const proof = certificate('proofOfLock', { name: 'A', by: [0, 1, 2] }).certificate;
  const fields = { ...fromStandby, validRound: 1, proofOfLock: proof, chainNowMs: 9_999_999n };
  play(s, [[proposal('A', fields, { round: 0, proposer: keyOf(CENTRE) }), ['prevote 1 A']]]);
});

test('consensus 5.1: drift and timeout are wall time, stamps are chain time', () => {
  const s = createScript({ own: 1, timing: { rate: 60 } });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  const now = 1_000_000n;
  const out = s.give(proposal('A', { chainNowMs: now }, { timeMs: now + 60_000n }));
  assert.deepEqual(out, ['execute A']);
});

test('consensus 3.6b: timeouts grow by rounds entered, and the cap doubles after 20 rounds', () => {
  const at = (entered: number) => timeoutMs(TIMING, 'propose', entered);
  assert.deepEqual([0, 1, 2, 18, 19].map(at), [1000, 1500, 2000, 10_000, 10_000]);
  assert.deepEqual(
    [0, 19, 20, 29, 30, 40, 50, 60, 1000].map((e) => timeoutCap(TIMING, e)),
    [10_000, 10_000, 20_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000],
  );
  assert.equal(timeoutMs(TIMING, 'prevote', 3), 2000);
});

test('consensus 3.6b: growth starts anew at every height', () => {
  const s = lockedOnA();
  s.give(certificate('commit', { name: 'A', by: [0, 2, 3] }));
  assert.deepEqual(s.start(HEIGHT + 1n), ['timer minBlock 0 100', 'timer maxIdle 0 5000']);
  const out = s.give({ kind: 'timeout', timer: 'maxIdle', height: HEIGHT + 1n, round: 0 });
  assert.ok(out.includes('timer propose 0 1000'));
});
