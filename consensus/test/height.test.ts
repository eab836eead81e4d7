// One height without faults, and the opening (consensus 3.1 to 3.5, 3.7): every step table says
// what one input has to bring about, and that nothing else happens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blockHash,
  CENTRE,
  certificate,
  createScript,
  header,
  HEIGHT,
  keyOf,
  openTimeout,
  play,
  precommit,
  prevote,
  proposal,
  reason,
  timeout,
  verdict,
} from './script.js';

test('consensus 3: a height of four without faults waits for no timer but minBlockMs', () => {
  const s = createScript({ own: 1 });
  assert.deepEqual(s.start(), ['timer minBlock 0 100', 'timer maxIdle 0 5000']);
  play(s, [
    [reason('X'), []],
    [openTimeout('minBlock'), ['timer open 0 250', 'timer propose 0 1000', 'timer repeat 0 500']],
    [proposal('A'), ['execute A']],
    [openTimeout('open'), []],
    [verdict('A'), ['prevote 0 A']],
    [prevote(1, 'A'), []],
    [prevote(0, 'A'), []],
    [prevote(2, 'A'), ['confirmed 0 A', 'lock 0 A', 'precommit 0 A']],
    [prevote(3, 'A'), []],
    [precommit(1, 'A'), []],
    [precommit(2, 'A'), []],
    [precommit(0, 'A'), ['decide 0 A']],
    [precommit(3, 'A'), []],
    [timeout('repeat'), []],
  ]);
});

test('consensus 3.1: the proposer builds at its first reason, and sends no Open', () => {
  const s = createScript({ own: CENTRE });
  s.start();
  play(s, [
    [openTimeout('minBlock'), []],
    [reason('X'), ['timer propose 0 1000', 'timer repeat 0 500', 'build 0']],
    [{ kind: 'built', height: HEIGHT, round: 0, header: header('A') }, ['propose 0 A valid -1']],
    [proposal('A'), []],
    [prevote(0, 'A'), []],
    [prevote(1, 'A'), []],
    [prevote(2, 'A'), ['confirmed 0 A']],
    [precommit(0, 'A'), []],
    [precommit(1, 'A'), []],
    [precommit(2, 'A'), ['publish commit 0 A', 'decide 0 A']],
  ]);
});

test('consensus head: a chain of one validator decides by itself', () => {
  const s = createScript({ own: 0, validators: 1, proposers: [0] });
  s.start();
  const own = { signer: keyOf(0) };
  play(s, [
    [reason('X'), []],
    [openTimeout('minBlock'), ['timer propose 0 1000', 'timer repeat 0 500', 'build 0']],
    [
      { kind: 'built', height: HEIGHT, round: 0, header: header('A', { proposer: keyOf(0) }) },
      ['propose 0 A valid -1'],
    ],
    [proposal('A', own), ['prevote 0 A']],
    [prevote(0, 'A'), ['confirmed 0 A', 'lock 0 A', 'precommit 0 A']],
    [precommit(0, 'A'), ['publish commit 0 A', 'decide 0 A']],
  ]);
});

test('consensus 3.7a: work waits for minBlockMs after the decision of the height before', () => {
  const s = createScript({ own: 1, sinceDecisionMs: 30 });
  assert.deepEqual(s.start(), ['timer minBlock 0 70', 'timer maxIdle 0 4970']);
  assert.deepEqual(s.give(reason('X', 'Y')), []);
  assert.equal(s.machine.why().waitsFor, 'minBlock');
  assert.equal(s.give(openTimeout('minBlock'))[0], 'timer open 0 250');
  // The proposer does not stir: now it is told, of what came since as well.
  assert.deepEqual(s.give(openTimeout('open')), ['open 2']);
  assert.equal(s.last()[0]?.kind, 'signOpen');
});

test('consensus 3.7: no Open once its round is over', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(reason('X'));
  s.give(openTimeout('minBlock'));
  for (const by of [0, 2, 3]) s.give(prevote(by, 'nil'));
  for (const by of [0, 2, 3]) s.give(precommit(by, 'nil'));
  assert.ok(s.machine.snapshot().round > 0);
  assert.deepEqual(s.give(openTimeout('open')), []);
});

test('consensus 3.7b: an idle chain opens after maxIdleMs', () => {
  const s = createScript({ own: 1 });
  s.start();
  play(s, [
    [openTimeout('minBlock'), []],
    [openTimeout('maxIdle'), ['timer open 0 250', 'timer propose 0 1000', 'timer repeat 0 500']],
    [openTimeout('maxIdle'), []],
    [openTimeout('open'), ['open 0']],
  ]);
});

test('consensus 3.7c: f+1 Opens or votes open, one does not; nobody votes before', () => {
  const open = (by: number) =>
    ({ kind: 'open', height: HEIGHT, validatorIndex: by, ids: [blockHash('X')] }) as const;
  const opens = createScript({ own: CENTRE });
  opens.start();
  play(opens, [
    [open(2), []],
    [open(2), []],
    [timeout('propose'), []],
    [open(3), ['timer propose 0 1000', 'timer repeat 0 500', 'build 0']],
  ]);
  const [, , build] = opens.last();
  assert.deepEqual(build?.kind === 'build' && build.ids, [blockHash('X')]);
  const votes = createScript({ own: 1 });
  votes.start();
  play(votes, [
    [prevote(0, 'nil'), []],
    [precommit(0, 'nil'), []],
    [prevote(2, 'nil'), ['timer propose 0 1000', 'timer repeat 0 500']],
  ]);
});

test('consensus 3.7c: a proposal opens; one in another name does not', () => {
  const s = createScript({ own: 1 });
  s.start();
  const forged = proposal('B', {}, { proposer: keyOf(2) });
  play(s, [[forged, []]]);
  assert.equal(s.machine.snapshot().step, 'idle');
  const t = createScript({ own: 1 });
  t.start();
  play(t, [[proposal('A'), ['execute A', 'timer propose 0 1000', 'timer repeat 0 500']]]);
});

test('consensus 3.4: outside the committee a validator waits for the certificate', () => {
  const probe = createScript({ validators: 7, floor: 2 });
  const members = probe.committee(0);
  assert.equal(members.length, 2);
  const own = [0, 1, 2, 3, 4, 5, 6].find((i) => !members.includes(i)) as number;
  const s = createScript({ validators: 7, floor: 2, own });
  s.start();
  const stranger = [...members, own].slice(1);
  play(s, [
    [proposal('A'), ['execute A', 'timer propose 0 1000', 'timer repeat 0 500']],
    [verdict('A'), []],
    [certificate('committee', { name: 'A', by: members.slice(0, 1), size: 7 }), []],
    [certificate('committee', { name: 'A', by: stranger, size: 7 }), []],
    [
      certificate('committee', { name: 'A', by: members, size: 7 }),
      ['confirmed 0 A', 'prevote 0 A'],
    ],
  ]);
});

test('consensus 3.4: the certificate comes together from the votes of the members as well', () => {
  const members = createScript({ validators: 7, floor: 2 }).committee(0);
  const [first, second] = members as [number, number];
  const s = createScript({ validators: 7, floor: 2, own: first });
  s.start();
  play(s, [
    [proposal('A'), ['execute A', 'timer propose 0 1000', 'timer repeat 0 500']],
    [prevote(second, 'A'), []],
    [verdict('A'), ['prevote 0 A']],
    [prevote(first, 'A'), ['confirmed 0 A', 'publish committee 0 A']],
  ]);
});

test('consensus 3.4: no certificate at the propose timeout is a nil prevote', () => {
  const members = createScript({ validators: 7, floor: 2 }).committee(0);
  const own = [0, 1, 2, 3, 4, 5, 6].find((i) => !members.includes(i)) as number;
  const s = createScript({ validators: 7, floor: 2, own });
  s.start();
  s.give(proposal('A'));
  s.give(verdict('A'));
  assert.equal(s.machine.why().waitsFor, 'committeeCertificate');
  play(s, [[timeout('propose'), ['resend', 'no NO_CERTIFICATE', 'prevote 0 nil']]]);
});

test('consensus 3.2: a member votes after its execution only, nil with its code', () => {
  const s = createScript({ own: 1 });
  s.start();
  s.give(proposal('A'));
  assert.equal(s.machine.why().waitsFor, 'execution');
  play(s, [[verdict('A', false), ['no BAD_ROOT', 'prevote 0 nil']]]);
});

test('consensus 1.1c: a centre that does not vote follows every vote and decides', () => {
  const s = createScript({ own: CENTRE, proposers: [CENTRE + 1, CENTRE] });
  s.start();
  play(s, [
    [
      proposal('A', { signer: keyOf(CENTRE + 1) }),
      ['execute A', 'timer propose 0 1000', 'timer repeat 0 500'],
    ],
    [timeout('propose'), ['resend', 'no NO_CERTIFICATE']],
    [prevote(0, 'nil'), []],
    [prevote(1, 'nil'), []],
    [prevote(2, 'nil'), ['no NO_QUORUM_SEEN']],
    [precommit(0, 'nil'), []],
    [precommit(1, 'nil'), []],
    [precommit(2, 'nil'), ['timer propose 1 1500', 'build 1']],
  ]);
});
