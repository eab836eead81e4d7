// account_get, account_journal, account_orders.
import { z } from 'zod';
import { method } from '../method.js';
import { account, cursor, flag, integer } from '../params.js';

export const accountMethods = {
  account_get: method({
    scope: 'read',
    summary: 'An account: roles, balance, credit, meter, market.',
    result:
      'account, publicKey, roles, status, organisation, available, locked, arrears, credit {C, ' +
      'D, i, n, correct, wrong}, reputation, activity, connection, expiresMs, meter, market, at; ' +
      'with proof: proof {account, balance (each kind, key, value, proof), headerBytes, ' +
      'certificateBytes}',
    params: z.strictObject({
      account: account('the account'),
      proof: flag('also proofs of its leaves').optional(),
      height: integer('one of the newest heights').optional(),
    }),
    run: ({ port }, params) =>
      port.account({
        account: params.account,
        proof: params.proof ?? false,
        height: params.height,
      }),
  }),
  account_journal: method({
    scope: 'read',
    summary: 'Journal entries of an account, newest first.',
    result:
      'entries [{place, height, time, type, market, period, counterparty, available, locked, ' +
      'cause, after}], cursor (of the next page, which may be empty and still have a cursor), at',
    params: z.strictObject({
      account: account('the account'),
      from: integer('least block time, chain ms').optional(),
      to: integer('block times below this, chain ms').optional(),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { account: of, from, to, cursor: after }) =>
      port.journal({ account: of, from, to, cursor: after }),
  }),
  account_orders: method({
    scope: 'read',
    summary: 'Orders of an account and what they came to, newest period first.',
    result:
      'orders [{market, period, state, id, side, energyWh, price (once revealed), bond, lock, ' +
      'tradedWh, amount}], cursor, at',
    params: z.strictObject({
      account: account('the account'),
      from: integer('least delivery period').optional(),
      to: integer('delivery periods below this').optional(),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { account: of, from, to, cursor: after }) =>
      port.orders({ account: of, from, to, cursor: after }),
  }),
};
