// sealBid and cancel in a market of reputation (settlement 2.2): a hash per bidding round, with the
// bond at the first bid of the period. Bids of all rounds may come from the start of the period.
import { type Money, NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { available, locked } from '../../ledger/ledger.js';
import { BALANCES, type OrderKey, PERIODS } from '../../schema.js';
import { type ApplyContext, type CheckContext, isEnrolled, meterOf } from '../../tx/context.js';
import { openPeriod, refusePhase } from '../../tx/orders.js';
import type { World } from '../../world.js';
import { deliveryPeriod } from './contracts.js';
import { networkOf } from './network.js';
import { bondOf, newQuote, sealsOf } from './quotes.js';
import type { Quote } from './records.js';
import { DELIVERY_PERIODS, QUOTES, type SealKey, SEALS } from './tables.js';
import type { MarketRule } from '../mechanism.js';

type Body = TxOf<'sealBid'>['body'];

function checkFields(
  context: CheckContext,
  market: MarketConfig,
  body: Body,
): ErrorCode | undefined {
  if (context.sender.role !== 'prosumer') return 'NOT_ALLOWED';
  const { period, biddingRound } = body;
  const isSealed = body.side === undefined && body.energyWh === undefined;
  if (!isSealed || biddingRound < 1 || biddingRound > market.params.biddingRounds)
    return 'BAD_ENCODING';
  const at = { period, biddingRound, timeMs: context.timeMs };
  const phase = refusePhase(market, at, 'declare');
  if (phase !== undefined) return phase;
  const meter = meterOf(context.world, context.sender);
  if (meter === undefined || !isEnrolled(context.chain, meter, { market, period }))
    return 'NOT_ENROLLED';
  const grid = networkOf(context.chain, market);
  return grid === undefined || grid.nodes.has(context.sender.node) ? undefined : 'NO_NODE';
}

function checkSeal(
  context: CheckContext,
  market: MarketConfig,
  { body, sender }: TxOf<'sealBid'>,
): ErrorCode | undefined {
  const refusal = checkFields(context, market, body);
  if (refusal !== undefined) return refusal;
  const { world, chain } = context;
  const quote = world.get(QUOTES, { ...body, account: sender });
  if (quote?.out === true) return 'NO_ORDER';
  const live = world.get(PERIODS, body)?.live ?? 0;
  if (quote === undefined && live >= market.params.maxOrders) return 'BOOK_FULL';
  const balance = world.get(BALANCES, sender) ?? { available: 0n, arrears: 0n };
  if (balance.arrears > 0n) return 'ARREARS';
  const grid = world.get(BALANCES, chain.system.grid)?.available ?? 0n;
  if (grid <= -chain.gridCreditLimit) return 'GRID_LIMIT';
  const bond = isBondDue(quote) ? bondOf(context.sender, market) : NO_MONEY;
  return balance.available < bond ? 'INSUFFICIENT_FUNDS' : undefined;
}

const isBondDue = (quote: Quote | undefined): boolean =>
  quote === undefined || (!quote.bonded && quote.bondRound === 0);

function applySeal(
  context: ApplyContext,
  market: MarketConfig,
  { id, body, sender }: TxOf<'sealBid'>,
): void {
  const { world, ledger, place } = context;
  const key = { market: body.market, period: body.period, account: sender };
  const { biddingRound } = body;
  const before = world.get(QUOTES, key);
  const quote = before ?? newQuote(id, context.sender.node);
  const old = world.get(SEALS, { ...key, biddingRound });
  world.set(SEALS, { ...key, biddingRound }, { id, hash: body.hash, place, revealed: false });
  let { bond, bondRound } = quote;
  if (isBondDue(before)) {
    bond = bondOf(context.sender, market);
    ledger.post({ type: 'bond', from: available(sender), to: locked(sender), amount: bond });
    bondRound = biddingRound;
  }
  // The bond is at stake with the earliest bidding round that is sealed.
  if (bondRound !== 0 && biddingRound < bondRound) bondRound = biddingRound;
  const seals = quote.seals + (old === undefined ? 1 : 0);
  world.set(QUOTES, key, { ...quote, bond, bondRound, seals });
  if (before === undefined) countBidder(context, market, { key, change: 1 });
}

function countBidder(
  { world }: ApplyContext,
  market: MarketConfig,
  { key, change }: { readonly key: OrderKey; readonly change: 1 | -1 },
): void {
  const at = { market: key.market, period: key.period };
  const period = openPeriod(world, market, at);
  const next = { ...period, live: period.live + change, sealed: period.sealed + change };
  const isIdle = next.live === 0 && next.readings === 0 && next.trades === 0;
  if (isIdle) {
    world.delete(PERIODS, at);
    world.delete(DELIVERY_PERIODS, at);
    return;
  }
  world.set(PERIODS, at, next);
  world.set(DELIVERY_PERIODS, at, deliveryPeriod(world, at));
}

/** The sealed bid of that id of the sender, while its commit is open. */
function ownSeal(
  context: CheckContext,
  market: MarketConfig,
  { body, sender }: Pick<TxOf<'cancel'>, 'body' | 'sender'>,
): SealKey | ErrorCode {
  const key = { market: body.market, period: body.period, account: sender };
  const seals = sealsOf(context.world, market, key);
  const found = seals.find(({ seal }) => equalBytes(seal.id, body.order))?.key;
  const { period } = body;
  const at = { period, timeMs: context.timeMs, biddingRound: found?.biddingRound ?? 1 };
  return refusePhase(market, at, 'declare') ?? found ?? 'NO_ORDER';
}

function checkSealCancel(
  context: CheckContext,
  market: MarketConfig,
  tx: TxOf<'cancel'>,
): ErrorCode | undefined {
  const found = ownSeal(context, market, tx);
  return typeof found === 'string' ? found : undefined;
}

function cancelSeal(context: ApplyContext, market: MarketConfig, tx: TxOf<'cancel'>): void {
  const { world, ledger } = context;
  const seal = ownSeal(context, market, tx) as SealKey;
  const key = { market: seal.market, period: seal.period, account: seal.account };
  const quote = present(world.get(QUOTES, key), 'a seal has its quote');
  world.delete(SEALS, seal);
  const seals = quote.seals - 1;
  if (seals > 0) {
    const bondRound = quote.bondRound === 0 ? 0 : earliestSeal(world, market, key);
    world.set(QUOTES, key, { ...quote, seals, bondRound });
    return;
  }
  const { bond } = quote;
  const account = key.account;
  ledger.post({ type: 'bond-return', from: locked(account), to: available(account), amount: bond });
  if (quote.bonded) world.set(QUOTES, key, { ...quote, seals, bond: 0n as Money, bondRound: 0 });
  else {
    world.delete(QUOTES, key);
    countBidder(context, market, { key, change: -1 });
  }
}

const earliestSeal = (world: World, market: MarketConfig, key: OrderKey): number =>
  sealsOf(world, market, key).find(({ seal }) => !seal.revealed)?.key.biddingRound ?? 0;

export const seal: MarketRule<'sealBid'> = { check: checkSeal, apply: applySeal };

export const cancel: MarketRule<'cancel'> = { check: checkSealCancel, apply: cancelSeal };
