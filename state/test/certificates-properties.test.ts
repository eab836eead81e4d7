// Any life of a market with clean energy: random orders, meters, corrections, certificates that
// change hands and are retired, a pool that runs dry. After every block the audit holds: each label
// in one place, as many as were metered, one for each kWh delivered, money conserved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../core/src/bytes.js';
import type { Side } from '../../core/src/tx.js';
import { CERTIFICATES } from '../src/certificates/tables.js';
import { assertRestores } from './audit.js';
import { CleanRun, type Counted, HOMES } from './clean.js';

const POINT = 1_000_000n;
/** Most of what a connection carries in a period, at times nothing: thousands are soon there. */
const wh = fc.oneof(
  { weight: 4, arbitrary: fc.noBias(fc.integer({ min: 400_000, max: 900_000 })).map(BigInt) },
  { weight: 1, arbitrary: fc.nat({ max: 5000 }).map(BigInt) },
);
/** The first and the third home feed in clean energy. */
const sides = fc.tuple(
  fc.constantFrom<Side>('sell', 'sell', 'buy'),
  fc.constantFrom<Side>('buy', 'buy', 'sell'),
  fc.constantFrom<Side>('sell', 'sell', 'buy'),
  fc.constantFrom<Side>('sell', 'buy'),
);
const byHome = <T>(value: fc.Arbitrary<T>) => fc.tuple(...HOMES.map(() => value));

const action = fc.record({
  kind: fc.constantFrom('transfer', 'retire'),
  serial: fc.nat({ max: 4 }),
  to: fc.constantFrom(...HOMES),
});
const period = fc.record({
  sides,
  bids: byHome(fc.option(wh, { freq: 8 })),
  counted: byHome(fc.tuple(wh, wh)),
  corrections: fc.array(
    fc.record({ home: fc.nat({ max: 3 }), imp: fc.integer(), exp: fc.integer() }),
    { maxLength: 3 },
  ),
  actions: fc.array(action, { maxLength: 3 }),
});
type Period = typeof period extends fc.Arbitrary<infer P> ? P : never;

/** A chain on which shade has its first certificate. */
function start(pool: number): CleanRun {
  const run = new CleanRun({
    modules: { points: true },
    params: { grants: { cleanKwh: '0.25', block: '0.1' } },
    grants: String(pool),
  });
  run.trade(1n, [{ seller: 'sun', buyer: 'shade', wh: 1_000_000n }]);
  run.deliver(1n, { sun: [0n, 1_000_000n], shade: [1_000_000n, 0n] });
  return run;
}

function live(run: CleanRun, number: bigint, { sides: of, bids, counted, ...rest }: Period): void {
  const orders = new Map<string, readonly [Side, bigint]>();
  bids.forEach((bid, i) => {
    if (bid !== null) orders.set(HOMES[i] as string, [of[i] as Side, bid + 10n]);
  });
  run.bid(number, orders);
  const reads: Counted = Object.fromEntries(counted.map((read, i) => [HOMES[i], read]));
  run.deliver(number, reads);
  const last = new Map(counted.map(([imp, exp], i) => [HOMES[i] as string, { imp, exp }]));
  for (const { home, imp, exp } of rest.corrections) {
    const name = HOMES[home] as string;
    const now = last.get(name) ?? { imp: 0n, exp: 0n };
    // What the period counted becomes something else between nothing and a full connection.
    const next = { imp: BigInt(Math.abs(imp) % 1_000_000), exp: BigInt(Math.abs(exp) % 1_000_000) };
    if (next.imp === now.imp && next.exp === now.exp) continue;
    run.correct(name, number, { imp: next.imp - now.imp, exp: next.exp - now.exp });
    last.set(name, next);
  }
  for (const { kind, serial, to } of rest.actions) act(run, kind, { serial: BigInt(serial), to });
}

/** By whoever has the certificate; one that is retired or not there is refused. */
function act(run: CleanRun, kind: string, { serial, to }: { serial: bigint; to: string }): void {
  const found = run.chain.world().get(CERTIFICATES, serial);
  const owner = HOMES.find((home) => found && toHex(run.id(home)) === toHex(found.owner));
  const by = owner ?? 'sun';
  const tx = kind === 'retire' ? run.retire(by, serial) : run.transfer(by, serial, run.id(to));
  if (found === undefined) return run.refuses('NOT_FOUND', tx);
  if (found.retired) return run.refuses('CERTIFICATE_RETIRED', tx);
  if (kind === 'transfer' && to === by) return run.refuses('UNKNOWN_ACCOUNT', tx);
  run.now(tx);
}

test('any life of labels, certificates and grants', () => {
  fc.assert(
    fc.property(
      fc.array(period, { minLength: 3, maxLength: 7, size: 'max' }),
      fc.nat({ max: 2000 }),
      (periods, pool) => {
        const run = start(pool);
        periods.forEach((one, i) => live(run, BigInt(3 * i + 4), one));
        assert.ok(run.pool >= 0n && run.pool <= BigInt(pool) * POINT);
        assertRestores(run.chain);
      },
    ),
    { numRuns: 15 },
  );
});
