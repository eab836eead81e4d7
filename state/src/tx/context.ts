// What a transaction rule sees, and the shape of a rule: a pure predicate that gives a code, and
// the writes. One file per kind beside this one.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { AccountId, PublicKey } from '../../../core/src/ids.js';
import type { Tx, TxKind, TxOf } from '../../../core/src/tx.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import { periodTimes } from '../boundary/timing.js';
import { type Chain, marketOf } from '../chain.js';
import type { Ledger } from '../ledger/ledger.js';
import { type Account, ACCOUNTS, METERS, type Meter, NETWORK } from '../schema.js';
import type { World } from '../world.js';
import { equalBytes } from '../../../core/src/bytes.js';

/** Whether the signature of a transaction verifies under a key; the shell has a fast one. */
export type VerifyTx = (key: PublicKey, tx: Tx) => boolean;

export interface CheckContext {
  readonly chain: Chain;
  readonly world: World;
  /** Time of the block, or the time at which a node asks. */
  readonly timeMs: ChainMs;
  readonly sender: Account;
  readonly verify: VerifyTx;
}

export interface ApplyContext extends CheckContext {
  readonly ledger: Ledger;
  /** Place in the chain: height x 2^32 + index in the block. */
  readonly place: bigint;
}

export interface TxRule<K extends TxKind> {
  /** Why it is refused in this place, or undefined. */
  check(context: CheckContext, tx: TxOf<K>): ErrorCode | undefined;
  /** Called only where check found nothing. */
  apply(context: ApplyContext, tx: TxOf<K>): void;
}

/** Centre transactions are signed by the key of a centre in office. */
export function isCentre(context: CheckContext): boolean {
  const network = context.world.get(NETWORK, '');
  const { sender } = context;
  return (
    sender.role === 'centre' &&
    (network?.centres.some((c) => equalBytes(c.publicKey, sender.publicKey)) ?? false)
  );
}

export const accountOf = (context: CheckContext, id: AccountId): Account | undefined =>
  context.world.get(ACCOUNTS, id);

/** The meter of a participant, if it has one. */
export function meterOf(world: World, account: Account): (Meter & { id: AccountId }) | undefined {
  if (account.partner === undefined || account.role === 'meter') return undefined;
  const meter = world.get(METERS, account.partner);
  return meter && { ...meter, id: account.partner };
}

/** Chain time from which the meter is in its present market; 0 where it is in none. */
export const enrolledFromMs = (chain: Chain, meter: Meter): bigint =>
  meter.fromPeriod * (marketOf(chain, meter.market)?.periodMs ?? 0n);

/** In which market the meter is enrolled at a time. */
export const marketOfMeter = (chain: Chain, meter: Meter, timeMs: bigint): string =>
  timeMs >= enrolledFromMs(chain, meter) ? meter.market : meter.previousMarket;

/**
 * Whether the market settles the meter for a delivery period: it is enrolled there for all of it
 * (settlement 1.5). Compared by time, since markets count their periods differently.
 */
export function isEnrolled(
  chain: Chain,
  meter: Meter,
  at: { readonly market: MarketConfig; readonly period: PeriodIndex },
): boolean {
  const { deliveryStart, deliveryEnd } = periodTimes(at.market, at.period);
  const fromMs = enrolledFromMs(chain, meter);
  if (at.market.id === meter.market) return deliveryStart >= fromMs;
  return at.market.id === meter.previousMarket && deliveryEnd <= fromMs;
}

/** Suspended, or its admission has run out. */
export const isSuspended = (account: Account, timeMs: bigint): boolean =>
  account.status === 'suspended' || (account.expiresMs !== 0n && timeMs >= account.expiresMs);
