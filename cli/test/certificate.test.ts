// `busbar certificate` and the points commands beside issue, redeem and transfer, at a test node on
// which clean energy was traded.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { cleanGenesis, type CleanOptions, CleanRun } from '../../state/test/clean.js';
import { HOUR } from '../../state/test/harness.js';
import * as account from '../src/commands/account.js';
import * as certificate from '../src/commands/certificate.js';
import * as points from '../src/commands/points.js';
import { TestNode } from './testNode.js';

const OPTIONS: CleanOptions = { modules: { points: true }, params: { grants: { cleanKwh: '1' } } };
const KEYS = ['sun', 'shade', 'coal', 'centre'];

async function started(t: TestContext): Promise<TestNode> {
  const genesis = cleanGenesis(OPTIONS);
  const modules = [account, certificate, points];
  const node = await TestNode.start({ genesis, modules, keys: KEYS });
  t.after(() => node.stop());
  return node;
}

/** A period in which shade bought 1,000 clean kWh of sun. */
function trade({ view }: TestNode): void {
  const run = new CleanRun(OPTIONS, view);
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 1_000_000n }]);
  run.deliver(1n, { sun: [0n, 1_000_000n], shade: [1_000_000n, 0n] });
}

test('certificate list, show, transfer, retire', async (t) => {
  const node = await started(t);
  trade(node);
  const key = (who: string): string[] => ['--key', node.file(`${who}.json`)];
  const listed = await node.json('certificate', 'list', ...key('shade'));
  const [one] = listed.certificates as { serial: string; origin: { number: string }[] }[];
  assert.deepEqual([one?.serial, one?.origin[0]?.number], ['1', '000000000000']);
  const { out } = await node.run(['certificate', 'show', '1', '--dir', node.dir]);
  assert.match(out, /certificate 1 {2}1000 kWh {2}held/);
  assert.match(out, /000000000000 +spot +1 +1 +1000/);
  const coal = node.idOf('coal');
  assert.equal(
    await node.refused('certificate', 'transfer', '1', coal, ...key('sun')),
    'NOT_ALLOWED',
  );
  await node.json('certificate', 'transfer', '1', coal, ...key('shade'));
  await node.json('certificate', 'retire', '1', ...key('coal'));
  const again = await node.refused('certificate', 'retire', '1', ...key('coal'));
  assert.equal(again, 'CERTIFICATE_RETIRED');
  const table = await node.run(['certificate', 'list', coal, '--dir', node.dir]);
  assert.match(table.out, /1 +retired +1000/);
  assert.match(table.out, /1 made, 1 retired/);
  const all = await node.json('certificate', 'list', '--all', '--proof');
  assert.equal((all.certificates as unknown[]).length, 1);
  assert.ok((all.anchor as { headerBytes: string }).headerBytes.length > 0);
  assert.equal(await node.refused('certificate', 'show', '2'), 'NOT_FOUND');
  assert.equal(await node.refused('certificate', 'show', 'one'), 'AMOUNT_GRAMMAR');
  assert.equal(await node.refused('certificate', 'list', coal, '--all'), 'USAGE');
  assert.equal(await node.refused('certificate', 'list'), 'USAGE');
});

test('the centre funds the pool of grants by its name; the audit tells every cause', async (t) => {
  const node = await started(t);
  node.view.block(1000n);
  const centre = ['--key', node.file('centre.json')];
  await node.json('points', 'issue', 'pool:grants', '1500', ...centre);
  trade(node);
  await node.json('points', 'redeem', node.idOf('shade'), '2.5', ...centre);
  const audit = await node.json('points', 'audit');
  const entries = audit.entries as { type: string; amount: string; account: string }[];
  assert.deepEqual(entries.map(({ type, amount }) => [type, amount]).slice(0, 1), [
    ['redeem', '2500000'],
  ]);
  const granted = entries.filter(({ type }) => type === 'grant').map(({ amount }) => amount);
  assert.deepEqual(granted.sort(), ['750000000', '750000000']);
  const { supply } = audit as { supply: { grants: { cleanKwh: object } } };
  assert.deepEqual(supply.grants.cleanKwh, { paid: '1500000000', unpaid: '500000000' });
  const { out } = await node.run(['points', 'audit', '--dir', node.dir]);
  assert.match(out, /cleanKwh +1500 CNY +500 CNY/);
  assert.match(out, /issue +1500 CNY/);
});

test('points offer, offers, take, release', async (t) => {
  const node = await started(t);
  node.view.block(1000n);
  const key = (who: string): string[] => ['--key', node.file(`${who}.json`)];
  const terms = ['--terms', '25 EUR to DE00'];
  const { id } = await node.json('points', 'offer', '25', ...terms, ...key('sun'));
  const { offers } = await node.json('points', 'offers', '--seller', node.idOf('sun'));
  const [one] = offers as { id: string; amount: string; until: string; taker: string | null }[];
  assert.deepEqual([one?.id, one?.amount, one?.taker], [id, '25000000', null]);
  assert.equal(BigInt(one?.until ?? '0') / HOUR, 24n);
  const offer = String(id);
  assert.equal(await node.refused('points', 'release', offer, ...key('sun')), 'NOT_RESERVED');
  await node.json('points', 'take', offer, ...key('shade'));
  assert.equal(await node.refused('points', 'take', offer, ...key('coal')), 'POINTS_RESERVED');
  const { out } = await node.run(['points', 'offers', '--dir', node.dir]);
  assert.ok(out.includes(node.idOf('shade')));
  await node.json('points', 'release', offer, ...key('sun'));
  const shade = await node.json('account', 'show', node.idOf('shade'));
  assert.equal(shade.available, '1000025000000');
  const week = ['points', 'offer', '1', ...terms, '--hours', '169', ...key('sun')];
  assert.equal(await node.refused(...week), 'WINDOW_TOO_LONG');
  assert.equal(await node.refused('points', 'take', 'x', ...key('coal')), 'USAGE');
});
