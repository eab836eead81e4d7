// market_period of a neighbourhood market over a real chain: phases, the bid of an account before
// and after its reveal, contracts that wait for an activation, tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printAccount } from '../../../core/src/ids.js';
import { person } from '../../../state/test/harness.js';
import { INTERVAL, type Request, Street, streetGenesis } from '../../../state/test/street.js';
import { createNodePort } from '../../src/port/port.js';
import { FakeView } from '../fakeView.js';

const homes = [
  ['N1', 'N1'],
  ['N3', 'N3'],
] as const;
const SELL: Request = { who: 'N1', side: 'sell', wh: 5000n, price: 450n, activate: true };
const BUY: Request = { who: 'N3', side: 'buy', wh: 3000n, price: 700n };

test('a period as its accounts see it', () => {
  const view = new FakeView(streetGenesis({ homes }));
  const s = new Street({ homes }, view.test);
  const port = createNodePort(view);
  const of = (who: string) =>
    port.marketPeriod({
      ...{ market: 'street', period: 1n, cursor: undefined },
      account: s.chain.id(person(who)),
    });
  view.block(Street.at(1n, 10), [s.seal(SELL), s.seal(BUY)]);
  const sealed = of('N3');
  assert.equal(sealed.phase, 'declare');
  assert.deepEqual(
    sealed.phases.map(({ name, end }) => `${name} ${end}`),
    [
      ...['declare 60000', 'reveal 90000', 'activate 300000', 'forecast 300000'],
      ...['matched 300000', 'delivery 600000', 'readings 840000'],
    ],
  );
  assert.equal(sealed.steps.active, INTERVAL);
  assert.equal(sealed.order?.state, 'sealed');
  const shown = [sealed.order?.side, sealed.order?.energyWh, sealed.order?.price];
  assert.deepEqual(shown, [undefined, undefined, undefined]);
  assert.equal(sealed.tokens, 863);
  view.block(Street.at(1n, 60));
  view.block(Street.at(1n, 70), [s.reveal(SELL), s.reveal(BUY)]);
  assert.deepEqual([of('N3').phase, of('N3').order?.price], ['reveal', 700n]);
  view.block(Street.at(1n, 90));
  const [waits] = of('N3').contracts ?? [];
  assert.deepEqual(waits, {
    id: s.contract(0),
    side: 'buy',
    counterparty: printAccount(s.chain.id(person('N1'))),
    energyWh: 3000n,
    price: 600n,
    biddingRound: 1,
    auctioneer: 'N2',
    until: INTERVAL,
  });
  assert.deepEqual(of('N1').contracts, [], 'it was activated with the reveal');
  assert.deepEqual([of('N3').phase, of('N3').clearing?.tradeCount], ['activate', 1]);
  view.block(INTERVAL);
  assert.deepEqual([of('N3').order?.state, of('N3').clearing?.tradeCount], ['cancelled', 0]);
  assert.deepEqual(of('N3').contracts, []);
  const edges = of('N1').parameters.params.edges as readonly (readonly string[])[];
  assert.deepEqual(edges[0], ['N1', 'N2']);
});
