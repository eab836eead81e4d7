// Pages of long answers, phases that a late chain is in, and what an older height says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeriodIndex } from '../../../core/src/amount.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { PeriodRecord } from '../../../state/src/schema.js';
import { person, testGenesis } from '../../../state/test/harness.js';
import { phaseOf } from '../../src/port/phase.js';
import { createNodePort } from '../../src/port/port.js';
import { FakeView } from '../fakeView.js';

const COUNT = RPC_PAGE + 20;

test('a long block and a long journal come in pages, nothing twice', () => {
  const view = new FakeView(testGenesis(['ann', 'bob']));
  const port = createNodePort(view);
  const transfers = Array.from({ length: COUNT }, (_, i) =>
    view.test.tx(person('ann'), 'transfer', {
      market: '',
      to: view.test.id(person('bob')),
      amount: BigInt(i + 1) as never,
      memo: new Uint8Array(0),
    }),
  );
  view.block(1000n, transfers);
  const first = port.block({ ref: { height: 1n }, raw: false, from: 0 });
  assert.deepEqual([first.transactions.length, first.cursor], [RPC_PAGE, String(RPC_PAGE)]);
  const second = port.block({ ref: { height: 1n }, raw: false, from: RPC_PAGE });
  assert.deepEqual([second.transactions.length, second.cursor], [20, undefined]);
  assert.equal(second.receipts.length, 20);
  const ids = [...first.transactions, ...second.transactions].map((tx) => tx.id);
  assert.deepEqual(
    ids,
    transfers.map((tx) => tx.id),
  );
  const query = { account: view.test.id(person('bob')), from: undefined, to: undefined };
  const newest = port.journal({ ...query, cursor: undefined });
  const rest = port.journal({ ...query, cursor: newest.cursor });
  assert.equal(rest.cursor, undefined);
  assert.deepEqual(
    [...newest.entries, ...rest.entries].map((e) => e.available),
    transfers.map((_, i) => BigInt(COUNT - i)),
  );
});

test('the journal goes on over many empty blocks', () => {
  const view = new FakeView(testGenesis(['ann', 'bob']));
  const port = createNodePort(view);
  const tx = view.test.tx(person('ann'), 'transfer', {
    market: '',
    to: view.test.id(person('bob')),
    amount: 5n as never,
    memo: new Uint8Array(0),
  });
  view.block(1000n, [tx]);
  for (let i = 2n; i <= 502n; i++) view.block(1000n + i);
  const query = { account: view.test.id(person('bob')), from: undefined, to: undefined };
  const none = port.journal({ ...query, cursor: undefined });
  assert.deepEqual([none.entries.length, none.cursor], [0, '2']);
  assert.equal(port.journal({ ...query, cursor: none.cursor }).entries.length, 1);
});

test('between a boundary and its step nothing is open', () => {
  const view = new FakeView(testGenesis(['ann']));
  const [market] = view.chain.markets;
  assert.ok(market);
  const record: PeriodRecord = {
    sealed: 1,
    revealed: 0,
    live: 1,
    readings: 0,
    trades: 0,
    status: 'declare',
    void: false,
    settleAtMs: 2_400_000n as never,
  };
  const period = 1n as PeriodIndex;
  const at = (timeMs: bigint, change: Partial<PeriodRecord>) =>
    phaseOf({ market, period, timeMs, record: { ...record, ...change } });
  assert.equal(at(299_999n, {}), 'declare');
  assert.equal(at(300_000n, {}), 'closing');
  assert.equal(at(300_000n, { status: 'reveal' }), 'reveal');
  assert.equal(at(600_000n, { status: 'reveal' }), 'clearing');
  assert.equal(at(600_000n, { status: 'cleared' }), 'matched');
  // An outage moved the deadline, and the step is still to come.
  assert.equal(at(2_500_000n, { status: 'paid', settleAtMs: 3_000_000n as never }), 'readings');
  assert.equal(at(2_500_000n, { status: 'paid' }), 'readings');
});

test('an older height speaks of its own time', () => {
  const view = new FakeView(testGenesis(['ann']));
  const port = createNodePort(view);
  const guest = person('guest');
  const admit = view.test.tx(person('centre'), 'admit', {
    market: '',
    publicKey: guest.key,
    role: 'prosumer',
    organisation: '',
    pMaxImportW: 1n,
    pMaxExportW: 1n,
    green: false,
    node: '',
    expiresMs: 5000n as never,
    commitment: undefined,
  });
  view.block(1000n, [admit]);
  view.block(6000n);
  const query = { account: view.test.id(guest), proof: false };
  assert.equal(port.account({ ...query, height: undefined }).status, 'suspended');
  assert.equal(port.account({ ...query, height: 1n }).status, 'active');
});
