// correct: settles one period of one meter again, under the parameters of that period (settlement
// 3.5). The difference of every line is booked; credit, shares of penalties and other homes'
// rewards stay. The old line stays readable. One queue entry is one part.
import { type Money, money, NO_MONEY, type WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { keyText } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { balanceCash } from '../../../market/src/call/balance.js';
import { allocate, isDefault } from '../../../market/src/settle/allocate.js';
import { halfCost } from '../../../market/src/settle/rules.js';
import { priceOfTrade } from '../markets/neighbourhood/contracts.js';
import { deliverClean, hasCleanStep, produce } from '../certificates/clean.js';
import { payArrears, recordArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import {
  CORRECTIONS,
  type Delivery,
  DELIVERIES,
  METERS,
  OLD_SETTLEMENTS,
  periodGroup,
  type PeriodKey,
  POSITIONS,
  type Settlement,
  SETTLEMENTS,
  type Trade,
  TRADES,
} from '../schema.js';
import { meteredOf } from '../tx/reading.js';
import { type Served, servedOf } from '../markets/bilateral/contracts.js';
import { deliverByContract } from './deliveredByContract.js';
import { type Home, lineOf, orderKey } from './homes.js';
import { dueReward } from './settle.js';
import { rulesOf } from './settleDelivered.js';
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

interface Registers {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
}

/** Gives the work: accounts and contracts touched. */
function settleAgain(step: MarketStep, home: Home, energy: Registers): number {
  const { world } = step;
  const { account } = home;
  const old = world.get(SETTLEMENTS, orderKey(step, account));
  if (old === undefined) return 1;
  if (old.importWh === energy.importWh && old.exportWh === energy.exportWh) return 1;
  const { importWh, exportWh } = energy;
  const changed: Settlement = { ...old, importWh, exportWh, quality: 'corrected' };
  produce(step, { ...home, period: step.due.period, exportWh: exportWh - old.exportWh });
  if (step.market.params.payment === 'contract') {
    keep(step, account, contractAgain(step, account, changed));
    cleanAgain(step);
    return 1;
  }
  return deliveredAgain(step, account, changed);
}

/** Market-call 15 to 18 with the new registers; a fine or a reward that was wrong moves too. */
function contractAgain(step: MarketStep, account: AccountId, line: Settlement): Settlement {
  const { market, world } = step;
  const { feedIn, retail } = market.params;
  const tariff = { feedIn: feedIn as never, retail: retail as never };
  const cash = balanceCash({ ...line, ...tariff });
  const position = world.get(POSITIONS, orderKey(step, account));
  const energy = { importWh: line.importWh, exportWh: line.exportWh, quality: 'metered' as const };
  const rewardDue = market.params.reward ? dueReward(step, position, energy, account) : NO_MONEY;
  // A reward that was scaled to the pool stays scaled in the same proportion.
  const scaled =
    line.rewardDue > 0n && rewardDue > 0n ? (rewardDue * line.reward) / line.rewardDue : rewardDue;
  const { charge: gridCharge, credit: gridCredit } = cash;
  return { ...line, gridCharge, gridCredit, rewardDue, reward: scaled };
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

/** The trades of the meter by the allocation of settlement, with the others' old registers. */
function deliveredAgain(step: MarketStep, account: AccountId, line: Settlement): number {
  const { world, due } = step;
  const group = periodGroup({ market: due.market, period: due.period });
  const lines = new Map(
    world.entries(SETTLEMENTS, group).map((e) => [keyText(e.key.account), { ...e.value }]),
  );
  lines.set(keyText(account), { ...line });
  const places = new Map([...lines.keys()].map((name, i) => [name, i]));
  const placeOf = (id: AccountId): number => present(places.get(keyText(id)), 'a settled home');
  const trades = servedOf(world, { market: due.market, period: due.period });
  const allocations = allocate({
    registers: [...lines.values()],
    contracts: trades.map(({ trade: t, kind }) => ({
      seller: placeOf(t.seller),
      buyer: placeOf(t.buyer),
      energyWh: t.energyWh,
      kind,
    })),
    allocation: rulesOf(step).allocation,
  });
  const touched = new Map<string, AccountId>([[keyText(account), account]]);
  trades.forEach((one, i) => {
    const { seller, buyer } = one.trade;
    const isOwn = [seller, buyer].some((id) => keyText(id) === keyText(account));
    if (!isOwn) return;
    const next = present(allocations[i], 'an allocation each');
    tradeAgain(step, one, { ...next, lines });
    for (const id of [seller, buyer]) touched.set(keyText(id), id);
  });
  for (const [name, id] of touched) {
    const next = present(lines.get(name), 'a settled home');
    keep(step, id, withGrid(step, next, usedBy(step, id)));
  }
  return trades.length + touched.size;
}

/** What the trades of a home used of its registers, as they are now. */
function usedBy({ world, due }: MarketStep, account: AccountId): Registers {
  const group = periodGroup({ market: due.market, period: due.period });
  let [importWh, exportWh] = [0n, 0n];
  for (const { key, value } of world.entries(TRADES, group)) {
    const delivered = world.get(DELIVERIES, key)?.deliveredWh ?? 0n;
    if (keyText(value.seller) === keyText(account)) exportWh += delivered;
    if (keyText(value.buyer) === keyText(account)) importWh += delivered;
  }
  return { importWh: importWh as WattHour, exportWh: exportWh as WattHour };
}

function withGrid({ market }: MarketStep, line: Settlement, used: Registers): Settlement {
  const { feedIn, retail } = market.params;
  return {
    ...line,
    gridCharge: money((line.importWh - used.importWh) * retail),
    gridCredit: money((line.exportWh - used.exportWh) * feedIn),
  };
}

interface Again {
  readonly deliveredWh: bigint;
  readonly shortSellerWh: bigint;
  readonly shortBuyerWh: bigint;
  readonly lines: ReadonlyMap<string, Settlement>;
}

/** Energy money, wheeling and penalties of one trade; both lines are brought up to date. */
function tradeAgain(step: MarketStep, { key: at, trade: value, kind }: Served, again: Again): void {
  const { world, chain } = step;
  const old = present(world.get(DELIVERIES, at), 'a settled trade');
  const rules = rulesOf(step);
  const price = priceOfTrade(step, at, value);
  const next: Delivery = {
    deliveredWh: again.deliveredWh as WattHour,
    shortSellerWh: again.shortSellerWh as WattHour,
    shortBuyerWh: again.shortBuyerWh as WattHour,
    energyMoney: money(halfCost(again.deliveredWh, price.sellTwice)),
    surplus: money(halfCost(again.deliveredWh, price.buyTwice - price.sellTwice)),
    wheeling: money(again.deliveredWh * rules.wheeling),
    penaltySeller: penaltyAgain(step, value, {
      old: old.penaltySeller,
      before: old.shortSellerWh,
      after: again.shortSellerWh,
    }),
    penaltyBuyer: penaltyAgain(step, value, {
      old: old.penaltyBuyer,
      before: old.shortBuyerWh,
      after: again.shortBuyerWh,
    }),
  };
  world.set(DELIVERIES, at, next);
  const { seller, buyer } = value;
  const wh = next.deliveredWh - old.deliveredWh;
  deliverClean(step, { seller, buyer, period: step.due.period, wh });
  pay(step, { from: buyer, to: seller, amount: next.energyMoney - old.energyMoney });
  pay(step, { from: buyer, to: chain.system.reserve, amount: next.surplus - old.surplus });
  const wheeling = next.wheeling - old.wheeling;
  pay(step, { from: buyer, to: chain.system.grid, amount: wheeling });
  // Of a negotiated contract each side pays it (settlement 5.7).
  const ofSeller = present(again.lines.get(keyText(seller)), 'a settled home');
  if (kind !== 'trade') {
    pay(step, { from: seller, to: chain.system.grid, amount: wheeling });
    Object.assign(ofSeller, { fees: ofSeller.fees + wheeling });
  }
  const both = old.penaltySeller > 0n && old.penaltyBuyer > 0n;
  giveBack(step, {
    to: seller,
    from: both ? undefined : buyer,
    amount: old.penaltySeller - next.penaltySeller,
  });
  giveBack(step, {
    to: buyer,
    from: both ? undefined : seller,
    amount: old.penaltyBuyer - next.penaltyBuyer,
  });
  const ofBuyer = present(again.lines.get(keyText(buyer)), 'a settled home');
  Object.assign(ofSeller, {
    energyMoney: ofSeller.energyMoney + next.energyMoney - old.energyMoney,
    shortfallWh: ofSeller.shortfallWh + next.shortSellerWh - old.shortSellerWh,
    penalty: ofSeller.penalty + next.penaltySeller - old.penaltySeller,
  });
  Object.assign(ofBuyer, {
    energyMoney: ofBuyer.energyMoney - paidBy(next) + paidBy(old),
    shortfallWh: ofBuyer.shortfallWh + next.shortBuyerWh - old.shortBuyerWh,
    penalty: ofBuyer.penalty + next.penaltyBuyer - old.penaltyBuyer,
    fees: ofBuyer.fees + wheeling,
  });
}

/** The buyer's part of a delivery's energy money. */
const paidBy = ({ energyMoney, surplus }: Delivery): bigint => energyMoney + surplus;

/** A penalty falls with its shortfall; credit does not move, so none is made or grows. */
function penaltyAgain(
  step: MarketStep,
  { energyWh }: Trade,
  { old, before, after }: { readonly old: Money; readonly before: bigint; readonly after: bigint },
): Money {
  if (old === 0n || after >= before) return old;
  return isDefault(after, energyWh, rulesOf(step)) ? money((old * after) / before) : NO_MONEY;
}

interface Move {
  readonly from: AccountId;
  readonly to: AccountId;
  /** Negative: the other way. */
  readonly amount: bigint;
}

/** A difference between two accounts; what cannot be given is owed (settlement 3.2). */
function pay(step: MarketStep, { from, to, amount }: Move): void {
  if (amount < 0n) return pay(step, { from: to, to: from, amount: -amount });
  const rest = step.ledger.payUpTo({
    type: 'correction',
    from: available(from),
    to: available(to),
    amount: money(amount),
  });
  recordArrears(step.ledger, { debtor: from, creditor: to, amount: rest });
}

const PPM = 1_000_000n;

/** A penalty that was wrong: the counterparty's part by it, the rest by pool:reserve if it can. */
function giveBack(
  step: MarketStep,
  {
    to,
    from,
    amount,
  }: { readonly to: AccountId; readonly from: AccountId | undefined; readonly amount: bigint },
): void {
  if (amount === 0n) return;
  const part = from === undefined ? 0n : (amount * step.market.params.muPpm) / PPM;
  if (from !== undefined) pay(step, { from, to, amount: part });
  step.ledger.payUpTo({
    type: 'correction',
    from: available(step.chain.system.reserve),
    to: available(to),
    amount: money(amount - part),
  });
}

/** Books the difference with the grid and the pool, and keeps both versions. */
function keep(step: MarketStep, account: AccountId, next: Settlement): void {
  const { world, ledger, chain, due } = step;
  const key = orderKey(step, account);
  const old = present(world.get(SETTLEMENTS, key), 'a settled home');
  const before = ledger.balance(account);
  const { grid, reward } = chain.system;
  pay(step, { from: grid, to: account, amount: next.gridCredit - old.gridCredit });
  pay(step, { from: reward, to: account, amount: next.reward - old.reward });
  pay(step, { from: account, to: grid, amount: next.gridCharge - old.gridCharge });
  const version = BigInt(old.version);
  const at = { market: due.market, period: due.period };
  world.set(OLD_SETTLEMENTS, { ...at, version, account }, old);
  world.set(SETTLEMENTS, key, { ...next, version: old.version + 1 });
  lineOf(step, account, before);
}
