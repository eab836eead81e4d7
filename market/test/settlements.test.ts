// Random periods at a fiftieth of the full count (`node dist/bench/settlements.js`).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settlePeriod } from '../src/settle/period.js';
import { periodsOf } from './periods.js';
import { proofFault } from './periodProof.js';

const PERIODS = 20_000;
const SEED = 4;

test(`${PERIODS} periods of seed ${SEED}: settled, conserved, by the formulas`, () => {
  let at = 0;
  const seen = { defaults: 0, penalties: 0, reserve: 0, suspended: 0, replaced: 0 };
  for (const { input, done } of periodsOf(SEED)) {
    if (at === PERIODS) break;
    const period = settlePeriod(input);
    const fault = proofFault(input, period);
    assert.equal(fault, undefined, `seed ${SEED}, period ${at}: ${fault}`);
    for (const [i, one] of period.contracts.entries()) {
      if (one.sellerDefaulted || one.buyerDefaulted) seen.defaults++;
      if (one.penaltySeller + one.penaltyBuyer > 0n) seen.penalties++;
      if (input.contracts[i]?.kind === 'replacement' && one.deliveredWh > 0n) seen.replaced++;
    }
    if (period.counter.reserve > 0n) seen.reserve++;
    if (input.accounts.some(({ suspended }) => suspended)) seen.suspended++;
    done(period);
    at++;
  }
  // What the count is about really happened in it.
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 500, `${what}: ${times}`);
});
