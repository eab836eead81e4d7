// Restart, other heights, neighbours that are ahead or behind, contradicting votes, what is worth
// verifying, and `why` (consensus 3.6, 3a.3, 8.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PREVOTE } from '../../core/src/vote.js';
import type { Input, SignMark, StatusMessage } from '../src/input.js';
import {
  blockHash,
  CENTRE,
  certificate,
  createScript,
  hashOf,
  HEIGHT,
  keyOf,
  play,
  precommit,
  prevote,
  proposal,
  reason,
  type Script,
  signedVote,
  timeout,
  verdict,
} from './script.js';

const mark = (step: SignMark['step'], round: number, name: string): SignMark => ({
  height: HEIGHT,
  round,
  step,
  blockHash: hashOf(name),
});

function restarted(signed: readonly SignMark[], own = 1): { s: Script; out: string[] } {
  const s = createScript({ own });
  s.start();
  return { s, out: s.give({ kind: 'resume', signed }) };
}

test('consensus 3.7d: a restart opens at once, in round 0 if nothing was signed', () => {
  const { s, out } = restarted([]);
  assert.deepEqual(out, ['timer propose 0 1000', 'timer repeat 0 500', 'resend']);
  assert.equal(s.machine.snapshot().step, 'propose');
});

test('consensus 3.6e: it restarts in round and step of its sign-state, and says it again', () => {
  const { s, out } = restarted([mark('precommit', 2, 'nil'), mark('prevote', 2, 'A')]);
  assert.deepEqual(out.slice(2), ['prevote 2 A', 'precommit 2 nil', 'resend']);
  const { round, step } = s.machine.snapshot();
  assert.deepEqual([round, step], [2, 'precommit']);
  // Nothing of a round that it left, or of this one again.
  play(s, [
    [timeout('propose', 2), []],
    [timeout('prevote', 2), []],
    [precommit(0, 'nil', 2), []],
    [precommit(2, 'nil', 2), []],
    [precommit(3, 'nil', 2), ['timer propose 3 1500', 'build 3']],
  ]);
});

test('consensus 6.1: nothing is signed below the sign-state, even of a height to come', () => {
  const { s, out } = restarted([{ ...mark('prevote', 0, 'nil'), height: HEIGHT + 1n }]);
  assert.deepEqual(out, ['timer propose 0 1000', 'timer repeat 0 500', 'resend']);
  play(s, [
    [proposal('A'), ['execute A']],
    [verdict('A'), []],
    [timeout('propose'), []],
  ]);
  const proposer = restarted([mark('proposal', 0, 'A')], CENTRE);
  assert.deepEqual(proposer.out, ['timer propose 0 1000', 'timer repeat 0 500', 'resend']);
});

test('consensus 3.5a: the lock record of the height is back after a restart', () => {
  const { certificate: proof } = certificate('proofOfLock', { name: 'A', by: [0, 1, 2] });
  const lock = { height: HEIGHT, round: 0, blockHash: blockHash('A'), proof };
  const signed = [mark('precommit', 0, 'A'), mark('prevote', 0, 'A')];
  const s = createScript({ own: 1 });
  s.start();
  const out = s.give({ kind: 'resume', signed, lock });
  assert.deepEqual(out.slice(0, 2), ['execute A', 'fetch A']);
  assert.deepEqual(out.slice(4), ['prevote 0 A', 'precommit 0 A', 'resend']);
  for (const by of [0, 2, 3]) s.give(precommit(by, 'nil'));
  assert.deepEqual(s.give(proposal('B', { round: 1, signer: keyOf(101) })).slice(1), [
    'no LOCKED',
    'prevote 1 nil',
  ]);
  const other = createScript({ own: 1 });
  other.start();
  other.give({ kind: 'resume', signed: [], lock: { ...lock, height: HEIGHT - 1n } });
  assert.equal(other.machine.snapshot().lockRound, 0);
});

test('consensus 6.1: a lock of a height that is only reached by sync holds there', () => {
  const { certificate: proof } = certificate('proofOfLock', { name: 'A', by: [0, 1, 2] });
  const lock = { height: HEIGHT, round: 0, blockHash: blockHash('A'), proof };
  const s = createScript({ own: 1 });
  s.start(HEIGHT - 3n);
  s.give({ kind: 'resume', signed: [mark('precommit', 0, 'A'), mark('prevote', 0, 'A')], lock });
  assert.equal(s.machine.snapshot().lockRound, 0);
  const out = s.start();
  assert.deepEqual(out.slice(2, 4), ['execute A', 'fetch A']);
  assert.deepEqual(out.slice(6), ['prevote 0 A', 'precommit 0 A', 'resend']);
  assert.equal(s.machine.snapshot().lockRound, 1);
  assert.deepEqual(s.start(HEIGHT + 1n), ['timer minBlock 0 100', 'timer maxIdle 0 5000']);
});

test('messages of the next height wait for it; a vote of a later one asks for blocks', () => {
  const s = createScript({ own: 1 });
  s.start();
  const next = HEIGHT + 1n;
  const early = proposal('A', { height: next }, { height: next });
  const vote = {
    kind: 'vote',
    vote: signedVote(PREVOTE, { by: 0, name: 'A', height: next }),
  } as const;
  play(s, [
    [early, ['timer repeat 0 500']],
    [vote, []],
    [{ ...vote, vote: { ...vote.vote, height: HEIGHT + 5n }, peer: 'p' }, ['sync 11']],
    [timeout('repeat'), ['sync 11', 'timer repeat 0 500']],
    [{ ...vote, vote: { ...vote.vote, height: HEIGHT - 1n } }, []],
  ]);
  assert.deepEqual(s.start(next), [
    'timer minBlock 0 100',
    'timer maxIdle 0 5000',
    'execute A',
    'timer propose 0 1000',
    'timer repeat 0 500',
  ]);
  assert.equal(s.machine.why().votes, 1);
});

const status = (fields: Partial<StatusMessage>): Input => ({
  kind: 'status',
  peer: 'p',
  tipHeight: HEIGHT - 1n,
  height: HEIGHT,
  round: 0,
  step: 'propose',
  lockRound: 0,
  ...fields,
});

test('consensus 3.6c: a neighbour ahead is asked for blocks, one behind gets what it lacks', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  s.give(timeout('propose'));
  s.give(prevote(1, 'nil'));
  s.give(prevote(0, 'nil'));
  play(s, [
    [status({ tipHeight: HEIGHT }), ['sync 7']],
    [status({ tipHeight: HEIGHT - 2n, height: HEIGHT - 1n }), ['resend to p']],
    [status({ step: 'prevote' }), []],
    [status({ round: 1 }), []],
    [status({ step: 'propose' }), ['resend to p']],
    [{ kind: 'peerConnected', peer: 'q' }, ['resend to q']],
  ]);
  const votesOf = () => {
    const [effect] = s.last();
    return effect?.kind === 'resend' ? effect.votes.map((v) => v.validatorIndex) : [];
  };
  s.give(status({ step: 'propose' }));
  assert.deepEqual(votesOf(), [1], 'the own vote');
  s.give(status({ step: 'propose' }));
  assert.deepEqual(votesOf().sort(), [0, 1], 'stuck: all votes of its round');
});

test('consensus 3a.3: the first vote counts; a certificate counts whole', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(proposal('A'));
  s.give(verdict('A'));
  play(s, [
    [prevote(0, 'nil'), []],
    [prevote(0, 'A'), ['equivocation 0']],
    [prevote(0, 'A'), []],
    [prevote(2, 'A'), []],
    [prevote(1, 'A'), ['timer prevote 0 500']],
  ]);
  // First votes: nil, A, A. The quorum that another node saw comes as one unit.
  const out = s.give(certificate('proofOfLock', { name: 'A', by: [0, 1, 2] }));
  assert.deepEqual(out.slice(-2), ['lock 0 A', 'precommit 0 A']);
});

test('a certificate of too few, of strangers, of nil or of another height is not taken', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  const good = certificate('commit', { name: 'A', by: [0, 2, 3] });
  const wrong: readonly Input[] = [
    certificate('commit', { name: 'A', by: [0, 2] }),
    certificate('commit', { name: 'nil', by: [0, 2, 3] }),
    { ...good, certificateKind: 'proofOfLock' },
    { ...good, certificate: { ...good.certificate, height: HEIGHT - 1n } },
    { ...good, certificate: { ...good.certificate, bitmap: Uint8Array.of(0x1d) } },
    { ...good, certificate: { ...good.certificate, bitmap: Uint8Array.of(0x0d, 0) } },
  ];
  for (const input of wrong) assert.deepEqual(s.give(input), []);
  assert.ok(s.give(good).includes('fetch A'));
});

test('3a.3: a block that f+1 votes name is fetched, whatever was proposed', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(proposal('A'));
  play(s, [
    [prevote(0, 'B'), []],
    [prevote(2, 'B'), ['execute B', 'fetch B']],
    [timeout('repeat'), ['fetch B', 'timer repeat 0 500']],
    [timeout('repeat'), ['resend', 'fetch B', 'timer repeat 0 500']],
  ]);
});

test('consensus 3.6c: a round that moves is not repeated, but never twice in a row', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(proposal('A'));
  s.give(verdict('A'));
  play(s, [
    [timeout('repeat'), ['timer repeat 0 500']],
    [prevote(0, 'A'), []],
    [timeout('repeat'), ['resend', 'timer repeat 0 500']],
    [prevote(2, 'A'), []],
    [timeout('repeat'), ['timer repeat 0 500']],
    [timeout('repeat'), ['resend', 'timer repeat 0 500']],
    [timeout('repeat'), ['resend', 'timer repeat 0 500']],
  ]);
});

test('what would be dropped is not worth verifying', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give({ kind: 'resume', signed: [] });
  s.give(proposal('A'));
  const vote = (by: number, name: string, round = 0) => ({
    kind: 'vote' as const,
    ...signedVote(PREVOTE, { by, name, round }),
  });
  const { wants } = s.machine;
  assert.equal(wants(vote(0, 'A')), true);
  s.give(prevote(0, 'A'));
  assert.equal(wants(vote(0, 'A')), false, 'known');
  assert.equal(wants(vote(0, 'nil')), true, 'evidence');
  s.give(prevote(0, 'nil'));
  assert.equal(wants(vote(0, 'nil')), false, 'reported');
  assert.equal(wants(vote(9, 'A')), false, 'no such validator');
  assert.equal(wants(vote(0, 'A', 99)), true, 'a far round');
  assert.equal(wants({ ...vote(0, 'A'), height: HEIGHT - 1n }), false);
  assert.equal(wants({ ...vote(0, 'A'), height: HEIGHT + 1n }), true);
  assert.equal(wants({ ...vote(0, 'A'), height: HEIGHT + 3n }), false);
  assert.equal(wants({ kind: 'proposal', height: HEIGHT, round: 0 }), false);
  assert.equal(wants({ kind: 'proposal', height: HEIGHT, round: 1 }), true);
  const offer = {
    kind: 'certificate',
    height: HEIGHT,
    round: 0,
    blockHash: blockHash('A'),
  } as const;
  for (const certificateKind of ['commit', 'committee', 'proofOfLock'] as const)
    assert.equal(wants({ ...offer, certificateKind }), true, certificateKind);
  s.give(certificate('proofOfLock', { name: 'A', by: [1, 2, 3] }));
  for (const certificateKind of ['committee', 'proofOfLock'] as const)
    assert.equal(wants({ ...offer, certificateKind }), false, certificateKind);
  s.give(verdict('A'));
  s.give(certificate('commit', { name: 'A', by: [1, 2, 3] }));
  assert.equal(s.machine.snapshot().step, 'decided');
  assert.equal(wants({ ...offer, certificateKind: 'commit' }), false);
  assert.equal(wants(vote(3, 'A')), false);
});

test('why: what the machine waits for, and whose votes are missing', () => {
  const s = createScript({ own: 1 });
  assert.equal(s.machine.why().waitsFor, 'start');
  s.start();
  assert.equal(s.machine.why().waitsFor, 'work');
  s.give(reason('X'));
  assert.equal(s.machine.why().waitsFor, 'minBlock');
  s.give({ kind: 'timeout', timer: 'minBlock', height: HEIGHT, round: 0 });
  assert.equal(s.machine.why().waitsFor, 'proposal');
  s.give(proposal('A'));
  assert.equal(s.machine.why().waitsFor, 'execution');
  s.give(verdict('A'));
  s.give(prevote(1, 'A'));
  s.give(prevote(3, 'A'));
  const { waitsFor, missing, votes, quorum } = s.machine.why();
  assert.deepEqual([waitsFor, missing, votes, quorum], ['prevotes', [0, 2], 2, 3]);
  s.give(prevote(0, 'A'));
  assert.equal(s.machine.why().waitsFor, 'precommits');
  s.give(certificate('commit', { name: 'A', by: [0, 1, 2] }));
  assert.equal(s.machine.why().waitsFor, 'apply');
});
