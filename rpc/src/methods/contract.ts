// contract_get.
import { z } from 'zod';
import { found, method } from '../method.js';
import { hash } from '../params.js';

export const contractMethods = {
  contract_get: method({
    scope: 'read',
    summary: 'A contract of a market of reputation.',
    result:
      'contract {id, market, period, number, biddingRound, state, seller, buyer, energyWh, ' +
      'curtailedWh, deliveredWh, priceSum, wheeling, congestion, lock, signed {buyer, seller, ' +
      'grid}, waits ("sign", "confirm", "resolve" or null), deadline}, at',
    params: z.strictObject({ id: hash('id of the contract') }),
    run: ({ port }, { id }) => found(port.contract(id), 'the contract'),
  }),
};
