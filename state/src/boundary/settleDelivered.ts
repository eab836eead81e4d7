// settle of markets with payment "delivered" (settlement 4.1, 5; market-bilateral 2-10), a barrier
// after each phase:
//   0 readings fixed; the whole period judged by market/settle: what is due to everybody, credits
//   1 trades in the order of matching: energy money, wheeling and penalties out of the locks
//   2 homes in ascending id: feed-in and shares of penalties, then the grid's bill; labels made
//   3 trades: labels of clean energy moved, grants (left out where both are off)
//   4 homes: locks released, arrears paid, the settlement line
// Penalties rest in pool:reserve between 1 and 2; what nobody may share stays there (G7).
import {
  type ChainMs,
  type Money,
  NO_ENERGY,
  NO_MONEY,
  type WattHour,
} from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes, keyText } from '../../../core/src/bytes.js';
import { wheelingOf } from '../../../core/src/markets.js';
import type { AccountId } from '../../../core/src/ids.js';
import {
  type PeriodAccount,
  type PeriodContract,
  type SettledPeriod,
  settlePeriod,
} from '../../../market/src/settle/period.js';
import type { PeriodRules } from '../../../market/src/settle/rules.js';
import { payArrears, recordArrears } from '../ledger/arrears.js';
import { available } from '../ledger/ledger.js';
import {
  ACCOUNTS,
  CLOSED,
  CREDITS,
  DELIVERIES,
  periodGroup,
  type PeriodKey,
  PERIODS,
  POSITIONS,
  SETTLEMENTS,
  type Settling,
  TRADES,
} from '../schema.js';
import { hasCleanStep, produce } from '../certificates/clean.js';
import { servedOf } from '../markets/bilateral/contracts.js';
import { CONTRACTS } from '../schemaBilateral.js';
import {
  charge,
  type Energy,
  energyOf,
  type Home,
  homesOf,
  lineOf,
  orderKey,
  releasePosition,
} from './homes.js';
import { moveClean } from './moveClean.js';
import { finishPart, settlingOf } from './progress.js';
import { priceOfTrade } from '../markets/neighbourhood/contracts.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

/** Barriers by what is done before them. */
export const BARRIER = { judge: 0, trades: 1, bills: 2, clean: 3, close: 4 } as const;

export function settleDelivered(step: MarketStep): StepResult {
  const key = { market: step.due.market, period: step.due.period };
  const progress = settlingOf(step.world, key);
  if (progress.barrier === BARRIER.judge) return judge(step, key, progress);
  if (progress.barrier === BARRIER.trades) return payTrades(step, key, progress);
  return payHomes(step, key, progress);
}

/** Counters of an account that has none. */
const NO_CREDITS = { D: 0, i: 0, n: 0, readmitMs: 0n as ChainMs };

/** Barrier 0. */
function judge(step: MarketStep, key: PeriodKey, progress: Settling): StepResult {
  const { world } = step;
  const homes = homesOf(step);
  const energies = energiesOf(step, homes);
  const places = new Map(homes.map(({ account }, i) => [keyText(account), i]));
  const placeOf = (account: AccountId): number =>
    present(places.get(keyText(account)), 'the meters of a trade are enrolled for its period');
  const trades = servedOf(world, key);
  const contracts = trades.map(
    ({ key: at, trade, kind }): PeriodContract => ({
      seller: placeOf(trade.seller),
      buyer: placeOf(trade.buyer),
      energyWh: trade.energyWh,
      kind,
      price: priceOfTrade(step, at, trade),
      bothWheel: kind !== 'trade',
    }),
  );
  const accounts = partiesOf(step, homes, energies);
  const settled = settlePeriod({ accounts, contracts, rules: rulesOf(step) });
  trades.forEach(({ key: at }, i) => {
    const one = present(settled.contracts[i], 'a contract each');
    world.set(DELIVERIES, at, {
      deliveredWh: one.deliveredWh as WattHour,
      shortSellerWh: one.shortSellerWh as WattHour,
      shortBuyerWh: one.shortBuyerWh as WattHour,
      energyMoney: one.sellerGets as Money,
      surplus: (one.buyerPays - one.sellerGets) as Money,
      penaltySeller: one.penaltySeller as Money,
      penaltyBuyer: one.penaltyBuyer as Money,
      wheeling: one.wheelingBuyer as Money,
    });
  });
  const used = deliveredOf(homes.length, contracts, settled);
  homes.forEach((home, i) => {
    const energy = present(energies[i], 'an energy per home');
    keepHome(step, { home, energy, settled, place: i, used: present(used[i], 'a use per home') });
  });
  const work = homes.length + trades.length;
  const carry = { ...progress, barrier: BARRIER.trades, trade: 0n };
  return finishPart(world, key, { after: undefined, unfinished: true, work, carry });
}

export const energiesOf = (step: MarketStep, homes: readonly Home[]): readonly Energy[] =>
  homes.map((home) =>
    energyOf(step, home, step.world.get(POSITIONS, orderKey(step, home.account))),
  );

/** Homes as market/settle judges them. */
export function partiesOf(
  { world }: MarketStep,
  homes: readonly Home[],
  energies: readonly Energy[],
): readonly PeriodAccount[] {
  return homes.map(({ account }, i) => {
    const owner = present(world.get(ACCOUNTS, account), 'a home has an account');
    const { credit, green, status } = owner;
    const { D, i: deductions, n } = world.get(CREDITS, account) ?? NO_CREDITS;
    return {
      ...present(energies[i], 'an energy per home'),
      green,
      credit: { C: credit, D, i: deductions, n },
      suspended: status === 'suspended',
    };
  });
}

interface Used {
  exportWh: bigint;
  importWh: bigint;
}

/** What contracts used of both registers of each home. */
export function deliveredOf(
  count: number,
  contracts: readonly PeriodContract[],
  settled: SettledPeriod,
): readonly Used[] {
  const used = Array.from({ length: count }, (): Used => ({ exportWh: 0n, importWh: 0n }));
  contracts.forEach(({ seller, buyer }, i) => {
    const { deliveredWh } = present(settled.contracts[i], 'a contract each');
    present(used[seller], 'a home').exportWh += deliveredWh;
    present(used[buyer], 'a home').importWh += deliveredWh;
  });
  return used;
}

export function rulesOf({ market }: MarketStep): PeriodRules {
  const p = market.params;
  return {
    payment: 'delivered',
    allocation: p.allocation as PeriodRules['allocation'],
    tick: p.tick,
    feedIn: p.feedIn as PeriodRules['feedIn'],
    retail: p.retail as PeriodRules['retail'],
    balancing: p.balancing,
    reward: false,
    rewardFactorPpm: p.rewardFactorPpm,
    greenFactorPpm: p.greenFactorPpm,
    coefficientFloorPpm: p.coefficientFloorPpm,
    amountBasis: 'exact',
    tolAbsWh: p.tolAbsWh as WattHour,
    tolRelPpm: p.tolRelPpm,
    wheeling: wheelingOf(market) as PeriodRules['wheeling'],
    handling: NO_MONEY,
    ...(p.credit && {
      credit: {
        c: p.compensationPeriods,
        iMax: p.deductionMax,
        minVolumeWh: p.minVolumeWh as WattHour,
        suspendBelow: p.suspendBelow,
      },
    }),
    ...(p.penalty && {
      penalty: {
        k1Ppm: p.k1Ppm,
        k2Ppm: p.k2Ppm,
        gPpm: p.gPpm,
        muPpm: p.muPpm,
        freeAtFullCredit: p.freeAtFullCredit,
        sharing: 'per-penalty' as const,
      },
    }),
  };
}

interface Kept {
  readonly home: Home;
  readonly energy: Energy;
  readonly settled: SettledPeriod;
  readonly place: number;
  readonly used: Used;
}

/** What is due to a home, and its credit after the period. */
export function keepHome(step: MarketStep, { home, energy, settled, place, used }: Kept): void {
  const { world, market } = step;
  const { account } = home;
  const line = present(settled.accounts[place], 'a line per home');
  const position = world.get(POSITIONS, orderKey(step, account));
  const { feedIn, retail } = market.params;
  world.set(SETTLEMENTS, orderKey(step, account), {
    side: position?.side,
    declaredWh: position?.declaredWh ?? NO_ENERGY,
    tradedWh: position?.tradedWh ?? NO_ENERGY,
    importWh: energy.importWh,
    exportWh: energy.exportWh,
    quality: energy.quality,
    gridCharge: ((energy.importWh - used.importWh) * retail) as Money,
    gridCredit: ((energy.exportWh - used.exportWh) * feedIn) as Money,
    energyMoney: line.energyMoney,
    shortfallWh: line.shortfallWh as WattHour,
    penalty: line.penalty as Money,
    penaltyShare: line.penaltyShare as Money,
    fees: line.fees as Money,
    credit: line.credit.C,
    version: 1,
    rewardDue: 0n,
    reward: 0n,
  });
  if (line.step === undefined) return;
  const { C, D, i, n } = line.credit;
  const owner = present(world.get(ACCOUNTS, account), 'a home has its account');
  const status = line.step.suspend ? 'suspended' : owner.status;
  if (owner.credit !== C || owner.status !== status)
    world.set(ACCOUNTS, account, { ...owner, credit: C, status });
  const before = world.get(CREDITS, account);
  // From the next period on (market-bilateral G5, G6).
  const falls = line.step.suspend && owner.status === 'active';
  const readmitMs = falls ? readmitTime(step) : (before ?? NO_CREDITS).readmitMs;
  if (D + i + n > 0 || before !== undefined) world.set(CREDITS, account, { D, i, n, readmitMs });
}

const readmitTime = ({ market, due, chain }: MarketStep): ChainMs => {
  const end = (due.period + 1n) * market.periodMs;
  return (end + BigInt(chain.consensus.readmitAfterPeriods) * market.periodMs) as ChainMs;
};

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
  if (progress.barrier === BARRIER.clean) {
    const { trade, work } = moveClean(step, progress.trade);
    const carry =
      trade === undefined ? { ...progress, barrier: BARRIER.close } : { ...progress, trade };
    return finishPart(world, key, { after: undefined, unfinished: true, work, carry });
  }
  const rest = homesOf(step).filter(
    ({ account }) => progress.after === undefined || compareBytes(account, progress.after) > 0,
  );
  const part = rest.slice(0, PART_ACCOUNTS);
  const isBills = progress.barrier === BARRIER.bills;
  if (isBills) for (const home of part) billHome(step, home);
  else closeHomes(step, part);
  const work = part.length;
  if (rest.length > part.length)
    return finishPart(world, key, { after: part.at(-1)?.account, unfinished: true, work });
  if (isBills) {
    const isClean = hasCleanStep(step.chain, step.market);
    const carry = { ...progress, barrier: isClean ? BARRIER.clean : BARRIER.close, trade: 0n };
    return finishPart(world, key, { after: undefined, unfinished: true, work, carry });
  }
  const record = present(world.get(PERIODS, key), 'a settled period has its record');
  world.delete(PERIODS, key);
  world.set(CLOSED, key, { ...record, status: 'settled' });
  return finishPart(world, key, { after: undefined, unfinished: false, work });
}

/** Income before bills (settlement 3.2). */
function billHome(step: MarketStep, { account, meterId }: Home): void {
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
  const { exportWh } = line;
  produce(step, { account, meterId, period: step.due.period, exportWh });
  ledger.takeGainers();
}

function closeHomes(step: MarketStep, part: readonly Home[]): void {
  const { ledger, chain } = step;
  const before = part.map(({ account }) => ledger.balance(account));
  for (const { account } of part) {
    releasePosition(step, account);
    ledger.noteGain(account);
  }
  ledger.noteGain(chain.system.grid);
  ledger.noteGain(chain.system.reserve);
  payArrears(ledger);
  part.forEach(({ account }, i) => {
    lineOf(step, account, present(before[i], 'a balance per home'));
  });
}
