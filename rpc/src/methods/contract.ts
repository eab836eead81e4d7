// contract_get, account_contracts, credit_history.
import { z } from 'zod';
import { method } from '../method.js';
import { account, cursor, hash, integer } from '../params.js';

const scan = {
  account: account('the account'),
  from: integer('least delivery period').optional(),
  to: integer('delivery periods below this').optional(),
  cursor: cursor.optional(),
};

const CONTRACT =
  '{id, kind (bilateral, trade, replacement), state (open, settled), market, period, index, ' +
  'seller, buyer, energyWh, price, after, listing, rights [{id, energyWh, price, until}], ' +
  'delivery {deliveredWh, shortSellerWh, shortBuyerWh, energyMoney, penaltySeller, ' +
  'penaltyBuyer, wheeling} or null}';
const LISTING =
  '{id, state (LISTED, APPROVED, REJECTED, EXPIRED, CONTRACT), market, period, count, seller, ' +
  'buyer, energyWh, price, replaces, noteHash, committee, ballots [{validator, bits}], ' +
  'sellerConfirmed, buyerConfirmed, sellerLock, buyerLock, contracts}';
/** Of a market of reputation, where three sign. */
const SIGNED =
  '{id, market, period, number, biddingRound, state, seller, buyer, energyWh, curtailedWh, ' +
  'deliveredWh, priceSum, wheeling, congestion, lock, signed {buyer, seller, grid}, waits ' +
  '("sign", "confirm", "resolve" or null), deadline}';

export const contractMethods = {
  contract_get: method({
    scope: 'read',
    summary: 'A contract by its id, or a listing by that of its transaction.',
    result:
      `contract ${CONTRACT} or null, listing ${LISTING} or null, ` + `signed ${SIGNED} or null, at`,
    params: z.strictObject({ id: hash('of the contract or the listing') }),
    run: ({ port }, { id }) => {
      // The ids of signed contracts name no trade: the port would not find them.
      const found = port.signedContract(id);
      return found === undefined
        ? { ...port.contract(id), signed: null }
        : { contract: null, listing: null, signed: found.contract, at: found.at };
    },
  }),
  account_contracts: method({
    scope: 'read',
    summary: 'Contracts of an account, newest period first, and its listings.',
    result:
      'contracts, signed (of markets of reputation), listings (with the first page; forms: ' +
      'contract_get), cursor, at',
    params: z.strictObject(scan),
    run: ({ port }, { account: of, from, to, cursor: after }) =>
      port.contracts({ account: of, from, to, cursor: after }),
  }),
  credit_history: method({
    scope: 'read',
    summary: 'Settled periods with contracts of an account, newest first, and what they cost it.',
    result:
      'credit {C, D, i, n}, periods [{market, period, credit (after it), contractWh, ' +
      'shortfallWh, penalty, penaltyShare}], cursor, at',
    params: z.strictObject(scan),
    run: ({ port }, { account: of, from, to, cursor: after }) =>
      port.creditHistory({ account: of, from, to, cursor: after }),
  }),
};
