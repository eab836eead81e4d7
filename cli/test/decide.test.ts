// Decisions of the homes: never more than they have, prices that always meet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideBid, priceOf, sureNetWh, type Tariff } from '../src/demo/decide.js';
import { meterHome } from '../src/demo/profiles.js';

const tariff: Tariff = { feedIn: 80n, retail: 300n, tick: 1n };
const limits = { minOrderWh: 10n, maxOrderWh: 4250n };

/** Raw energies up to 3 kWh a period, with parts of a Wh. */
const raw = fc.bigInt({ min: 0n, max: 3_000_000_000n });
const home = fc
  .array(fc.tuple(raw, raw), { minLength: 1, maxLength: 96, size: 'max' })
  .map((pairs) =>
    meterHome({ name: 'H', load: pairs.map(([l]) => l), pv: pairs.map(([, p]) => p) }),
  );

test('a home never declares more than its meter will count, whatever its forecast', () => {
  fc.assert(
    fc.property(
      home,
      fc.nat(1000),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (h, seed, error) => {
        for (let i = 0; i < h.loadWh.length; i++) {
          const net = sureNetWh(h, i, { seed, error });
          if (net > 0n) assert.ok(net <= (h.exportWh[i] ?? 0n), `period ${i}`);
          if (net < 0n) assert.ok(-net <= (h.importWh[i] ?? 0n), `period ${i}`);
        }
      },
    ),
  );
});

test('without an error the forecast is what the meter will count', () => {
  fc.assert(
    fc.property(home, (h) => {
      h.loadWh.forEach((_, i) => {
        const exact = (h.exportWh[i] ?? 0n) - (h.importWh[i] ?? 0n);
        assert.equal(sureNetWh(h, i, { seed: 1, error: 0 }), exact);
      });
    }),
  );
});

test('a forecast with an error declares most of what is there', () => {
  const load = Array.from({ length: 96 }, () => 300_000_000n);
  const h = meterHome({ name: 'H', load, pv: load.map((value) => 5n * value) });
  for (let i = 0; i < 96; i++) {
    const net = sureNetWh(h, i, { seed: 1, error: 0.05 });
    assert.ok(net > 960n && net < 1200n, `${net} of 1200 Wh`);
  }
});

test('every ask is at most every bid, within the prices of the grid', () => {
  const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const tariffs = fc
    .tuple(fc.bigInt(0n, 500n), fc.bigInt(0n, 500n), fc.constantFrom(1n, 10n))
    .map(([low, more, tick]) => ({ feedIn: low * tick, retail: (low + more) * tick, tick }));
  fc.assert(
    fc.property(part, part, tariffs, (a, b, of) => {
      const [ask, bid] = [priceOf('sell', a, of), priceOf('buy', b, of)];
      assert.ok(ask <= bid);
      assert.ok(ask >= of.feedIn && bid <= of.retail);
      assert.ok((ask - of.feedIn) % of.tick === 0n && (of.retail - bid) % of.tick === 0n);
    }),
  );
  assert.equal(priceOf('sell', 0, tariff), 80n);
  assert.equal(priceOf('buy', 0, tariff), 300n);
  assert.equal(priceOf('sell', 0.999999, tariff), 190n);
});

test('the side follows the net energy; too little is no order, too much is cut', () => {
  const kWh = 1_000_000_000n;
  const h = meterHome({
    name: 'H',
    load: [kWh, 0n, kWh / 200n, 0n, 0n],
    pv: [0n, kWh, 0n, 9n * kWh, 0n],
  });
  const bid = (i: number) => decideBid(h, i, { taste: { seed: 1, error: 0 }, tariff, limits });
  assert.deepEqual([bid(0)?.side, bid(0)?.energyWh], ['buy', 1000n]);
  assert.deepEqual([bid(1)?.side, bid(1)?.energyWh], ['sell', 1000n]);
  assert.equal(bid(2), undefined);
  assert.equal(bid(3)?.energyWh, 4250n);
  assert.equal(bid(4), undefined);
  assert.deepEqual(bid(0), bid(0));
});
