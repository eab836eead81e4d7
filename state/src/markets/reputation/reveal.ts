// revealBid in a market of reputation (market-reputation 1.4, settlement 2.2): the first quote of
// the period stands with its lock, a later one replaces it. A bid at or below the floor price is
// opened without effect and its bond goes back: the floor may have come after the sealing.
import {
  addMoney,
  largest,
  least,
  type Money,
  NO_MONEY,
  type Price,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { checkFloor, checkLaterQuote } from '../../../../market/src/reputation/quote.js';
import type { ApplyContext, CheckContext } from '../../tx/context.js';
import { countRevealed, isOpening, refusePhase } from '../../tx/orders.js';
import { checkEnergy, checkFunds, checkPriceIn } from '../../tx/standing.js';
import { moveLock, openBond } from '../../tx/locks.js';
import type { MarketRule } from '../mechanism.js';
import { wheelingOf } from './network.js';
import { quoteLockOf } from './quotes.js';
import type { Quote } from './records.js';
import { PRICES, QUOTES, SEALS } from './tables.js';

type Body = TxOf<'revealBid'>['body'];

function checkReveal(
  context: CheckContext,
  market: MarketConfig,
  tx: TxOf<'revealBid'>,
): ErrorCode | undefined {
  const { body, sender } = tx;
  const { world, timeMs } = context;
  const { period, biddingRound } = body;
  if (biddingRound < 1 || biddingRound > market.params.biddingRounds) return 'BAD_ENCODING';
  const phase = refusePhase(market, { period, biddingRound, timeMs }, 'reveal');
  if (phase !== undefined) return phase;
  const seal = world.get(SEALS, { ...body, account: sender });
  if (seal === undefined) return 'NO_ORDER';
  if (seal.revealed) return 'ALREADY_REVEALED';
  if (!isOpening(context.chain, tx, seal.hash)) return 'COMMITMENT_MISMATCH';
  const quote = present(world.get(QUOTES, { ...body, account: sender }), 'a seal has its quote');
  const refusal = checkQuote(context, market, { body, quote });
  if (refusal !== undefined || isAtFloor(context, market, body)) return refusal;
  const freed = quote.lock + bondBack(quote, body);
  return checkFunds(world, sender, { freed, lock: lockOf(context, market, { body, quote }) });
}

function checkQuote(
  context: CheckContext,
  market: MarketConfig,
  { body, quote }: { readonly body: Body; readonly quote: Quote },
): ErrorCode | undefined {
  const { side, price, energyWh } = body;
  const refusal = checkEnergy(context, market, { side, energyWh }) ?? checkPriceIn(market, price);
  if (refusal !== undefined) return refusal;
  if (quote.side === undefined) return undefined;
  // Nothing is left of it, or it has left the period: the later bid is void.
  if (quote.out || quote.restWh === 0n) return 'NO_ORDER';
  if (quote.side !== side) return 'WRONG_SIDE';
  return checkLaterQuote(side, quote.price, price);
}

const isAtFloor = ({ world }: CheckContext, market: MarketConfig, body: Body): boolean =>
  checkFloor(body, world.get(PRICES, market.id)?.floor) !== undefined;

/** A later quote is of what is left. */
const energyOf = ({ body, quote }: { readonly body: Body; readonly quote: Quote }): WattHour =>
  quote.side === undefined ? body.energyWh : least(body.energyWh, quote.restWh);

function lockOf(
  { world }: CheckContext,
  market: MarketConfig,
  at: { readonly body: Body; readonly quote: Quote },
): Money {
  const { side, price, period } = at.body;
  const wheeling = wheelingOf(world, market, period);
  return quoteLockOf(market, { side, price, energyWh: energyOf(at) }, wheeling);
}

/** The bond comes back with the first bid that is opened. */
const bondBack = ({ bond, bondRound }: Quote, { biddingRound }: Body): Money =>
  bondRound === biddingRound ? bond : NO_MONEY;

function applyReveal(
  context: ApplyContext,
  market: MarketConfig,
  { body, sender }: TxOf<'revealBid'>,
): void {
  const { world, ledger } = context;
  const key = { market: body.market, period: body.period, account: sender };
  const { biddingRound } = body;
  const seal = present(world.get(SEALS, { ...key, biddingRound }), 'checked');
  const quote = present(world.get(QUOTES, key), 'checked');
  const before = ledger.balance(sender);
  const isDead = isAtFloor(context, market, body);
  const lock = isDead ? quote.lock : lockOf(context, market, { body, quote });
  const back = bondBack(quote, body);
  if (back > 0n) openBond(ledger, sender, { bond: addMoney(back, quote.lock), lock });
  else moveLock(ledger, sender, { from: quote.lock, to: lock });
  world.set(SEALS, { ...key, biddingRound }, { ...seal, revealed: true });
  const opened: Quote = {
    ...quote,
    bond: subMoney(quote.bond, back),
    bondRound: back > 0n ? 0 : quote.bondRound,
    bonded: true,
    seals: quote.seals - 1,
  };
  if (isDead) {
    const fields = [body.market, body.period, 'PRICE_BOUNDS', 0n];
    ledger.line({ kind: 'refused', account: sender, fields, before });
    world.set(QUOTES, key, opened);
    return;
  }
  const restWh = energyOf({ body, quote });
  const declaredWh = largest(quote.declaredWh, restWh);
  const { side, price } = body;
  const next = { side, price: price as Price, restWh, declaredWh, lock, id: seal.id };
  world.set(QUOTES, key, { ...opened, ...next, revealedIn: biddingRound });
  if (quote.side === undefined) countRevealed(world, key);
}

export const reveal: MarketRule<'revealBid'> = { check: checkReveal, apply: applyReveal };
