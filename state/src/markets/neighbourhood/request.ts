// sealBid and revealBid in a neighbourhood market (market-neighbourhood 1.1, settlement 2.2): the
// hash alone with the bond of the larger side, then bond back and lock taken in one step.
import { largest, type Money, NO_ENERGY, NO_MONEY, subMoney } from '../../../../core/src/amount.js';
import type { Price, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { sealedBidHash } from '../../../../core/src/seal.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { checkPrice, checkQuantity, type PriceRules } from '../../../../market/src/order.js';
import { available, locked } from '../../ledger/ledger.js';
import { type Account, BALANCES, type OrderKey, PERIODS } from '../../schema.js';
import { type ApplyContext, type CheckContext, isEnrolled, meterOf } from '../../tx/context.js';
import { bondOf, limitOf, openPeriod, refusePhase } from '../../tx/orders.js';
import { isSuspectNow, spend, tokensOf } from './conduct.js';
import { networkOf } from '../reputation/network.js';
import { lockOf } from './contracts.js';
import { REQUESTS } from './tables.js';
import type { MarketRule } from '../mechanism.js';

/** Which side it is stays sealed: the larger bond of both (settlement 2.1). */
export const sealedBondOf = (account: Account, market: MarketConfig): Money =>
  largest(bondOf(account, market, 'buy'), bondOf(account, market, 'sell'));

/** Who may take part: a prosumer whose meter is enrolled for the period. */
export function checkHome(
  { sender, world, chain }: CheckContext,
  market: MarketConfig,
  { period }: { readonly period: OrderKey['period'] },
): ErrorCode | undefined {
  if (sender.role !== 'prosumer') return 'NOT_ALLOWED';
  const meter = meterOf(world, sender);
  if (meter === undefined || !isEnrolled(chain, meter, { market, period })) return 'NOT_ENROLLED';
  return undefined;
}

/** What stands against a new bid of an account besides its own fields. */
export function checkStanding(
  { world, chain }: CheckContext,
  market: MarketConfig,
  key: OrderKey,
  isNew: boolean,
): ErrorCode | undefined {
  if (isSuspectNow(world, market, key)) return 'SUSPECT';
  const live = world.get(PERIODS, key)?.live ?? 0;
  if (isNew && live >= market.params.maxOrders) return 'BOOK_FULL';
  if ((world.get(BALANCES, key.account)?.arrears ?? 0n) > 0n) return 'ARREARS';
  const grid = world.get(BALANCES, chain.system.grid)?.available ?? 0n;
  return grid <= -chain.gridCreditLimit ? 'GRID_LIMIT' : undefined;
}

function checkSeal(
  context: CheckContext,
  market: MarketConfig,
  { body, sender }: TxOf<'sealBid'>,
): ErrorCode | undefined {
  const { world, timeMs } = context;
  // Sealed are side and energy too (conventions "Sealed bid").
  const isSealed = body.side === undefined && body.energyWh === undefined;
  if (body.biddingRound !== 1 || !isSealed) return 'BAD_ENCODING';
  const refusal =
    refusePhase(market, { period: body.period, timeMs }, 'declare') ??
    checkHome(context, market, body);
  if (refusal !== undefined) return refusal;
  const grid = networkOf(context.chain, market);
  if (grid !== undefined && !grid.nodes.has(context.sender.node)) return 'NO_NODE';
  const key = { market: body.market, period: body.period, account: sender };
  const old = world.get(REQUESTS, key);
  const standing = checkStanding(context, market, key, old === undefined);
  if (standing !== undefined) return standing;
  if (tokensOf(world, market, { ...key, timeMs }) === 0) return 'NO_TOKEN';
  const free = (world.get(BALANCES, sender)?.available ?? 0n) + (old?.bond ?? 0n);
  return free < sealedBondOf(context.sender, market) ? 'INSUFFICIENT_FUNDS' : undefined;
}

function applySeal(
  context: ApplyContext,
  market: MarketConfig,
  { id, body, sender }: TxOf<'sealBid'>,
): void {
  const { world, timeMs } = context;
  const key = { market: body.market, period: body.period, account: sender };
  const old = world.get(REQUESTS, key);
  const bond = sealedBondOf(context.sender, market);
  moveBond(context, { account: sender, from: old?.bond ?? NO_MONEY, to: bond });
  world.set(REQUESTS, key, {
    id,
    hash: body.hash,
    place: context.place,
    bond,
    revealed: false,
    side: undefined,
    energyWh: NO_ENERGY,
    price: 0n as Price,
    lock: NO_MONEY,
    activate: false,
  });
  spend(world, market, { ...key, timeMs });
  if (old === undefined) countLive(context, market, { key, change: 1 });
}

/** One bid more or less in the counts of its period. */
export function countLive(
  { world }: ApplyContext,
  market: MarketConfig,
  { key, change }: { readonly key: OrderKey; readonly change: number },
): void {
  const at = { market: key.market, period: key.period };
  const period = openPeriod(world, market, at);
  const next = { ...period, live: period.live + change, sealed: period.sealed + change };
  if (next.live === 0 && next.readings === 0) world.delete(PERIODS, at);
  else world.set(PERIODS, at, next);
}

interface BondMove {
  readonly account: OrderKey['account'];
  readonly from: Money;
  readonly to: Money;
}

function moveBond({ ledger }: ApplyContext, { account, from, to }: BondMove): void {
  const [mine, held] = [available(account), locked(account)];
  if (to >= from) ledger.post({ type: 'bond', from: mine, to: held, amount: subMoney(to, from) });
  else ledger.post({ type: 'bond-return', from: held, to: mine, amount: subMoney(from, to) });
}

function priceAllowed(market: MarketConfig, price: Price): boolean {
  const rules = market.params as PriceRules & MarketConfig['params'];
  // Without bounds a price is still one that the book can hold.
  return checkPrice(price, rules) === undefined && price <= 1000n * rules.retail;
}

function checkReveal(
  context: CheckContext,
  market: MarketConfig,
  { body, sender }: TxOf<'revealBid'>,
): ErrorCode | undefined {
  const { world, chain, timeMs } = context;
  if (body.biddingRound !== 1) return 'BAD_ENCODING';
  const phase = refusePhase(market, { period: body.period, timeMs }, 'reveal');
  if (phase !== undefined) return phase;
  const request = world.get(REQUESTS, { ...body, account: sender });
  if (request === undefined) return 'NO_ORDER';
  if (request.revealed) return 'ALREADY_REVEALED';
  const opening = sealedBidHash({ ...body, chainId: chain.chainId, account: sender });
  if (!equalBytes(opening, request.hash)) return 'COMMITMENT_MISMATCH';
  const quantity = checkQuantity(body.energyWh, {
    minOrderWh: market.params.minOrderWh as WattHour,
    pMaxWh: limitOf(context.sender, market, body.side),
  });
  if (quantity !== undefined) return quantity;
  if (!priceAllowed(market, body.price)) return 'PRICE_BOUNDS';
  const free = (world.get(BALANCES, sender)?.available ?? 0n) + request.bond;
  return free < lockOf(market, body) ? 'INSUFFICIENT_FUNDS' : undefined;
}

function applyReveal(
  { world, ledger }: ApplyContext,
  market: MarketConfig,
  { body, sender }: TxOf<'revealBid'>,
): void {
  const at = { market: body.market, period: body.period };
  const key = { ...at, account: sender };
  const request = present(world.get(REQUESTS, key), 'checked');
  const lock = lockOf(market, body);
  const [mine, held] = [available(sender), locked(sender)];
  // Bond into lock within one step: only the difference moves (settlement 2.6).
  if (request.bond >= lock) {
    const amount = subMoney(request.bond, lock);
    ledger.post({ type: 'bond-return', from: held, to: mine, amount });
  } else {
    const amount = subMoney(lock, request.bond);
    ledger.post({ type: 'lock', from: mine, to: held, amount });
  }
  const { side, energyWh, price, activate } = body;
  const opened = { side, energyWh, price, activate, bond: NO_MONEY, revealed: true, lock };
  world.set(REQUESTS, key, { ...request, ...opened });
  const period = present(world.get(PERIODS, at), 'a request has its period');
  world.set(PERIODS, at, { ...period, revealed: period.revealed + 1 });
}

export const seal: MarketRule<'sealBid'> = { check: checkSeal, apply: applySeal };

export const reveal: MarketRule<'revealBid'> = { check: checkReveal, apply: applyReveal };
