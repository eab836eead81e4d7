// confirmListing: the double confirmation (market-bilateral L4, G8). The first locks that side's
// money; the second makes the contracts, one per period, and pays the handling fees.
import {
  type Money,
  NO_MONEY,
  type PeriodIndex,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { Hash } from '../../../../core/src/hash.js';
import { contractIdOf } from '../../../../core/src/listing.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { Side, TxOf } from '../../../../core/src/tx.js';
import { periodTimes } from '../../boundary/timing.js';
import { marketOf } from '../../chain.js';
import { available, locked } from '../../ledger/ledger.js';
import { BALANCES } from '../../schema.js';
import type { Listing } from './tables.js';
import type { ApplyContext, CheckContext, TxRule } from '../../tx/context.js';
import { moveLock } from '../../tx/locks.js';
import { growPosition, openContract, saleLines } from './contracts.js';
import { endListing, listingOf, lockedBy, partyOf, periodsOf, putListing } from './listing.js';
import { bilateralOf } from './market.js';
import { checkTerms, contractLock, handlingOf, needOf, settlerOf } from './terms.js';

const sideOf = (listing: Listing, { sender }: TxOf<'confirmListing'>): Side =>
  equalBytes(sender, listing.seller) ? 'sell' : 'buy';

const hasConfirmed = (listing: Listing, side: Side): boolean =>
  side === 'sell' ? listing.sellerConfirmed : listing.buyerConfirmed;

/** What the two sides lack of their locks: the wheeling fee of a new market may be another. */
function lacking(context: CheckContext, market: MarketConfig, listing: Listing, side: Side): Money {
  return (needOf(context, market, listing, side) - lockedBy(listing, side)) as Money;
}

export const confirmListing: TxRule<'confirmListing'> = {
  check(context, tx) {
    const { body, sender } = tx;
    const market = bilateralOf(context.chain, body.market);
    if (typeof market === 'string') return market;
    const listing = listingOf(context.world, body.listing);
    if (listing === undefined || listing.market !== body.market) return 'NOT_FOUND';
    if (listing.period !== body.period) return 'WRONG_PERIOD';
    if (!equalBytes(sender, listing.seller) && !equalBytes(sender, listing.buyer))
      return 'NOT_ALLOWED';
    const side = sideOf(listing, tx);
    if (hasConfirmed(listing, side)) return 'ALREADY_CONFIRMED';
    if (listing.state !== 'APPROVED') return 'NOT_APPROVED';
    const { deliveryStart, deliveryEnd } = periodTimes(market, listing.period);
    const endMs = listing.replaces === undefined ? deliveryStart : deliveryEnd;
    if (context.timeMs >= endMs) return 'WRONG_PHASE';
    const refusal = checkTerms(context, market, listing);
    if (refusal !== undefined) return refusal;
    const other = side === 'sell' ? 'buy' : 'sell';
    for (const one of hasConfirmed(listing, other) ? ([side, other] as const) : ([side] as const)) {
      const free = context.world.get(BALANCES, partyOf(listing, one))?.available ?? 0n;
      if (free < lacking(context, market, listing, one)) return 'INSUFFICIENT_FUNDS';
    }
    return undefined;
  },

  apply(context, tx) {
    const { world, chain, ledger } = context;
    const id = tx.body.listing;
    const before = present(listingOf(world, id), 'checked');
    const market = present(marketOf(chain, before.market), 'checked');
    const side = sideOf(before, tx);
    const confirmed = { ...before, ...(side === 'sell' ? SELLER_DID : BUYER_DID) };
    const isDouble = confirmed.sellerConfirmed && confirmed.buyerConfirmed;
    const sides = isDouble ? (['sell', 'buy'] as const) : [side];
    let listing: Listing = confirmed;
    for (const one of sides) {
      const to = needOf(context, market, listing, one);
      moveLock(ledger, partyOf(listing, one), { from: lockedBy(listing, one), to });
      listing = { ...listing, ...(one === 'sell' ? { sellerLock: to } : { buyerLock: to }) };
    }
    if (isDouble) makeContracts(context, market, { id, listing });
    else putListing(world, id, listing);
  },
};

const SELLER_DID = { sellerConfirmed: true };
const BUYER_DID = { buyerConfirmed: true };

interface Making {
  readonly id: Hash;
  readonly listing: Listing;
}

/** The locks of the listing become handling fees and the locks of its contracts. */
function makeContracts(context: ApplyContext, market: MarketConfig, { id, listing }: Making): void {
  const { world, ledger, chain } = context;
  const fee = (handlingOf(market) * BigInt(listing.count)) as Money;
  for (const account of [listing.seller, listing.buyer])
    ledger.post({
      type: 'handling',
      from: locked(account),
      to: available(chain.system.fees),
      amount: fee,
    });
  let [sellerLock, buyerLock] = [
    subMoney(listing.sellerLock, fee),
    subMoney(listing.buyerLock, fee),
  ];
  const contracts = periodsOf(listing).map((period) => {
    const made = makeContract(context, market, { id, listing, period });
    sellerLock = subMoney(sellerLock, made.sellerLock);
    buyerLock = subMoney(buyerLock, made.buyerLock);
    return made.contract;
  });
  // Nothing is left of either lock: endListing has none to release.
  const ended = { ...listing, contracts, sellerLock, buyerLock };
  endListing(world, ledger, { id, listing: ended, state: 'CONTRACT' });
}

function makeContract(
  context: ApplyContext,
  market: MarketConfig,
  { id, listing, period }: Making & { readonly period: PeriodIndex },
): { readonly contract: Hash; readonly sellerLock: Money; readonly buyerLock: Money } {
  const { world, ledger, place, chain } = context;
  const { seller, buyer, energyWh, price } = listing;
  const settler = present(
    settlerOf(context, market, { parties: [seller, buyer], period }),
    'checked',
  );
  const at = { world, ledger, market: settler, key: { market: settler.id, period } };
  const trade = { seller, buyer, energyWh, price, biddingRound: 1, green: false };
  const kind = listing.replaces === undefined ? 'bilateral' : 'replacement';
  const key = openContract(at, trade, { kind, after: undefined, listing: id, place });
  const locks = (['sell', 'buy'] as const).map((side) => {
    const lock = contractLock(settler, listing, side);
    const amount = (energyWh * price) as Money;
    const owner = { ...at.key, account: partyOf(listing, side) };
    growPosition(world, owner, { side, id, energyWh: energyWh as WattHour, amount, lock });
    return lock;
  });
  saleLines(at, trade);
  const [sellerLock = NO_MONEY, buyerLock = NO_MONEY] = locks;
  return { contract: contractIdOf(chain.chainId, key), sellerLock, buyerLock };
}
