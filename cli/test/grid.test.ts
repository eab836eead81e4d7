// `busbar grid data`: what is not named stays as it was published last, line by line too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GRID_DATA } from '../../state/src/markets/reputation/tables.js';
import { testGenesis } from '../../state/test/harness.js';
import { repGenesis } from '../../state/test/reputationTrade.js';
import { streetGenesis } from '../../state/test/street.js';
import * as grid from '../src/commands/grid.js';
import { Desk } from './desk.js';

const lines = Array.from({ length: 102 }, (_, i) => {
  return { id: `L${i}`, from: 'root', to: `n${i}`, capacity: '10' };
});
const feeder = { nodes: ['root', ...lines.map(({ to }) => to)], lines };

const publishedBy = ({ node }: Desk) => node.view.world().entries(GRID_DATA).at(-1)?.value;

test('grid data: what is left out stays as it is', async (t) => {
  const params = { wheeling: { c1: '0.004' }, cUp: '0.05', cDown: '0.01' };
  const genesis = repGenesis(['ann'], { feeder, params });
  const desk = await Desk.open(t, { genesis, modules: [grid], keys: ['ann', 'grid'] });
  const data = ['grid', 'data', '--market', 'spot'];
  // Of genesis, while nothing is published.
  await desk.does('grid', ...data, '--c2', '0.002');
  const baseWh = lines.map(() => 0n);
  const own = { c1: 4n, c2: 2n, c3: 0n, cUp: 50n, cDown: 10n, subsidy: 0n, budget: 0n };
  assert.deepEqual(publishedBy(desk), { ...own, baseWh });

  const all = lines.map((_, i) => String(-i)).join(',');
  await desk.does('grid', ...data, '--base', all, '--budget', '1.5');
  const flows = lines.map((_, i) => BigInt(-1000 * i));
  assert.deepEqual(publishedBy(desk), { ...own, budget: 1_500_000n, baseWh: flows });
  await desk.does('grid', ...data, '--base', 'L101=-2.5,L0=3', '--subsidy', '0.02', '--c1', '0');
  assert.deepEqual(publishedBy(desk), {
    ...own,
    ...{ c1: 0n, subsidy: 20n, budget: 1_500_000n },
    baseWh: flows.with(0, 3000n).with(101, -2500n),
  });

  assert.equal(await desk.refused('grid', ...data), 'USAGE');
  assert.equal(await desk.refused('grid', ...data, '--base', 'L1=1,2'), 'NOT_FOUND');
  assert.equal(await desk.refused('grid', ...data, '--base', 'L102=1'), 'NOT_FOUND');
  assert.equal(await desk.refused('grid', ...data, '--base', 'L1='), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('grid', ...data, '--down', '0.06'), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('ann', ...data, '--c1', '0.01'), 'NOT_ALLOWED');
  assert.equal(await desk.refused('grid', ...data.with(-1, 'x'), '--c1', '1'), 'UNKNOWN_MARKET');
});

test('grid data where only lines are checked: base flows, and no prices', async (t) => {
  const params = { wheeling: { c1: '0.004' }, edges: [], maxOrders: 100 };
  const genesis = {
    ...streetGenesis({ homes: [['ann', 'n1']], params, modules: { security: true } }),
    feeder,
  };
  const desk = await Desk.open(t, { genesis, modules: [grid], keys: ['grid'] });
  const data = ['grid', 'data', '--market', 'street'];
  await desk.does('grid', ...data, '--base', 'L1=-1');
  await desk.does('grid', ...data, '--base', 'L2=2');
  const { baseWh, c1 } = publishedBy(desk) ?? {};
  assert.deepEqual([baseWh?.slice(0, 4), c1], [[0n, -1000n, 2000n, 0n], 0n]);
  assert.equal(await desk.refused('grid', ...data, '--c1', '0.01'), 'AMOUNT_RANGE');

  const call = await Desk.open(t, { genesis: testGenesis([]), modules: [grid], keys: ['grid'] });
  const elsewhere = [...data.with(-1, 'spot'), '--base', '1'];
  assert.equal(await call.refused('grid', ...elsewhere), 'WRONG_MECHANISM');
});
