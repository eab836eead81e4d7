// points_offers, points_audit.
import { z } from 'zod';
import { method } from '../method.js';
import { account, bytes, cursor, integer } from '../params.js';

export const pointsMethods = {
  points_offers: method({
    scope: 'read',
    summary: 'Points on offer for legal money, and who has taken them.',
    result:
      'offers [{id, seller, amount, terms (hash of the text), until, taker, reservedUntil}], ' +
      'cursor, at',
    params: z.strictObject({
      seller: account('whose offers').optional(),
      cursor: bytes('id of the last offer of the page before', 32).optional(),
    }),
    run: ({ port }, { seller, cursor: after }) => port.pointOffers({ seller, after }),
  }),
  points_audit: method({
    scope: 'read',
    summary: 'Every issue, redemption and grant of points, newest first.',
    result:
      'entries [{place, height, time, type (issue, redeem, grant), account, amount, market, ' +
      'period, cause}], cursor (of the next page, which may be empty and still have a cursor), ' +
      'at; the sums: chain_supply',
    params: z.strictObject({
      from: integer('least block time, chain ms').optional(),
      to: integer('block times below this, chain ms').optional(),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { from, to, cursor: after }) => port.pointsAudit({ from, to, cursor: after }),
  }),
};
