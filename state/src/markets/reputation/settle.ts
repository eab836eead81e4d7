// settle in a market of reputation (market-reputation 1.10, settlement 5): what was delivered is
// fixed and balanced with the grid, contracts become DELIVERED or REFUNDED, and each buyer's lock
// falls to the invoice of what was delivered. Energy, wheeling and congestion are paid with the
// receipt (receipt.ts). Barriers as in boundary/settleDelivered.ts, whose homes are used.
import { largest, type Money } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { MIN_RECEIPT_MS } from '../../../../core/src/markets.js';
import { available, locked } from '../../ledger/ledger.js';
import { charge } from '../../boundary/homes.js';
import { judgePeriod } from '../../boundary/judge.js';
import { finishPart, settlingOf } from '../../boundary/progress.js';
import { BARRIER, payHomes } from '../../boundary/settleDelivered.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from '../../boundary/step.js';
import { periodTimes } from '../../boundary/timing.js';
import { DELIVERIES, type Delivery, type PeriodKey, type Settling } from '../../schema.js';
import { type ContractEntry, contractsOf, countContracts, putContract } from './contracts.js';
import { judgingOf } from './judged.js';
import type { Contract } from './records.js';
import { DELIVERY_PERIODS } from './tables.js';

export function settle(step: MarketStep): StepResult {
  const key = { market: step.due.market, period: step.due.period };
  const progress = settlingOf(step.world, key);
  if (progress.barrier === BARRIER.judge) return judge(step, key, progress);
  if (progress.barrier === BARRIER.trades) return deliverAll(step, key, progress);
  const result = payHomes(step, key, progress);
  if (!result.unfinished) waitForReceipt(step, key);
  return result;
}

/** ACTIVE ones in the order of matching. */
const activeOf = (step: MarketStep, key: PeriodKey): readonly ContractEntry[] =>
  contractsOf(step.world, key).filter(({ contract }) => contract.state === 'ACTIVE');

/** Barrier 0. */
function judge(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const work = judgePeriod(step, judgingOf(step));
  const carry = { ...progress, barrier: BARRIER.trades, trade: 0n };
  return finishPart(step.world, key, { after: undefined, unfinished: true, work, carry });
}

/** Barrier 1: what remains ACTIVE is not done yet. */
function deliverAll(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const { world, ledger } = step;
  const rest = activeOf(step, key);
  const part = rest.slice(0, PART_ACCOUNTS);
  for (const entry of part) {
    const at = { ...key, index: entry.contract.number };
    deliver(step, entry, present(world.get(DELIVERIES, at), 'barrier 0 wrote every contract'));
  }
  // Gains pay arrears when everything of the period is booked (settlement 3.2).
  ledger.takeGainers();
  const isDone = rest.length <= part.length;
  const carry = isDone ? { ...progress, barrier: BARRIER.bills } : progress;
  const end = { after: undefined, unfinished: true, work: part.length, carry };
  return finishPart(world, key, end);
}

/** Energy, wheeling and congestion of what was delivered: the invoice that the buyer pays. */
const invoiceOf = ({ congestion }: Contract, delivery: Delivery): Money =>
  (delivery.energyMoney + delivery.wheeling + delivery.deliveredWh * congestion) as Money;

function deliver(step: MarketStep, { key, contract }: ContractEntry, delivery: Delivery): void {
  const { world } = step;
  const { deliveredWh, penaltyBuyer, penaltySeller } = delivery;
  const { buyer, seller, lock, sellerLock } = contract;
  const keep = invoiceOf(contract, delivery);
  returnLock(step, { account: buyer, from: lock, keep, penalty: penaltyBuyer });
  returnLock(step, {
    account: seller,
    from: sellerLock,
    keep: 0n as Money,
    penalty: penaltySeller,
  });
  const state = deliveredWh > 0n ? 'DELIVERED' : 'REFUNDED';
  const sellerless = { lock: keep, sellerLock: 0n as Money };
  putContract(step, key, { ...contract, ...sellerless, deliveredWh, state });
  if (state === 'DELIVERED') countContracts(world, key, { waiting: 1 });
}

interface Returning {
  readonly account: AccountId;
  readonly from: Money;
  readonly keep: Money;
  readonly penalty: Money;
}

/** A penalty is paid out of the lock first; what is left of it comes back. */
function returnLock(step: MarketStep, { account, from, keep, penalty }: Returning): void {
  const { ledger, chain } = step;
  const free = largest(from - keep, 0n);
  const paid = (penalty < free ? penalty : free) as Money;
  const creditor = chain.system.reserve;
  ledger.post({ type: 'penalty', from: locked(account), to: available(creditor), amount: paid });
  const amount = (free - paid) as Money;
  ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
  charge(step, { account, creditor, amount: (penalty - paid) as Money, type: 'penalty' });
}

/** Receipt from the end of delivery, but never soon after the settlement. */
function waitForReceipt({ world, market, due, timeMs }: MarketStep, key: PeriodKey): void {
  const period = world.get(DELIVERY_PERIODS, key);
  if (period === undefined) return;
  const { receiptMs, ratingMs } = market.params;
  const at = largest(
    periodTimes(market, due.period).deliveryEnd + receiptMs,
    timeMs + MIN_RECEIPT_MS,
  );
  world.set(DELIVERY_PERIODS, key, {
    ...period,
    receiptMs: at as typeof period.receiptMs,
    ratingsEndMs: (at + ratingMs) as typeof period.receiptMs,
  });
}
