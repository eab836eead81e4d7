// settle of markets with payment "delivered" (settlement 4.1, 5; market-bilateral 2-10), a barrier
// after each phase:
//   0 readings fixed; the whole period judged by market/settle: what is due to everybody, credits
//   1 trades in the order of matching: energy money, wheeling and penalties out of the locks
//   2 homes in ascending id: feed-in and shares of penalties, then the grid's bill and the fine;
//     labels made
//   3 trades: labels of clean energy moved, grants (left out where both are off)
//   4 homes: rewards out of the pool, locks released, arrears paid, the settlement line
// Penalties rest in pool:reserve between 1 and 2; what nobody may share stays there (G7).
import type { Money } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { payArrears, recordArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import {
  CLOSED,
  DELIVERIES,
  periodGroup,
  type PeriodKey,
  PERIODS,
  SETTLEMENTS,
  type Settling,
  type Trade,
  type TradeKey,
  TRADES,
} from '../schema.js';
import { hasCleanStep, produce } from '../certificates/clean.js';
import { servedOf } from '../markets/bilateral/contracts.js';
import { CONTRACTS } from '../markets/bilateral/tables.js';
import { charge, type Home, homesOf, lineOf, orderKey, releasePosition } from './homes.js';
import { type Judged, type Judging, judgePeriod, rulesOf } from './judge.js';
import { moveClean } from './moveClean.js';
import { finishPart, settlingOf } from './progress.js';
import { chargeFine, countDue, payReward, poolAtBarrier } from './rewards.js';
import { type ContractPrice, onePrice } from '../../../market/src/settle/rules.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

/** Barriers by what is done before them. */
export const BARRIER = { judge: 0, trades: 1, bills: 2, clean: 3, close: 4 } as const;

export function settleDelivered(step: MarketStep, judging = servedContracts): StepResult {
  const key = { market: step.due.market, period: step.due.period };
  const progress = settlingOf(step.world, key);
  if (progress.barrier === BARRIER.judge)
    return judge(step, key, { progress, judging: judging(step) });
  if (progress.barrier === BARRIER.trades) return payTrades(step, key, progress);
  return payHomes(step, key, progress);
}

/** Barrier 0. */
function judge(
  step: MarketStep,
  key: PeriodKey,
  { progress, judging }: { readonly progress: Settling; readonly judging: Judging },
): StepResult {
  const work = judgePeriod(step, judging);
  const carry = { ...progress, barrier: BARRIER.trades, trade: 0n };
  return finishPart(step.world, key, { after: undefined, unfinished: true, work, carry });
}

type PriceOf = (key: TradeKey, trade: Trade) => ContractPrice;

/** Every contract of the period, in the order in which they are served; a trade has one price. */
export const servedContracts = (step: MarketStep): Judging =>
  servedAt(step, (_, trade) => onePrice(trade.price));

export function servedAt(step: MarketStep, priceOf: PriceOf): Judging {
  const served = servedOf(step.world, { market: step.due.market, period: step.due.period });
  const contracts = served.map(
    ({ key: at, trade, kind }): Judged => ({
      at,
      seller: trade.seller,
      buyer: trade.buyer,
      terms: {
        energyWh: trade.energyWh,
        kind,
        price: priceOf(at, trade),
        bothWheel: kind !== 'trade',
      },
    }),
  );
  return { contracts, rules: rulesOf(step) };
}

/** Barrier 1. */
function payTrades(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const { world, ledger } = step;
  const rest = world
    .entries(TRADES, periodGroup(key))
    .filter(({ key: at, value }) => at.index >= progress.trade && value.energyWh > 0n);
  const part = rest.slice(0, PART_ACCOUNTS);
  for (const { key: at, value } of part) {
    const delivery = present(world.get(DELIVERIES, at), 'barrier 0 wrote every trade');
    const kind = world.get(CONTRACTS, at)?.kind ?? 'trade';
    payTrade(step, value, delivery);
    // In a bilateral contract each side pays wheeling, in a trade the buyer (settlement 5.7).
    if (kind === 'trade') continue;
    const { grid } = step.chain.system;
    const { wheeling: amount } = delivery;
    charge(step, { account: value.seller, creditor: grid, amount, type: 'wheeling' });
  }
  // Gains pay arrears when everything of the period is booked (settlement 3.2).
  ledger.takeGainers();
  const last = part.at(-1);
  const isDone = rest.length <= part.length;
  const carry = isDone
    ? { ...progress, barrier: BARRIER.bills }
    : { ...progress, trade: present(last, 'a part has trades').key.index + 1n };
  const work = part.length;
  return finishPart(world, key, { after: undefined, unfinished: true, work, carry });
}

interface Parties {
  readonly seller: AccountId;
  readonly buyer: AccountId;
}
interface Moneys {
  readonly energyMoney: Money;
  readonly surplus: Money;
  readonly wheeling: Money;
  readonly penaltySeller: Money;
  readonly penaltyBuyer: Money;
}

function payTrade(step: MarketStep, { seller, buyer }: Parties, due: Moneys): void {
  const { grid, reserve } = step.chain.system;
  charge(step, { account: buyer, creditor: seller, amount: due.energyMoney, type: 'energy' });
  charge(step, { account: buyer, creditor: reserve, amount: due.surplus, type: 'energy' });
  charge(step, { account: buyer, creditor: grid, amount: due.wheeling, type: 'wheeling' });
  const type = 'penalty';
  charge(step, { account: seller, creditor: reserve, amount: due.penaltySeller, type });
  charge(step, { account: buyer, creditor: reserve, amount: due.penaltyBuyer, type });
}

/** Barriers from the bills on. */
export function payHomes(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const { world } = step;
  if (progress.barrier === BARRIER.clean) return moveClean(step, progress, BARRIER.close);
  const rest = homesOf(step).filter(
    ({ account }) => progress.after === undefined || compareBytes(account, progress.after) > 0,
  );
  const part = rest.slice(0, PART_ACCOUNTS);
  const isBills = progress.barrier === BARRIER.bills;
  const carry = isBills ? billHomes(step, part, progress) : closeHomes(step, part, progress);
  const work = part.length;
  if (rest.length > part.length)
    return finishPart(world, key, { after: part.at(-1)?.account, unfinished: true, work, carry });
  if (isBills) {
    const barrier = hasCleanStep(step.chain, step.market) ? BARRIER.clean : BARRIER.close;
    const next = { ...carry, barrier, trade: 0n, poolAtBarrier: poolAtBarrier(step) };
    return finishPart(world, key, { after: undefined, unfinished: true, work, carry: next });
  }
  const record = present(world.get(PERIODS, key), 'a settled period has its record');
  world.delete(PERIODS, key);
  world.set(CLOSED, key, { ...record, status: 'settled' });
  return finishPart(world, key, { after: undefined, unfinished: false, work });
}

function billHomes(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  let next = progress;
  for (const home of part) next = countDue(next, billHome(step, home));
  return next;
}

/** Income before bills (settlement 3.2); gives the reward that is due (a fine is already paid). */
function billHome(step: MarketStep, { account, meterId }: Home): bigint {
  const { world, ledger, chain } = step;
  const { grid, reserve } = chain.system;
  const line = present(world.get(SETTLEMENTS, orderKey(step, account)), 'barrier 0 wrote it');
  const to = available(account);
  const owed = ledger.payUpTo({
    type: 'feed-in',
    from: available(grid),
    to,
    amount: line.gridCredit,
  });
  recordArrears(ledger, { debtor: grid, creditor: account, amount: owed });
  const short = ledger.payUpTo({
    type: 'penalty-share',
    from: available(reserve),
    to,
    amount: line.penaltyShare,
  });
  recordArrears(ledger, { debtor: reserve, creditor: account, amount: short });
  charge(step, { account, creditor: grid, amount: line.gridCharge, type: 'grid-purchase' });
  chargeFine(step, account, line.rewardDue);
  const { exportWh } = line;
  produce(step, { account, meterId, period: step.due.period, exportWh });
  ledger.takeGainers();
  return line.rewardDue;
}

function closeHomes(step: MarketStep, part: readonly Home[], progress: Settling): Settling {
  const { ledger, chain } = step;
  let next = progress;
  const before = part.map(({ account }) => ledger.balance(account));
  for (const { account } of part) {
    next = payReward(step, account, next);
    releasePosition(step, account);
    ledger.noteGain(account);
  }
  ledger.noteGain(chain.system.grid);
  ledger.noteGain(chain.system.reserve);
  payArrears(ledger);
  part.forEach(({ account }, i) => {
    lineOf(step, account, present(before[i], 'a balance per home'));
  });
  return next;
}
