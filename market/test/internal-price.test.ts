// The internal-price game (market-neighbourhood 1.6, 1.7): the three cases, ties, limits, and the
// closed form beside the scan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WattHour } from '../../core/src/amount.js';
import { clearDocument } from '../src/file/clear.js';
import { CLOSED_FORM_DECIMALS, closedForm, integerRoot } from '../src/internalPrice/closedForm.js';
import type { InternalPriceReport } from '../src/internalPrice/file.js';
import { gameContracts, type GameSeller, ownUse, playGame } from '../src/internalPrice/game.js';
import { mill, wh } from './books.js';

const options = { feedIn: mill(400), retail: mill(800), tick: 1n, e1: wh(1000) };
const seller = (g: number, k: number, emin = 0, emax = g): GameSeller => ({
  ...{ g: wh(g), k: BigInt(k), emin: wh(emin), emax: wh(emax) },
});
const play = (sellers: readonly GameSeller[], demand: readonly number[]) =>
  playGame({ sellers, demand: demand.map(wh) }, options);

test('case 1: who uses all it has sells nothing, and buyers pay the retail price', () => {
  const result = play([seller(1000, 800_000)], [500]);
  assert.deepEqual([result.case, result.price, result.sale, result.shares], [1, 800n, [0n], [0n]]);
  assert.equal(play([], [500]).case, 1);
  assert.equal(play([], []).case, 1);
});

test('case 3: a surplus at feed-in, shared by what each has left', () => {
  // At 400 the first uses 1000, the second nothing: 2000 and 1000 for sale, 1000 wanted.
  const result = play([seller(3000, 800_000), seller(1000, 100_000)], [400, 600]);
  assert.equal(result.case, 3);
  assert.equal(result.price, 400n);
  assert.deepEqual(result.sale, [2000n, 1000n]);
  assert.deepEqual(result.inside, [667n, 333n]);
  assert.deepEqual(result.shares, [400n, 600n]);
  assert.deepEqual(gameContracts(result), [
    { seller: 0, buyer: 0, energyWh: 400n },
    { seller: 0, buyer: 1, energyWh: 267n },
    { seller: 1, buyer: 1, energyWh: 333n },
  ]);
});

test('equality belongs to the game; nobody to buy: everything is surplus', () => {
  const fixed = seller(1000, 0, 200, 200);
  assert.equal(play([fixed], [800]).case, 2);
  assert.equal(play([fixed], [799]).case, 3);
  assert.deepEqual([play([fixed], []).case, play([fixed], []).inside], [3, [0n]]);
  // Supply does not move, so the least price is the best: the tie rule does not raise it.
  assert.equal(play([fixed], [800]).price, 400n);
});

test('supply never passes demand: the scan stops where it would', () => {
  // Uses 1500 at 400 and 250 at 800; 1000 wanted: 1500 + 1000 = 2500 at floor(k/p) = 2500.
  const { price, sale } = play([seller(2500, 1_000_000)], [1000]);
  assert.ok((sale[0] ?? 0n) <= 1000n);
  assert.equal(price, 400n);
});

test('prices that cost the buyers the same: the smaller one', () => {
  // 1 Wh at 798 and 2 Wh at 799 both cost two units less than the grid alone.
  const close = { feedIn: mill(798), retail: mill(800), tick: 1n, e1: wh(1) };
  const sellers = [seller(10, 7989)];
  const result = playGame({ sellers, demand: [wh(5)] }, close);
  assert.deepEqual([result.price, result.sale], [798n, [1n]]);
  assert.equal(ownUse(seller(10, 7989), mill(799), wh(1)), 8n);
});

test('own use: floor of k/p less e1, inside its limits, all of it at price nought', () => {
  assert.equal(ownUse(seller(3000, 1_100_000), mill(452), wh(1000)), 1433n);
  assert.equal(ownUse(seller(3000, 1_100_000, 1500), mill(452), wh(1000)), 1500n);
  assert.equal(ownUse(seller(3000, 1_100_000, 0, 700), mill(452), wh(1000)), 700n);
  assert.equal(ownUse(seller(3000, 0), mill(0), wh(1000)), 3000n);
});

test('the root is the largest whole number below', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
      const root = integerRoot(value);
      assert.ok(root * root <= value && value < (root + 1n) * (root + 1n));
    }),
  );
});

test('without limits the scan is the closed form to a tick, at most half a percent dearer', () => {
  const one = fc.record({
    g: fc.integer({ min: 1000, max: 5000 }),
    use: fc.integer({ min: 0, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (homes) => {
      // The limits are there and do not bind: e <= use at feed-in, and demand is large.
      const sellers = homes.map(({ g, use }) => seller(g, 400 * (1000 + use)));
      const demand = [wh(100_000)];
      const result = playGame({ sellers, demand }, options);
      const exact = closedForm({ sellers, demand }, options);
      assert.ok(exact !== undefined && result.case === 2);
      if (result.consumption.some((e) => e === 0n)) return;
      const unit = 10n ** BigInt(CLOSED_FORM_DECIMALS);
      const sold = result.sale.reduce((sum, e) => sum + e, 0n);
      const cost = (result.price * sold + 800n * (100_000n - sold)) * unit;
      assert.ok(cost >= exact.cost - 800n * 8n * unit, 'a floor per seller is all it can be below');
      assert.ok(cost * 1000n <= exact.cost * 1005n);
    }),
  );
});

const document = (sellers: readonly object[], buyers: readonly object[], params = {}) => ({
  mechanism: 'internal-price',
  params: { feedIn: '0.4', retail: '0.8', e1: '1', ...params },
  ...{ sellers, buyers },
});
const played = (sellers: readonly object[], buyers: readonly object[]): InternalPriceReport =>
  clearDocument(document(sellers, buyers)) as InternalPriceReport;
const S1 = { id: 'S1', g: '3', k: '1.1' };

test('in files: ids in their order, accounts and sums with the rest of the grid', () => {
  const buyers = [
    { id: 'B10', demand: '3' },
    { id: 'B2', demand: '5' },
  ];
  const report = played([S1], buyers);
  assert.equal(report.case, 2);
  assert.equal(report.trades[0]?.buyer, 'B2');
  assert.deepEqual(Object.keys(report.shares), ['B2', 'B10']);
  assert.deepEqual(
    report.accounts.map(({ id }) => id),
    ['S1', 'B10', 'B2'],
  );
  const { sale, consumption } = report;
  assert.equal(Number(sale.S1) + Number(consumption.S1), 3);
  const first = report.accounts.find(({ id }) => id === 'B2');
  assert.equal(Number(first?.market) + Number(first?.grid), Number(first?.total));
  const none = played([], buyers);
  assert.deepEqual([none.case, none.price, none.trades], [1, '0.800', []]);
});

test('in files: what does not fit is refused by name', () => {
  const field = (sellers: readonly object[], buyers: readonly object[] = [], params = {}) => {
    try {
      clearDocument(document(sellers, buyers, params));
    } catch (error) {
      const { code, data } = error as { code: string; data: { field: string } };
      return `${code} ${data.field}`;
    }
    return 'accepted';
  };
  assert.equal(field([{ ...S1, emax: '3.001' }]), 'PARAM_RANGE sellers[0].emax');
  assert.equal(field([{ ...S1, emin: '2', emax: '1' }]), 'PARAM_RANGE sellers[0].emin');
  assert.equal(field([S1], [{ id: 'S1', demand: '1' }]), 'FILE_FORMAT buyers[0].id');
  assert.equal(field([{ ...S1, price: '1' }]), 'UNKNOWN_FIELD sellers[0].price');
  assert.equal(field([S1], [{ id: 'B', demand: '1', g: '1' }]), 'UNKNOWN_FIELD buyers[0].g');
  assert.equal(field([{ ...S1, g: '9000000000000000' }]), 'AMOUNT_RANGE sellers[0]');
  assert.equal(field([S1], [], { tick: '0.000000001' }), 'PARAM_RANGE params.tick');
  assert.match(field([S1], [], { e1: '0.0001' }), /^AMOUNT_GRAMMAR/);
});

test('what sellers sell inside is what buyers get of them', () => {
  const uses = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(uses, fc.integer({ min: 1, max: 9000 }), (each, wanted) => {
      const sellers = each.map((use) => seller(3000, 400 * (1000 + use)));
      const { shares, inside } = playGame({ sellers, demand: [wh(wanted)] }, options);
      const sum = (of: readonly WattHour[]) => of.reduce((a, b) => a + b, 0n);
      assert.equal(sum(shares), sum(inside));
      assert.ok(sum(shares) <= BigInt(wanted));
    }),
  );
});
