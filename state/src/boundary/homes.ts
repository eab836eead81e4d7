// The homes that a market settles in a period, what their meters say, and what every settlement
// does with a home: bills, the end of its lock, its line. Used by settle.ts and settleDelivered.ts.
import {
  largest,
  least,
  type Money,
  NO_ENERGY,
  NO_MONEY,
  subMoney,
  type WattHour,
} from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { recordArrears } from '../ledger/arrears.js';
import { available, type EntryType, locked } from '../ledger/ledger.js';
import {
  ACCOUNTS,
  type Balance,
  METERS,
  type OrderKey,
  type Position,
  POSITIONS,
  RECENT,
  type Settlement,
  SETTLEMENTS,
} from '../schema.js';
import { isEnrolled } from '../tx/context.js';
import { meteredOf } from '../tx/reading.js';
import { limitOf } from '../tx/locks.js';
import type { MarketStep } from './step.js';
import { periodTimes } from './timing.js';

export interface Home {
  readonly account: AccountId;
  readonly meterId: AccountId;
}

/** Periods whose imports a substitute looks back on. */
const RECENT_PERIODS = 96;

/** Every participant whose meter this market settles in the period, in ascending id. */
export function homesOf({ world, chain, market, due }: MarketStep): readonly Home[] {
  return world
    .entries(METERS)
    .filter(({ value }) => isEnrolled(chain, value, { market, period: due.period }))
    .map(({ key, value }) => ({ account: value.participant, meterId: key }))
    .sort((a, b) => compareBytes(a.account, b.account));
}

export const orderKey = ({ due }: MarketStep, account: AccountId): OrderKey => ({
  market: due.market,
  period: due.period,
  account,
});

export interface Energy {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
  readonly quality: Settlement['quality'];
}

/** Metered energy, or the substitute: silence never pays (meters-and-grid "Missing"). */
export function energyOf(step: MarketStep, home: Home, position: Position | undefined): Energy {
  const times = periodTimes(step.market, step.due.period);
  const ends = { startMs: times.deliveryStart, endMs: times.deliveryEnd };
  const metered = meteredOf(step, home.meterId, ends);
  const recent = step.world.get(RECENT, home.meterId)?.importsWh ?? [];
  if (metered !== undefined) {
    const importsWh = [...recent, metered.importWh].slice(-RECENT_PERIODS);
    step.world.set(RECENT, home.meterId, { importsWh });
    const { importWh, exportWh, spread } = metered;
    return { importWh, exportWh, quality: spread ? 'corrected' : 'metered' };
  }
  const bought = position?.side === 'buy' ? position.tradedWh : NO_ENERGY;
  const most = recent.reduce((so, wh) => largest(so, wh), bought);
  // Periods of a market before this one may have been longer.
  const owner = present(step.world.get(ACCOUNTS, home.account), 'a home has its account');
  const importWh = least(most, limitOf(owner, step.market, 'buy'));
  return { importWh, exportWh: NO_ENERGY, quality: 'substitute' };
}

export interface Charge {
  readonly account: AccountId;
  readonly creditor: AccountId;
  readonly amount: Money;
  readonly type: EntryType;
}

/** Locks of the period, then available balance, then arrears (settlement 3.1). */
export function charge(step: MarketStep, { account, creditor, amount, type }: Charge): void {
  const { world, ledger } = step;
  const key = orderKey(step, account);
  const position = world.get(POSITIONS, key);
  let rest = amount;
  if (position !== undefined && position.lock > 0n && rest > 0n) {
    const fromLock = position.lock < rest ? position.lock : rest;
    ledger.post({ type, from: locked(account), to: available(creditor), amount: fromLock });
    world.set(POSITIONS, key, { ...position, lock: subMoney(position.lock, fromLock) });
    rest = subMoney(rest, fromLock);
  }
  rest = ledger.payUpTo({ type, from: available(account), to: available(creditor), amount: rest });
  recordArrears(ledger, { debtor: account, creditor, amount: rest });
}

/** What is still locked for the period comes back. */
export function releasePosition({ world, ledger, due }: MarketStep, account: AccountId): void {
  const key = { market: due.market, period: due.period, account };
  const position = world.get(POSITIONS, key);
  if (position === undefined || position.lock === 0n) return;
  const amount = position.lock;
  ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
  world.set(POSITIONS, key, { ...position, lock: NO_MONEY });
}

/** The settlement line: what was due beside what was paid says whether rewards were scaled. */
export function lineOf(step: MarketStep, account: AccountId, before: Balance): void {
  const { world, ledger, due } = step;
  const line = present(world.get(SETTLEMENTS, orderKey(step, account)), 'a settled home');
  ledger.line({
    kind: 'settlement',
    account,
    before,
    fields: [
      due.market,
      due.period,
      line.side ?? '',
      line.declaredWh,
      line.tradedWh,
      line.importWh,
      line.exportWh,
      line.quality,
      line.gridCharge,
      line.gridCredit,
      line.rewardDue,
      line.reward,
      ledger.balance(account).arrears,
      line.energyMoney,
      line.shortfallWh,
      line.penalty,
      line.penaltyShare,
      line.fees,
      line.credit,
      line.version,
    ],
  });
}
