// sealBid and cancel in a market of reputation (settlement 2.2): a hash per bidding round, with the
// bond at the first bid of the period. Bids of all rounds may come from the start of the period.
import { NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import type { OrderKey } from '../../schema.js';
import type { ApplyContext, CheckContext } from '../../tx/context.js';
import { moveBond, returnBond, sealedBondOf } from '../../tx/locks.js';
import { countLive, refusePhase } from '../../tx/orders.js';
import { checkDebts, checkEnrolled, checkFunds, checkRoom } from '../../tx/standing.js';
import type { World } from '../../world.js';
import type { MarketRule } from '../mechanism.js';
import { deliveryPeriod } from './contracts.js';
import { checkNode } from './network.js';
import { newQuote, sealsOf } from './quotes.js';
import type { Quote } from './records.js';
import { DELIVERY_PERIODS, QUOTES, type SealKey, SEALS } from './tables.js';

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
  return (
    refusePhase(market, at, 'declare') ??
    checkEnrolled(context, market, body) ??
    checkNode(context, market)
  );
}

function checkSeal(
  context: CheckContext,
  market: MarketConfig,
  { body, sender }: TxOf<'sealBid'>,
): ErrorCode | undefined {
  const refusal = checkFields(context, market, body);
  if (refusal !== undefined) return refusal;
  const { world } = context;
  const quote = world.get(QUOTES, { ...body, account: sender });
  if (quote?.out === true) return 'NO_ORDER';
  const lock = isBondDue(quote) ? sealedBondOf(context.sender, market) : NO_MONEY;
  return (
    checkRoom(world, market, { key: body, isNew: quote === undefined }) ??
    checkDebts(context, sender) ??
    checkFunds(world, sender, { lock })
  );
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
    bond = sealedBondOf(context.sender, market);
    moveBond(ledger, sender, { from: NO_MONEY, to: bond });
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
  const period = countLive(world, market, { key, change });
  if (period === undefined) world.delete(DELIVERY_PERIODS, at);
  else world.set(DELIVERY_PERIODS, at, deliveryPeriod(world, at));
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
  returnBond(ledger, key.account, quote.bond);
  if (quote.bonded) world.set(QUOTES, key, { ...quote, seals, bond: NO_MONEY, bondRound: 0 });
  else {
    world.delete(QUOTES, key);
    countBidder(context, market, { key, change: -1 });
  }
}

const earliestSeal = (world: World, market: MarketConfig, key: OrderKey): number =>
  sealsOf(world, market, key).find(({ seal }) => !seal.revealed)?.key.biddingRound ?? 0;

export const seal: MarketRule<'sealBid'> = { check: checkSeal, apply: applySeal };

export const cancel: MarketRule<'cancel'> = { check: checkSealCancel, apply: cancelSeal };
