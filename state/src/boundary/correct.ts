// correct: settles one period of one meter again, under the parameters of that period (settlement
// 3.5). The difference of every line is booked; credit, shares of penalties and other homes'
// rewards stay. The old line stays readable. One queue entry is one part.
import { present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import { balanceCash } from '../../../market/src/call/balance.js';
import { deliverClean, hasCleanStep, produce } from '../certificates/clean.js';
import { CHAIN } from '../markets/registry.js';
import { payArrears } from '../ledger/arrears.js';
import { CORRECTIONS, METERS, type PeriodKey, type Settlement, SETTLEMENTS } from '../schema.js';
import { meteredOf } from '../tx/reading.js';
import { deliveredAgain, keep, type Registers, rewardAgain } from './again.js';
import { shortfallOf, tradedBy } from './conduct.js';
import { deliverByContract } from './deliveredByContract.js';
import { type Home, orderKey } from './homes.js';
import { servedContracts } from './settleDelivered.js';
import type { MarketStep, StepResult } from './step.js';
import { periodTimes } from './timing.js';

export function correct(step: MarketStep): StepResult {
  const { world, due } = step;
  const key: PeriodKey = { market: due.market, period: due.period };
  const waiting = world
    .entries(CORRECTIONS)
    .filter((e) => e.key.market === key.market && e.key.period === key.period);
  const first = present(waiting[0], 'correct is due where something waits');
  world.delete(CORRECTIONS, first.key);
  const { participant } = present(world.get(METERS, first.key.meter), 'a bound meter');
  const { deliveryStart: startMs, deliveryEnd: endMs } = periodTimes(step.market, due.period);
  const energy = meteredOf(step, first.key.meter, { startMs, endMs });
  const home = { account: participant, meterId: first.key.meter };
  const work = energy === undefined ? 1 : settleAgain(step, home, energy);
  payArrears(step.ledger);
  return { work, unfinished: waiting.length > 1 };
}

/** Gives the work: accounts and contracts touched. */
function settleAgain(step: MarketStep, home: Home, energy: Registers): number {
  const { world, market } = step;
  const { account } = home;
  const old = world.get(SETTLEMENTS, orderKey(step, account));
  if (old === undefined) return 1;
  if (old.importWh === energy.importWh && old.exportWh === energy.exportWh) return 1;
  const { importWh, exportWh } = energy;
  const changed: Settlement = { ...old, importWh, exportWh, quality: 'corrected' };
  produce(step, { ...home, period: step.due.period, exportWh: exportWh - old.exportWh });
  if (market.params.payment === 'contract') {
    keep(step, account, contractAgain(step, account, changed));
    cleanAgain(step);
    return 1;
  }
  const { judging = servedContracts, corrected } = CHAIN[market.mechanism];
  return deliveredAgain(step, { account, line: changed, judging: judging(step), corrected });
}

/** Market-call 15 to 18 with the new registers. */
function contractAgain(step: MarketStep, account: AccountId, line: Settlement): Settlement {
  const { feedIn, retail } = step.market.params;
  const tariff = { feedIn: feedIn as never, retail: retail as never };
  const { charge: gridCharge, credit: gridCredit } = balanceCash({ ...line, ...tariff });
  const shortfallWh = shortfallOf(step, account, { energy: line, traded: tradedBy(step) });
  const reward = rewardAgain(step, account, { line, own: [] });
  return { ...line, gridCharge, gridCredit, shortfallWh, ...reward };
}

/** Labels and grants by the new registers. */
function cleanAgain(step: MarketStep): void {
  if (!hasCleanStep(step.chain, step.market)) return;
  const { period } = step.due;
  for (const { trade, differenceWh } of deliverByContract(step)) {
    const { seller, buyer } = trade;
    deliverClean(step, { seller, buyer, period, wh: differenceWh });
  }
}
