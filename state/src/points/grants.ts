// Grants from pool:grants (market-reputation 1.11): each is paid whole or not at all; what the pool
// does not cover is recorded and not made up later. Never issue: the pool is funded by the centre.
import { least, MAX_AMOUNT, type Money, NO_MONEY } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import type { MarketConfig, ParamName } from '../../../core/src/markets.js';
import { grantsPaid } from '../../../market/src/reputation/activity.js';
import type { Chain } from '../chain.js';
import { available, type Ledger } from '../ledger/ledger.js';
import type { World } from '../world.js';
import { type GrantCause, GRANTED, type Granted } from './tables.js';

const PARAM_OF = {
  registration: 'grantRegistration',
  cleanKwh: 'grantCleanKwh',
  verification: 'grantVerification',
  block: 'grantBlock',
} as const satisfies Record<GrantCause, ParamName>;

/** What a market grants for a cause; 0 where the module is off. */
export const grantAmount = ({ params }: MarketConfig, cause: GrantCause): Money =>
  (params.points ? params[PARAM_OF[cause]] : NO_MONEY) as Money;

/** The market whose grants count for what belongs to none: the first of genesis with the module. */
export const grantingMarket = ({ markets }: Chain): MarketConfig | undefined =>
  markets.find(({ params }) => params.points);

export interface GrantAt {
  readonly world: World;
  readonly ledger: Ledger;
  readonly chain: Chain;
}

export interface Due {
  readonly account: AccountId;
  readonly cause: GrantCause;
  readonly market: MarketConfig;
  readonly period: bigint;
  /** Grants of the cause that are due at once. */
  readonly count: bigint;
}

/** Pays what the pool covers, and tells what was due and what was paid. */
export function grant(at: GrantAt, due: Due): void {
  const each = grantAmount(due.market, due.cause);
  pay(at, due, grantsPaid(due.count, each, at.ledger.spendable(at.chain.system.grants)));
}

/** Both sides of clean kWh, one kWh after the other, until the pool ends. */
export function grantPair(
  at: GrantAt,
  of: Pick<Due, 'market' | 'period' | 'count'> & {
    readonly seller: AccountId;
    readonly buyer: AccountId;
  },
): void {
  const { seller, buyer, market, period, count } = of;
  const due = { market, period, count, cause: 'cleanKwh' } as const;
  const pool = at.ledger.spendable(at.chain.system.grants);
  const both = grantsPaid(2n * count, grantAmount(market, 'cleanKwh'), pool);
  pay(at, { ...due, account: seller }, both - both / 2n);
  pay(at, { ...due, account: buyer }, both / 2n);
}

/** Sums are for reading: at the end of their range they stay there. */
const capped = (amount: bigint): Money => least(amount, MAX_AMOUNT) as Money;

/** `grants` of those that are due are paid. */
function pay(at: GrantAt, { account, cause, market, period, count }: Due, grants: bigint): void {
  const { ledger, chain } = at;
  const each = grantAmount(market, cause);
  if (each === 0n || count === 0n) return;
  const [paid, due] = [capped(grants * each), capped(count * each)];
  const before = ledger.balance(account);
  const from = available(chain.system.grants);
  ledger.post({ type: 'grant', from, to: available(account), amount: paid });
  ledger.line({
    kind: 'grant',
    account,
    before,
    fields: [cause, market.id, period, due, paid],
  });
  const sums = grantedOf(at.world);
  const unpaid = capped(sums[cause].unpaid + due - paid);
  const next = { paid: capped(sums[cause].paid + paid), unpaid };
  at.world.set(GRANTED, '', { ...sums, [cause]: next });
}

const NOTHING = { paid: NO_MONEY, unpaid: NO_MONEY };

export const grantedOf = (world: World): Granted =>
  world.get(GRANTED, '') ?? {
    registration: NOTHING,
    cleanKwh: NOTHING,
    verification: NOTHING,
    block: NOTHING,
  };
