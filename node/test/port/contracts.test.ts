// contract_get, account_contracts, credit_history over a chain with a negotiated contract: listed,
// confirmed, a right on offer, settled with a default.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printAccount } from '../../../core/src/ids.js';
import { Pairs } from '../../../state/test/bilateral.js';
import { person } from '../../../state/test/harness.js';
import { contractsPart } from '../../src/port/contracts.js';
import type { NodeView } from '../../src/view.js';

const HOMES = ['a', 'b', 'c'];

/** As much of a node as these answers look at. */
const viewOf = ({ chain }: Pairs): NodeView =>
  ({
    chain: chain.at.chain,
    world: () => chain.world(),
    tip: () => chain.at.parent,
  }) as never;

test('a contract by its id and by its listing, its rights, what was delivered', () => {
  const p = new Pairs({ homes: HOMES });
  const listing = p.agree(1000n, { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n });
  const port = contractsPart(viewOf(p));
  const name = (who: string): string => printAccount(p.chain.id(person(who)));
  const asked = port.contract(listing.id);
  assert.equal(asked.contract, null);
  assert.equal(asked.listing?.state, 'CONTRACT');
  assert.equal(asked.listing?.seller, name('a'));
  assert.equal(asked.listing?.ballots.length, 4);
  const id = asked.listing?.contracts[0];
  assert.ok(id);
  const right = { who: 'b', contract: p.contractId(6n, 0n), period: 6n, kwh: 30, price: 600 };
  const offer = p.offerRight(right);
  p.take(30_000n, [offer]);
  const open = port.contract(id);
  assert.deepEqual(open.contract?.rights[0]?.energyWh, 30_000n);
  assert.equal(open.contract?.state, 'open');
  assert.deepEqual(open.listing?.id, listing.id);
  p.take(31_000n, [p.takeRight('c', offer)]);
  const query = { account: p.chain.id(person('a')), from: undefined, to: undefined };
  const all = { ...query, cursor: undefined };
  const { contracts, listings } = port.contracts(all);
  assert.deepEqual(
    contracts.map(({ energyWh, after }) => [energyWh, after]),
    [
      [50_000n, null],
      [30_000n, id],
    ],
  );
  assert.equal(listings.length, 1);
  assert.equal(port.contracts({ ...all, to: 6n }).contracts.length, 0);
  assert.equal(port.contracts({ ...all, account: p.chain.id(person('c')) }).contracts.length, 1);
  assert.throws(() => port.contract(p.contractId(6n, 9n)), { code: 'NOT_FOUND' });
  assert.deepEqual(port.creditHistory(all).periods, []);

  p.begin(6n, HOMES);
  p.deliver(6n, { a: [0, 50], b: [50, 0], c: [30, 0] });
  const settled = port.contract(id).contract;
  assert.equal(settled?.state, 'settled');
  assert.equal(settled?.delivery?.deliveredWh, 50_000n);
  const history = port.creditHistory(all);
  assert.deepEqual(history.credit, { C: 99, D: 0, i: 1, n: 0 });
  assert.deepEqual(
    history.periods.map(({ period, credit, contractWh, shortfallWh }) => {
      return [period, credit, contractWh, shortfallWh];
    }),
    [[6n, 99, 80_000n, 30_000n]],
  );
});
