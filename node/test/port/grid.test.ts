// market_grid: lines of the feeder in pages, and what the grid company has published for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money, Price } from '../../../core/src/amount.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { BodyOf } from '../../../core/src/tx.js';
import { HOUR, person, testGenesis } from '../../../state/test/harness.js';
import { repGenesis } from '../../../state/test/reputationTrade.js';
import { streetGenesis } from '../../../state/test/street.js';
import { createNodePort } from '../../src/port/port.js';
import { FakeView } from '../fakeView.js';

const lines = Array.from({ length: 101 }, (_, i) => {
  return {
    id: `L${i}`,
    from: i === 0 ? 'root' : 'hub',
    to: i === 0 ? 'hub' : `n${i}`,
    capacity: '2',
  };
});
const feeder = { nodes: ['root', ...lines.map(({ to }) => to)], lines };

function publish(view: FakeView, market: string, change: Partial<BodyOf<'gridData'>> = {}): void {
  const none = 0n as Price;
  const body = {
    ...{ market, baseWh: lines.map((_, i) => BigInt(-i)), c1: none, c2: none, c3: none },
    ...{ cUp: none, cDown: none, subsidy: none, budget: 0n as Money, ...change },
  };
  const tx = view.test.tx(person('grid'), 'gridData', body);
  assert.deepEqual(view.block(view.tip().timeMs + 10n, [tx]).refused, []);
}

const gridOf = (
  view: FakeView,
  market: string,
  more: { period?: bigint; cursor?: string } = {},
) => {
  const { period, cursor } = more;
  return createNodePort(view).grid({ market, period, cursor, account: undefined });
};

test('prices of genesis until something is published; then by the period asked for', () => {
  const params = { wheeling: { c1: '0.004' }, cUp: '0.05', cDown: '0.01' };
  const view = new FakeView(repGenesis(['ann'], { feeder, params }));
  view.block(1000n);
  const first = gridOf(view, 'spot');
  const { c1, cUp, cDown, subsidy } = first;
  assert.deepEqual([first.period, c1, cUp, cDown, subsidy], [null, 4n, 50n, 10n, 0n]);
  assert.deepEqual(first.lines[1], {
    ...{ id: 'L1', from: 'hub', to: 'n1', capacityWh: 2000n, baseWh: 0n },
  });
  assert.deepEqual([first.lines.length, first.cursor], [100, '100']);

  publish(view, 'spot', { c1: 7n as Price });
  view.block(2n * HOUR);
  publish(view, 'spot', { c1: 9n as Price });
  const seen = (period?: bigint) => {
    const { period: from, c1: price } = gridOf(
      view,
      'spot',
      period === undefined ? {} : { period },
    );
    return [from, price];
  };
  assert.deepEqual(
    [seen(), seen(4n), seen(3n), seen(1n)],
    [
      [4n, 9n],
      [4n, 9n],
      [2n, 7n],
      [null, 4n],
    ],
  );
  const { lines: rest, cursor } = gridOf(view, 'spot', { cursor: '100' });
  assert.deepEqual(
    [rest.map(({ id, baseWh }) => [id, baseWh]), cursor],
    [[['L100', -100n]], undefined],
  );
});

test('where only the check is on, base flows are published and prices are those of genesis', () => {
  const params = { wheeling: { c1: '0.004' }, edges: [], maxOrders: 100 };
  const genesis = streetGenesis({ homes: [['ann', 'hub']], params, modules: { security: true } });
  const view = new FakeView({ ...genesis, feeder });
  view.block(1000n);
  publish(view, 'street');
  const { period, c1, lines: seen } = gridOf(view, 'street');
  assert.deepEqual([period, c1, seen[3]?.baseWh], [2n, 4n, -3n]);
});

test('a market that does not look at lines has nothing to show', () => {
  const view = new FakeView(testGenesis(['ann']));
  const refused = (code: string) => (error: unknown) =>
    error instanceof ProtocolError && error.code === code;
  assert.throws(() => gridOf(view, 'spot'), refused('WRONG_MECHANISM'));
  assert.throws(() => gridOf(view, 'x'), refused('UNKNOWN_MARKET'));
});
