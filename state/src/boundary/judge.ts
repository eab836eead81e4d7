// What a period comes to in markets with payment "delivered" (settlement 5.1-5.6; barrier 0 of
// their settlement): readings are fixed, market/settle judges the whole period at once, and what is
// due to everybody is written down with the credit after it. No money moves here.
import { type Money, NO_ENERGY, NO_MONEY, type WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { keyText } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { wheelingOf } from '../../../core/src/markets.js';
import {
  type PeriodAccount,
  type PeriodContract,
  type SettledContract,
  type SettledPeriod,
  settlePeriod,
} from '../../../market/src/settle/period.js';
import type { PeriodRules } from '../../../market/src/settle/rules.js';
import {
  ACCOUNTS,
  DELIVERIES,
  type Delivery,
  POSITIONS,
  SETTLEMENTS,
  type TradeKey,
} from '../schema.js';
import { creditOf, creditRulesOf, keepCredit, toleranceOf } from './credits.js';
import { type Energy, energyOf, type Home, homesOf, orderKey } from './homes.js';
import { declaredOf, dueReward } from './rewards.js';
import type { MarketStep } from './step.js';

/** A contract that the period is judged by. */
export interface Judged {
  /** Where its delivery is written. */
  readonly at: TradeKey;
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly terms: Omit<PeriodContract, 'seller' | 'buyer'>;
  /** It counts as not delivered, whatever the meters say; of corrections only. */
  readonly isRefunded?: boolean;
}

export interface Judging {
  /** In the order in which they are served. */
  readonly contracts: readonly Judged[];
  readonly rules: PeriodRules;
}

/** Writes deliveries, settlements and credits; gives the work: homes and contracts. */
export function judgePeriod(step: MarketStep, { contracts: judged, rules }: Judging): number {
  const homes = homesOf(step);
  const energies = energiesOf(step, homes);
  const places = new Map(homes.map(({ account }, i) => [keyText(account), i]));
  const placeOf = (account: AccountId): number =>
    present(places.get(keyText(account)), 'the meters of a contract are enrolled for its period');
  const contracts = judged.map(
    ({ seller, buyer, terms }): PeriodContract => ({
      ...terms,
      seller: placeOf(seller),
      buyer: placeOf(buyer),
    }),
  );
  const accounts = partiesOf(step, homes, energies);
  const settled = settlePeriod({ accounts, contracts, rules });
  judged.forEach(({ at }, i) => {
    step.world.set(DELIVERIES, at, deliveryOf(present(settled.contracts[i], 'a contract each')));
  });
  const used = deliveredOf(homes.length, contracts, settled);
  const replaced = replacedOf(judged);
  homes.forEach((home, i) => {
    const energy = present(energies[i], 'an energy per home');
    const position = step.world.get(POSITIONS, orderKey(step, home.account));
    const declared = declaredOf(position, replaced.get(keyText(home.account)) ?? []);
    const rewardDue = dueReward(step, home.account, { declared, energy });
    const of = { used: present(used[i], 'a use per home'), rewardDue };
    keepHome(step, { home, energy, settled, place: i, ...of });
  });
  return homes.length + judged.length;
}

/** Contracts that replace one that failed, by the text of both their parties. */
function replacedOf(
  judged: readonly Pick<Judged, 'seller' | 'buyer' | 'terms'>[],
): ReadonlyMap<string, readonly Judged['terms'][]> {
  const by = new Map<string, Judged['terms'][]>();
  for (const { seller, buyer, terms } of judged) {
    if (terms.kind !== 'replacement') continue;
    for (const name of [seller, buyer].map(keyText)) by.set(name, [...(by.get(name) ?? []), terms]);
  }
  return by;
}

const deliveryOf = (one: SettledContract): Delivery => ({
  deliveredWh: one.deliveredWh as WattHour,
  shortSellerWh: one.shortSellerWh as WattHour,
  shortBuyerWh: one.shortBuyerWh as WattHour,
  energyMoney: one.sellerGets as Money,
  surplus: (one.buyerPays - one.sellerGets) as Money,
  penaltySeller: one.penaltySeller as Money,
  penaltyBuyer: one.penaltyBuyer as Money,
  wheeling: one.wheelingBuyer as Money,
});

const energiesOf = (step: MarketStep, homes: readonly Home[]): readonly Energy[] =>
  homes.map((home) =>
    energyOf(step, home, step.world.get(POSITIONS, orderKey(step, home.account))),
  );

/** Homes as market/settle judges them. */
function partiesOf(
  { world }: MarketStep,
  homes: readonly Home[],
  energies: readonly Energy[],
): readonly PeriodAccount[] {
  return homes.map(({ account }, i) => {
    const owner = present(world.get(ACCOUNTS, account), 'a home has an account');
    const { green, status } = owner;
    return {
      ...present(energies[i], 'an energy per home'),
      green,
      credit: creditOf(world, account),
      suspended: status === 'suspended',
    };
  });
}

interface Used {
  exportWh: bigint;
  importWh: bigint;
}

/** What contracts used of both registers of each home. */
function deliveredOf(
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
    ...toleranceOf(p),
    wheeling: wheelingOf(market) as PeriodRules['wheeling'],
    handling: NO_MONEY,
    ...(p.credit && { credit: creditRulesOf(p) }),
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
  readonly rewardDue: bigint;
}

/** What is due to a home, and its credit after the period. */
function keepHome(step: MarketStep, kept: Kept): void {
  const { world, market } = step;
  const { home, energy, settled, place, used, rewardDue } = kept;
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
    rewardDue,
    reward: 0n,
  });
  if (line.step !== undefined) keepCredit(step, account, line.step);
}
