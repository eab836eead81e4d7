// `busbar order` in an open book, and where more is sealed than in a call market (node.test.ts):
// side and energy too, and by bidding round.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { testGenesis } from '../../state/test/harness.js';
import { repGenesis, timesOf } from '../../state/test/reputationTrade.js';
import { streetGenesis } from '../../state/test/street.js';
import * as order from '../src/commands/order.js';
import { TestNode } from './testNode.js';

async function nodeOf(t: TestContext, genesis: object): Promise<TestNode> {
  const node = await TestNode.start({ genesis, modules: [order], keys: ['ann'] });
  t.after(() => node.stop());
  node.view.block(1000n);
  return node;
}
const TERMS = ['--side', 'sell', '--energy', '1.5', '--price'];

test('neighbourhood: sealed with side and energy, opened with its activation', async (t) => {
  const node = await nodeOf(t, streetGenesis({ homes: [['ann', 'N1']] }));
  const ann = ['--key', node.file('ann.json'), '--market', 'street'];
  await node.json('order', 'submit', ...TERMS, '0.5', ...ann);
  const { orders } = await node.json('order', 'list', '--key', node.file('ann.json'));
  const [sealed] = orders as { state: string; side?: string; energyWh?: string }[];
  assert.deepEqual(
    [sealed?.state, sealed?.side, sealed?.energyWh],
    ['sealed', undefined, undefined],
  );
  assert.equal(await node.refused('order', 'reveal', ...ann), 'WRONG_PHASE');
  await node.json('order', 'cancel', ...ann);
  await node.json('order', 'submit', ...TERMS, '0.5', ...ann);
  node.view.block(65_000n);
  await node.json('order', 'reveal', '--activate', ...ann);
  assert.equal(await node.refused('order', 'reveal', ...ann), 'ALREADY_REVEALED');
  const opened = await node.json('order', 'list', '--key', node.file('ann.json'));
  const [first] = opened.orders as { state: string; energyWh: string; price: string }[];
  assert.deepEqual([first?.state, first?.energyWh, first?.price], ['revealed', '1500', '500']);
});

test('reputation: a seal for each bidding round, opened and cancelled by its round', async (t) => {
  const node = await nodeOf(t, repGenesis(['ann', 'bob']));
  const ann = ['--key', node.file('ann.json'), '--market', 'spot'];
  const of = (n: number): string[] => [...ann, '--round', String(n)];
  await node.json('order', 'submit', ...TERMS, '0.2', ...of(1));
  // A later one of the same round takes its place: the newer opening counts.
  await node.json('order', 'submit', ...TERMS, '0.18', ...of(1));
  await node.json('order', 'submit', ...TERMS, '0.15', ...of(2));
  assert.equal(await node.refused('order', 'submit', ...TERMS, '0.15', ...of(9)), 'BAD_ENCODING');
  assert.equal(await node.refused('order', 'submit', ...TERMS, '0.15', ...of(0)), 'USAGE');
  assert.equal(await node.refused('order', 'cancel', ...of(3)), 'NO_ORDER');
  node.view.block(timesOf(1n, 1).closeOrders);
  assert.equal(await node.refused('order', 'reveal', ...of(2)), 'WRONG_PHASE');
  await node.json('order', 'reveal', ...of(1));
  assert.equal(await node.refused('order', 'reveal', ...of(1)), 'ALREADY_REVEALED');
  await node.json('order', 'cancel', ...of(2));
  await node.json('order', 'submit', ...TERMS, '0.16', ...of(2));
  node.view.block(timesOf(1n, 2).closeOrders);
  await node.json('order', 'reveal', ...of(2));
  const { orders } = await node.json('order', 'list', '--key', node.file('ann.json'));
  const [first] = orders as { state: string; price: string }[];
  assert.deepEqual([first?.state, first?.price], ['revealed', '160']);
});

test('uniform: the order is open at once, is lowered and taken back', async (t) => {
  const market = { id: 'spot', mechanism: 'uniform', params: { feedIn: '0.08', retail: '0.30' } };
  const node = await nodeOf(t, testGenesis(['ann'], { markets: [market] }));
  const ann = ['--key', node.file('ann.json'), '--market', 'spot'];
  const seen = async (): Promise<unknown[]> => {
    const { orders } = await node.json('order', 'list', '--key', node.file('ann.json'));
    const [first] = orders as { state: string; energyWh: string; price: string }[];
    return [first?.state, first?.energyWh, first?.price];
  };
  assert.equal(await node.refused('order', 'reduce', '--energy', '1', ...ann), 'NO_ORDER');
  await node.json('order', 'submit', ...TERMS, '0.15', ...ann);
  assert.deepEqual(await seen(), ['open', '1500', '150']);
  assert.equal(await node.refused('order', 'reveal', ...ann), 'NO_ORDER');
  assert.equal(await node.refused('order', 'submit', ...TERMS, '0.5', ...ann), 'PRICE_BOUNDS');
  await node.json('order', 'reduce', '--energy', '1.2', ...ann);
  assert.deepEqual(await seen(), ['open', '1200', '150']);
  await node.json('order', 'cancel', ...ann);
  assert.equal(await node.refused('order', 'cancel', ...ann), 'NO_ORDER');
});
