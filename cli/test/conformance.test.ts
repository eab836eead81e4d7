// `busbar conformance`: every case of the vector files passes, a spoilt case is found by name, and
// what is no vector file is refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ProtocolError } from '../../core/src/errors.js';
import { creditForm, sequenceOf, tableOf } from '../src/conformance/creditForm.js';
import { runConformance } from '../src/conformance/run.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'busbar-'));
after(() => rmSync(directory, { recursive: true }));

type Node = Record<string, unknown>;
const readVectors = (name: string): Node =>
  JSON.parse(readFileSync(join(root, 'test/vectors', name), 'utf8')) as Node;
const light = readVectors('light/light.json');
const draws = readVectors('draws/dpoa-draws.json');
const credit = readVectors('dpoa/dpoa-credit.json');

/** What stands at a path like "lists.roots.5". */
const at = (vectors: unknown, path: string): unknown =>
  path.split('.').reduce((node, name) => (node as Node)[name], vectors);

type Change = (old: never, vectors: Node) => unknown;

/** The cases that fail once the value at `path` is replaced. */
function failedAfter(vectors: Node, path: string, change: Change): readonly string[] {
  const copy = structuredClone(vectors);
  const parent = at(copy, path.split('.').slice(0, -1).join('.')) as Node;
  const name = path.split('.').at(-1) as string;
  parent[name] = change(parent[name] as never, copy);
  return runConformance(copy).failed.map((failed) => failed.case);
}

const flip: Change = (hex: string) =>
  (Number.parseInt(hex.slice(0, 2), 16) ^ 1).toString(16).padStart(2, '0') + hex.slice(2);
const become =
  (value: unknown): Change =>
  () =>
    value;
const like =
  (path: string): Change =>
  (_, vectors) =>
    at(vectors, path);
const reverse: Change = (list: readonly unknown[]) => [...list].reverse();

function assertFound(vectors: Node, spoilt: readonly (readonly [string, string, Change])[]): void {
  for (const [name, path, change] of spoilt) {
    const failed = failedAfter(vectors, path, change);
    assert.ok(
      failed.some((of) => of.includes(name)),
      `${path}: ${failed.join('; ')}`,
    );
  }
}

test('every vector file agrees with this program', () => {
  for (const [name, passed] of [
    ['light/light.json', 220],
    ['draws/dpoa-draws.json', 440],
    ['call/call.json', 168],
    ['two-round/two-round.json', 233],
    ['dpoa/dpoa-credit.json', 644],
    ['reputation/reputation.json', 147],
    ['neighbourhood/neighbourhood.json', 325],
  ] as const) {
    const report = runConformance(readVectors(name));
    assert.deepEqual(report.failed, [], name);
    assert.equal(report.passed, passed, name);
  }
});

test('light: a spoilt vector of each part is found by name', () => {
  assertFound(light, [
    ['encoding u32 128', 'encoding.2.hex', become('cc81')],
    ['encoding u64 5 decoded', 'encoding.17.hex', become('05')],
    ['lists root of 5', 'lists.roots.5', flip],
    ['lists inclusion 0 of 2', 'lists.inclusion.1.path', become([])],
    ['lists consistency 3 to 7', 'lists.consistency.1.path', reverse],
    ['tree root', 'tree.entries.3.value', become('00')],
    ['tree empty root', 'tree.emptyRoot', flip],
    ['tree root of one leaf', 'tree.oneLeafRoot', flip],
    ['tree presence', 'tree.presence.0.value', become('00')],
    ['tree absence', 'tree.absence.0.key', like('tree.entries.0.key')],
    ['tree other value', 'tree.refused.0.value', like('tree.presence.0.value')],
    ['votes step 1', 'votes.0.signature', flip],
    ['sets of 4 setRoot', 'sets.0.setRoot', flip],
    ['ids 130bfaaa', 'ids.0.id', flip],
    ['chain next height', 'chain.cases.0.expect', become('NO_QUORUM')],
    ['chain conflict', 'chain.conflict.second', like('chain.conflict.first')],
    ['event', 'event.proof', like('event.refused.0.proof')],
    ['event line altered', 'event.refused.0.proof', like('event.proof')],
  ]);
});

test('light: the chain cases expect every code, and no other answer passes', () => {
  const cases = light.chain as { cases: { name: string; expect: string }[] };
  const failed = failedAfter(light, 'chain.cases.0.expect', become('none'));
  assert.deepEqual(failed, [`chain ${cases.cases[0]?.name}`]);
  assert.equal(new Set(cases.cases.map(({ expect }) => expect)).size, 12, 'ok and eleven codes');
});

test('draws: a spoilt weight, seed, member, herald and beacon are found', () => {
  assertFound(draws, [
    ['weight', 'draws.1.validators.0.credit', become(1)],
    ['seed', 'draws.0.rounds.0.seed', flip],
    ['members', 'draws.3.rounds.0.members', reverse],
    ['fallback proposers', 'draws.3.fallbackProposers', reverse],
    ['herald', 'draws.0.herald', become('ff')],
    ['beacon of height', 'beacon.chain.1.beacon', flip],
  ]);
});

/** Paths of the texts and numbers below a value. */
function leavesOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) =>
    leavesOf(part, path === '' ? name : `${path}.${name}`),
  );
}

test('two-round: each expected, printed and claimed value is compared', () => {
  const twoRound = readVectors('two-round/two-round.json');
  const input = /^input\.(parameters|table1)\./;
  const leaves = leavesOf(twoRound).filter((path) => !input.test(path));
  assert.equal(leaves.length, 199);
  for (const path of leaves) {
    const failed = failedAfter(twoRound, path, (old: unknown) =>
      typeof old === 'number' ? old + 1 : `${old}9`,
    );
    const isShared = path.startsWith('input.');
    assert.equal(failed.length, isShared ? 2 : 1, path);
  }
  for (const path of ['input.parameters.beta', 'input.table1.6.kwh', 'input.table1.2.reserve']) {
    const change: Change = (old: unknown) => (typeof old === 'number' ? old - 1 : '0.492');
    assert.ok(failedAfter(twoRound, path, change).length > 0, path);
  }
});

test('neighbourhood: each value that is computed is compared', () => {
  const {
    powNetwork: _,
    powerFlow: __,
    ...vectors
  } = readVectors('neighbourhood/neighbourhood.json');
  const inputs = [
    /^fig2\.(p_[fr]|edges|requests)|preimage$/,
    /^auctions\.\d+\.(name|rule|p_|bids|asks)/,
    /before|meter\.(e|i|c)|escrow\.(price|qty|delivered$)/,
    /^game\.input/,
  ];
  const leaves = leavesOf(vectors).filter((path) => !inputs.some((input) => input.test(path)));
  assert.equal(leaves.length, 324);
  for (const path of leaves) {
    const failed = failedAfter(vectors, path, (old: unknown) =>
      old === null ? 1 : typeof old === 'number' ? old + 1 : `${old}9`,
    );
    assert.equal(failed.length, 1, path);
  }
  assertFound(vectors, [
    [
      'fig2 commitment sha256',
      'fig2.commitment.preimage',
      (text: string) => `${text}`.replace('42', '43'),
    ],
    ['fig2 contracts', 'fig2.requests.1.3', become(460)],
    ['fig2 root', 'fig2.edges.3', become(['N1', 'N5'])],
    ['auctions p0_ok average p_buy', 'auctions.6.bids.2.1', become(530)],
    ['meter C1', 'escrow.meter.export.N1', become(3000)],
    ['escrow after.C1', 'escrow.escrow.qty', become(5001)],
    ['game price', 'game.input.sellers.S1.k', become(2000000)],
    ['game closed_form', 'game.input.E1', become(1100)],
  ]);
});

test('credit: a spoilt vector of each part is found by name', () => {
  assertFound(credit, [
    ['tableA1A2 1 consumer T_micro', 'tableA1A2.0.con.T_micro', become(1351059)],
    ['tableA1A2 15 supplier ratio', 'tableA1A2.14.sup.ratio_1e12', become(155589779610)],
    ['tableA1A2 14 consumer C', 'tableA1A2.13.con.C', become(86)],
    ['contract 6-e delivered', 'tables2and3.contracts.8.delivered_wh', become(30000)],
    ['tables2and3 b share', 'tables2and3.nodes.b.share_micro', become(1100806)],
    ['tables2and3 e net', 'tables2and3.nodes.e.net_micro', become(71162431)],
    ['as the paper pools 6', 'tables2and3SharesAsPrintedPaperPooling.6', become('5.50017')],
    ['sigmoidSquared1e12 64', 'sigmoidSquared1e12.64', become(999999999999)],
    ['priceRatio 60,5', 'priceRatio1e12ByCreditAndN.60,5', become(666613200833)],
    ['figure1 g = 7 C = 98', 'figure1Sweeps.g.7.1', become(126760945689)],
    ['bothSidesDefault y share', 'bothSidesDefault.shares.y', become(903509)],
    ['uncompensatedDefaults 8 deducted', 'uncompensatedDefaults.7.0', become(20)],
    ['selection weight n01', 'selection.records.1.2', become(2)],
    ['selection order', 'selection.order', reverse],
  ]);
});

test('credit: the misprinted cells (market-bilateral M1-M7)', () => {
  const misprints = runConformance(credit).misprints ?? [];
  assert.deepEqual(
    misprints.map(({ cell, printed, consistent }) => `${cell} ${printed} ${consistent}`),
    [
      'tableA1A2 3 price 0.65 0.64',
      'tables2and3 1 share 0.081 0.082',
      'tables2and3 1 money 64.91 64.18',
      'tables2and3 2 C 93 97',
      'tables2and3 3 share 0.076 0.077',
      'tables2and3 4 money 42.90 40.29',
      'tables2and3 6 share 5.430 5.500',
      'tables2and3 6 money 50.93 51.00',
      'tables2and3 8 share 0.080 0.081',
      'tables2and3 b share 1.216 1.103',
      'tables2and3 b money 32.68 32.80',
      'tables2and3 e T 6.77 6.78',
      'tables2and3 g money 51.12 51.11',
    ],
  );
  for (const { computed, consistent } of misprints) assert.equal(computed, consistent);
});

test('credit: the example files are the tables', () => {
  const vectors = creditForm.parse(credit);
  const example = (name: string): unknown =>
    JSON.parse(readFileSync(join(root, 'examples/dpoa', name), 'utf8'));
  assert.deepEqual(example('tableA1A2.json'), sequenceOf(vectors.tableA1A2));
  assert.deepEqual(example('tables2and3.json'), tableOf(vectors));
  assert.deepEqual(example('tables2and3-pooled.json'), tableOf(vectors, 'pooled'));
});

const reputation = readVectors('reputation/reputation.json');

test('reputation: a spoilt value of each part is found by name', () => {
  assertFound(reputation, [
    ['table2 buyers', 'table2.buyers_desc', reverse],
    ['table3 D3 range', 'table3.D3.range', become(3)],
    ['table3 D3 feasible', 'table3.D3.feasible', become(['U1', 'U3'])],
    ['table3 D2 may choose', 'table3.D2.may_choose', become('U2, U1, U3')],
    ['round1_default match 1', 'round1_default.matches.1', become(['U1', 'D3', 999])],
    ['round1_default rest of U3', 'round1_default.rest.U3', become(0)],
    ['round1_chosen match 0', 'round1_chosen.choice.U2', become(['D2'])],
    ['period deal 2', 'period.log.2.4', become('97.5')],
    ['period unmatched', 'period.unmatched', become(['U3'])],
    ['reputation 0', 'reputation.0.R_ppm', become(616667)],
    ['ranking n02', 'ranking.nodes.n02', become([100, 2])],
    ['cep beta_10_9 exact', 'cep.beta_10_9.exact', become('95')],
    ['cep beta_9_10 rounded', 'cep.beta_9_10.rounded', become(96)],
    ['quote_advice 2', 'quote_advice.2.next', become(97)],
    ['congestion unit fee L2', 'congestion.c_down', become(401)],
    ['congestion flagged', 'congestion.flagged', become([])],
    ['congestion check failed', 'congestion.check.failed', become([])],
    ['congestion cut t3', 'congestion.curtail.over', become(1201)],
    ['final_price odd price seller', 'final_price.odd_price_1501_wh.seller', become(143346)],
    ['contract state 2', 'contract.states.2', become('ACTIVE')],
    ['contract end D2', 'contract.end.D2', become(1)],
    ['certificates 0 source', 'certificates.certificates.0.source', reverse],
    ['certificates open Wh of PV1', 'certificates.open_wh.PV1', become(0)],
    ['rewards n04', 'rewards.paid.n04', become(0)],
    ['activity 3', 'activity.3.value', become(2)],
    ['election', 'election.elected', reverse],
    ['period_length 1', 'period_length.1.seconds', become(780)],
    ['merkle tampered', 'merkle.tampered', flip],
  ]);
});

test('reputation: the printed cells of table 3 that the rule does not give', () => {
  const misprint = (cell: string, printed: string, consistent: string) => ({
    cell,
    printed,
    consistent,
    computed: consistent,
  });
  assert.deepEqual(runConformance(reputation).misprints, [
    misprint('table3 D2', 'U2, U1, U3', 'U2 or U1 or U3'),
    misprint('table3 D3', 'U1, U3', 'U2, U1'),
  ]);
});

const codeOf = (document: unknown): string => {
  try {
    runConformance(document);
    return 'ran';
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
};

test('other forms are named, other documents are refused', () => {
  assert.equal(codeOf({ expected_repeat: {}, expected_single: {} }), 'FILE_FORMAT');
  assert.equal(codeOf({ tableA1A2: {}, tables2and3: {} }), 'FILE_FORMAT');
  assert.equal(codeOf({ units: {}, cases: [], days: [] }), 'NOT_SUPPORTED');
  for (const document of [null, 7, [], {}, { draws: [] }, { ...light, ids: 3 }])
    assert.equal(codeOf(document), 'FILE_FORMAT');
  assert.equal(codeOf({ draws: [{}], beacon: {} }), 'FILE_FORMAT');
  assert.equal(
    codeOf({ ...light, lists: { ...(light.lists as Node), items: ['0G'] } }),
    'FILE_FORMAT',
  );
});

test('as a process: one JSON document, and status 1 where anything failed', () => {
  const busbar = (file: string) =>
    spawnSync(process.execPath, ['bin/busbar.js', 'conformance', file, '--json'], {
      cwd: root,
      encoding: 'utf8',
    });
  const good = busbar('test/vectors/draws/dpoa-draws.json');
  assert.equal(good.status, 0);
  assert.deepEqual(JSON.parse(good.stdout), { passed: 440, failed: [] });
  const file = join(directory, 'spoilt.json');
  const spoilt = structuredClone(draws);
  (at(spoilt, 'draws.0') as Node).eligible = 7;
  writeFileSync(file, JSON.stringify(spoilt));
  const bad = busbar(file);
  assert.equal(bad.status, 1);
  const { passed, failed } = JSON.parse(bad.stdout);
  assert.equal(passed, 439);
  assert.deepEqual(failed, [{ case: 'draw 0 one validator eligible', want: '7', got: '0' }]);
});
