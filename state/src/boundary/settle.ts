// settle: one delivery period, in the order of settlement 5, a barrier after each phase:
//   0 readings fixed, balancing with the grid, fines (they fund the pool first, settlement 3.3)
//   1 labels of clean energy moved, grants (left out where both are off)
//   2 rewards, scaled to the pool; locks released; arrears paid; the settlement line. What was
//     gained in 0 pays arrears here too: with whatever is free when all is booked (settlement 5)
// Payment "contract" (market-call 15-18): the traded energy was paid at `pay`.
import { type Money, NO_ENERGY, NO_MONEY, price } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import { balanceCash } from '../../../market/src/call/balance.js';
import { hasCleanStep, produce } from '../certificates/clean.js';
import { recordArrears, payArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import { ACCOUNTS, CLOSED, PERIODS, POSITIONS, SETTLEMENTS, type Settling } from '../schema.js';
import {
  charge,
  energyOf,
  type Home,
  homesOf,
  lineOf,
  orderKey,
  releasePosition,
} from './homes.js';
import { judgeConduct, type TradedBy, tradedBy } from './conduct.js';
import { deliverByContract } from './deliveredByContract.js';
import { moveClean } from './moveClean.js';
import { finishPart, settlingOf } from './progress.js';
import { chargeFine, countDue, dueReward, payReward, poolAtBarrier } from './rewards.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

const BARRIER = { balance: 0, clean: 1, close: 2 } as const;

export function settle(step: MarketStep): StepResult {
  const { world, due } = step;
  const key = { market: due.market, period: due.period };
  const progress = settlingOf(world, key);
  if (progress.barrier === BARRIER.clean) return moveClean(step, progress, BARRIER.close);
  const homes = homesOf(step);
  const rest = homes.filter(
    ({ account }) => progress.after === undefined || compareBytes(account, progress.after) > 0,
  );
  const part = rest.slice(0, PART_ACCOUNTS);
  const carry =
    progress.barrier === BARRIER.balance
      ? balanceAll(step, part, progress)
      : payAll(step, part, progress);
  const barrierDone = rest.length <= part.length;
  const work = part.length;
  if (!barrierDone)
    return finishPart(world, key, { after: part.at(-1)?.account, unfinished: true, work, carry });
  if (progress.barrier === BARRIER.balance) {
    const isClean = hasCleanStep(step.chain, step.market);
    if (isClean) deliverByContract(step);
    const trades = isClean ? (world.get(PERIODS, key)?.trades ?? 0) : 0;
    const barrier = isClean ? BARRIER.clean : BARRIER.close;
    const next = { ...carry, barrier, poolAtBarrier: poolAtBarrier(step) };
    const end = { after: undefined, unfinished: true, work: work + trades, carry: next };
    return finishPart(world, key, end);
  }
  const record = present(world.get(PERIODS, key), 'a settled period has its record');
  world.delete(PERIODS, key);
  world.set(CLOSED, key, { ...record, status: 'settled' });
  return finishPart(world, key, { after: undefined, unfinished: false, work });
}

function balanceAll(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  let next = progress;
  const traded = tradedBy(step);
  for (const home of part) next = countDue(next, balanceHome(step, home, traded));
  return next;
}

/** Balancing of one home, income before bills; gives the reward (a fine is already paid). */
function balanceHome(step: MarketStep, home: Home, traded: TradedBy): Money {
  const { world, ledger, market, chain } = step;
  const { account } = home;
  const key = orderKey(step, account);
  const position = world.get(POSITIONS, key);
  const energy = energyOf(step, home, position);
  const tradedWh = position?.tradedWh ?? NO_ENERGY;
  const feedIn = price(market.params.feedIn);
  const retail = price(market.params.retail);
  const cash = balanceCash({ side: position?.side, tradedWh, ...energy, feedIn, retail });
  const owed = ledger.payUpTo({
    type: 'feed-in',
    from: available(chain.system.grid),
    to: available(account),
    amount: cash.credit,
  });
  recordArrears(ledger, { debtor: chain.system.grid, creditor: account, amount: owed });
  const rewardDue = dueReward(step, account, { declared: position, energy });
  charge(step, {
    account,
    creditor: chain.system.grid,
    amount: cash.charge,
    type: 'grid-purchase',
  });
  chargeFine(step, account, rewardDue);
  const shortfallWh = judgeConduct(step, account, { energy, traded });
  world.set(SETTLEMENTS, key, {
    side: position?.side,
    declaredWh: position?.declaredWh ?? NO_ENERGY,
    tradedWh,
    importWh: energy.importWh,
    exportWh: energy.exportWh,
    quality: energy.quality,
    gridCharge: cash.charge,
    gridCredit: cash.credit,
    energyMoney: 0n,
    shortfallWh,
    penalty: NO_MONEY,
    penaltyShare: NO_MONEY,
    fees: NO_MONEY,
    credit: present(world.get(ACCOUNTS, account), 'a home has its account').credit,
    version: 1,
    rewardDue,
    reward: NO_MONEY,
  });
  const { meterId } = home;
  produce(step, { account, meterId, period: step.due.period, exportWh: energy.exportWh });
  return rewardDue;
}

function payAll(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  const { ledger, chain } = step;
  let next = progress;
  const before = part.map(({ account }) => ledger.balance(account));
  for (const { account } of part) {
    next = payReward(step, account, next);
    releasePosition(step, account);
    ledger.noteGain(account);
  }
  ledger.noteGain(chain.system.grid);
  payArrears(ledger);
  part.forEach(({ account }, i) => {
    lineOf(step, account, present(before[i], 'a balance per home'));
  });
  return next;
}
