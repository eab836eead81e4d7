// What a correction changes (settlement 3.5): the contracts of one meter with its new registers and
// the old ones of everybody else, the grid, the home's own reward. Differences are booked as they
// are found; each touched line gets a new version. When that happens: correct.ts.
import { type Money, money, NO_MONEY, type WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { equalBytes, keyText } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { type Allocation, allocate, isDefault } from '../../../market/src/settle/allocate.js';
import { halfCost } from '../../../market/src/settle/rules.js';
import { deliverClean } from '../certificates/clean.js';
import { recordArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import {
  type Delivery,
  DELIVERIES,
  OLD_SETTLEMENTS,
  periodGroup,
  POSITIONS,
  type Settlement,
  SETTLEMENTS,
} from '../schema.js';
import { lineOf, orderKey } from './homes.js';
import type { ChainMechanism } from '../markets/mechanism.js';
import type { Judged, Judging } from './judge.js';
import { declaredOf, dueReward } from './rewards.js';
import type { MarketStep } from './step.js';

export interface Registers {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
}

export interface Again {
  readonly account: AccountId;
  /** Its line with the new registers; the rest of it as it was. */
  readonly line: Settlement;
  readonly judging: Judging;
  /** What the mechanism does with a contract of which something else was delivered. */
  readonly corrected?: ChainMechanism['corrected'];
}

const isParty = ({ seller, buyer }: Judged, account: AccountId): boolean =>
  equalBytes(seller, account) || equalBytes(buyer, account);

/** Lines of the period by the text of their accounts, while they are brought up to date. */
type Lines = ReadonlyMap<string, Settlement>;
const lineIn = (lines: Lines, account: AccountId): Settlement =>
  present(lines.get(keyText(account)), 'a settled home');

/** Settles the contracts of a meter again; gives the work: accounts and contracts touched. */
export function deliveredAgain(step: MarketStep, again: Again): number {
  const { account, line, judging, corrected } = again;
  const { world, due } = step;
  const { contracts } = judging;
  const group = periodGroup({ market: due.market, period: due.period });
  const lines = new Map(
    world.entries(SETTLEMENTS, group).map((e) => [keyText(e.key.account), { ...e.value }]),
  );
  lines.set(keyText(account), { ...line });
  const allocations = allocateAgain(lines, judging);
  const own = contracts.filter((one) => isParty(one, account));
  const touched = new Map<string, AccountId>([[keyText(account), account]]);
  contracts.forEach((one, i) => {
    if (!isParty(one, account)) return;
    contractAgain(step, one, {
      next: present(allocations[i], 'an allocation each'),
      lines,
      judging,
    });
    corrected?.(step, one.at, present(world.get(DELIVERIES, one.at), 'written').deliveredWh);
    for (const id of [one.seller, one.buyer]) touched.set(keyText(id), id);
  });
  const changed = lineIn(lines, account);
  Object.assign(changed, rewardAgain(step, account, { line: changed, own }));
  for (const id of touched.values())
    keep(step, id, withGrid(step, lineIn(lines, id), usedBy(step, id, contracts)));
  return contracts.length + touched.size;
}

/** By the allocation of settlement, in its order. */
function allocateAgain(lines: Lines, { contracts, rules }: Judging): readonly Allocation[] {
  const places = new Map([...lines.keys()].map((name, i) => [name, i]));
  const placeOf = (id: AccountId): number => present(places.get(keyText(id)), 'a settled home');
  return allocate({
    registers: [...lines.values()],
    contracts: contracts.map(({ seller, buyer, terms: { energyWh, kind } }) => {
      return { seller: placeOf(seller), buyer: placeOf(buyer), energyWh, kind };
    }),
    allocation: rules.allocation,
  });
}

/** What the contracts of a home used of its registers, as they are now. */
function usedBy(
  { world }: MarketStep,
  account: AccountId,
  contracts: readonly Judged[],
): Registers {
  let [importWh, exportWh] = [0n, 0n];
  for (const { at, seller, buyer } of contracts) {
    const delivered = world.get(DELIVERIES, at)?.deliveredWh ?? 0n;
    if (equalBytes(seller, account)) exportWh += delivered;
    if (equalBytes(buyer, account)) importWh += delivered;
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

/** A fine or a reward that was wrong moves too; that of the home alone whose registers changed. */
export function rewardAgain(
  step: MarketStep,
  account: AccountId,
  { line, own }: { readonly line: Settlement; readonly own: readonly Judged[] },
): Pick<Settlement, 'rewardDue' | 'reward'> {
  const position = step.world.get(POSITIONS, orderKey(step, account));
  const replacing = own.map(({ terms }) => terms).filter(({ kind }) => kind === 'replacement');
  const declared = declaredOf(position, replacing);
  const rewardDue = dueReward(step, account, { declared, energy: line });
  // A reward that was scaled to the pool stays scaled in the same proportion.
  const isScaled = line.rewardDue > 0n && rewardDue > 0n;
  return { rewardDue, reward: isScaled ? (rewardDue * line.reward) / line.rewardDue : rewardDue };
}

interface ContractAgain {
  readonly next: Allocation;
  readonly lines: Lines;
  readonly judging: Judging;
}

/** Energy money, fees and penalties of one contract; both lines are brought up to date. */
function contractAgain(step: MarketStep, one: Judged, again: ContractAgain): void {
  const { world, chain } = step;
  const { seller, buyer, terms } = one;
  const old = present(world.get(DELIVERIES, one.at), 'a settled contract');
  const next = deliveryAgain(one, old, again);
  world.set(DELIVERIES, one.at, next);
  const wh = next.deliveredWh - old.deliveredWh;
  deliverClean(step, { seller, buyer, period: step.due.period, wh });
  const { grid, reserve } = chain.system;
  pay(step, { from: buyer, to: seller, amount: next.energyMoney - old.energyMoney });
  pay(step, { from: buyer, to: reserve, amount: next.surplus - old.surplus });
  const wheeling = next.wheeling - old.wheeling;
  const congestion = (next.deliveredWh - old.deliveredWh) * (terms.congestion ?? 0n);
  pay(step, { from: buyer, to: grid, amount: wheeling + congestion });
  // Of a negotiated contract each side pays wheeling (settlement 5.7).
  const ofSeller = terms.bothWheel ? wheeling : 0n;
  pay(step, { from: seller, to: grid, amount: ofSeller });
  returnPenalties(step, one, { old, next });
  const [sold, bought] = [lineIn(again.lines, seller), lineIn(again.lines, buyer)];
  Object.assign(sold, {
    energyMoney: sold.energyMoney + next.energyMoney - old.energyMoney,
    shortfallWh: sold.shortfallWh + next.shortSellerWh - old.shortSellerWh,
    penalty: sold.penalty + next.penaltySeller - old.penaltySeller,
    fees: sold.fees + ofSeller,
  });
  Object.assign(bought, {
    energyMoney: bought.energyMoney - paidBy(next) + paidBy(old),
    shortfallWh: bought.shortfallWh + next.shortBuyerWh - old.shortBuyerWh,
    penalty: bought.penalty + next.penaltyBuyer - old.penaltyBuyer,
    fees: bought.fees + wheeling + congestion,
  });
}

/** The buyer's part of a delivery's energy money. */
const paidBy = ({ energyMoney, surplus }: Delivery): bigint => energyMoney + surplus;

function deliveryAgain(one: Judged, old: Delivery, { next, judging }: ContractAgain): Delivery {
  const { shortSellerWh, shortBuyerWh } = next;
  const deliveredWh = one.isRefunded === true ? 0n : next.deliveredWh;
  const { sellTwice, buyTwice } = one.terms.price;
  return {
    deliveredWh: deliveredWh as WattHour,
    shortSellerWh: shortSellerWh as WattHour,
    shortBuyerWh: shortBuyerWh as WattHour,
    energyMoney: money(halfCost(deliveredWh, sellTwice)),
    surplus: money(halfCost(deliveredWh, buyTwice) - halfCost(deliveredWh, sellTwice)),
    wheeling: money(deliveredWh * judging.rules.wheeling),
    penaltySeller: penaltyAgain(one, judging, {
      old: old.penaltySeller,
      before: old.shortSellerWh,
      after: shortSellerWh,
    }),
    penaltyBuyer: penaltyAgain(one, judging, {
      old: old.penaltyBuyer,
      before: old.shortBuyerWh,
      after: shortBuyerWh,
    }),
  };
}

/** A penalty falls with its shortfall; credit does not move, so none is made or grows. */
function penaltyAgain(
  { terms }: Judged,
  { rules }: Judging,
  { old, before, after }: { readonly old: Money; readonly before: bigint; readonly after: bigint },
): Money {
  if (old === 0n || after >= before) return old;
  return isDefault(after, terms.energyWh, rules) ? money((old * after) / before) : NO_MONEY;
}

interface Move {
  readonly from: AccountId;
  readonly to: AccountId;
  /** Negative: the other way. */
  readonly amount: bigint;
}

/** A difference between two accounts; what cannot be given is owed (settlement 3.2). */
export function pay(step: MarketStep, { from, to, amount }: Move): void {
  if (amount < 0n) return pay(step, { from: to, to: from, amount: -amount });
  const rest = step.ledger.payUpTo({
    type: 'correction',
    from: available(from),
    to: available(to),
    amount: money(amount),
  });
  recordArrears(step.ledger, { debtor: from, creditor: to, amount: rest });
}

interface Versions {
  readonly old: Delivery;
  readonly next: Delivery;
}

function returnPenalties(step: MarketStep, { seller, buyer }: Judged, of: Versions): void {
  const { old, next } = of;
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
export function keep(step: MarketStep, account: AccountId, next: Settlement): void {
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
