// Conduct told from one side alone (settlement 4.3) is what the whole period says of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conductOf } from '../src/settle/conduct.js';
import { creditStep } from '../src/settle/credit.js';
import { settlePeriod } from '../src/settle/period.js';
import { wh } from './books.js';
import { periodsOf } from './periods.js';

const SEED = 23;
const PERIODS = 4000;

test('first in, first out: the last contracts are short, each by its own band', () => {
  const tolerance = { tolAbsWh: wh(100), tolRelPpm: 20_000n };
  const at = (meteredWh: bigint) => conductOf({ meteredWh, energiesWh: [600n, 400n] }, tolerance);
  const whole = { hasContract: true, contractWh: 1000n };
  assert.deepEqual(at(1200n), { ...whole, hasDefaulted: false, shortfallWh: 0n });
  assert.deepEqual(at(900n), { ...whole, hasDefaulted: false, shortfallWh: 100n });
  assert.deepEqual(at(899n), { ...whole, hasDefaulted: true, shortfallWh: 101n });
  // 100 short of each would be within both bands; the second one has it all.
  assert.deepEqual(at(800n), { ...whole, hasDefaulted: true, shortfallWh: 200n });
  const none = { hasContract: false, hasDefaulted: false, contractWh: 0n, shortfallWh: 0n };
  assert.deepEqual(conductOf({ meteredWh: 500n, energiesWh: [] }, tolerance), none);
});

test(`${PERIODS} periods of seed ${SEED}: as the whole period with payment "contract" says`, () => {
  let seen = 0;
  for (const { input, done } of periodsOf(SEED)) {
    if (seen === PERIODS) break;
    seen++;
    const { accounts, contracts } = input;
    done(settlePeriod(input));
    const { credit } = input.rules;
    if (input.rules.payment !== 'contract' || credit === undefined) continue;
    const own = contracts.filter(({ kind }) => kind !== 'replacement');
    const rules = { ...input.rules, allocation: 'fifo' as const };
    const settled = settlePeriod({ ...input, contracts: own, rules });
    accounts.forEach((account, i) => {
      const sells = own.some(({ seller }) => seller === i);
      const mine = own.filter(({ seller, buyer }) => (sells ? seller : buyer) === i);
      const energiesWh = mine.map(({ energyWh }) => energyWh);
      const meteredWh = sells ? account.exportWh : account.importWh;
      const conduct = conductOf({ meteredWh, energiesWh }, rules);
      const name = `seed ${SEED}, period ${seen}, account ${i}`;
      assert.equal(conduct.shortfallWh, settled.accounts[i]?.shortfallWh, name);
      const { after } = creditStep(account.credit, conduct, credit);
      assert.deepEqual(after, settled.accounts[i]?.credit, name);
    });
  }
});
