// market_list, market_period, market_book, market_grid, market_settlement, meter_readings.
import { z } from 'zod';
import { ProtocolError } from '../../../core/src/errors.js';
import type { Session } from '../access.js';
import { method } from '../method.js';
import { account, cursor, integer, marketId } from '../params.js';
import type { ReadingsView } from '../results/market.js';

/** A household's load is its own: its token, or the operator's (reliability D29). */
function onlyOwn(session: Session, view: ReadingsView): ReadingsView {
  if (session.scopes.has('operate') || session.accounts.has(view.participant)) return view;
  throw new ProtocolError('RPC_TOKEN', 'the token may not see the readings of this meter', {
    scope: 'operate',
  });
}

export const marketMethods = {
  market_list: method({
    scope: 'read',
    summary: 'The markets of the chain.',
    result: 'markets [{id, mechanism, periodMs, offsets, params}], at',
    params: z.strictObject({}),
    run: ({ port }) => port.markets(),
  }),
  market_period: method({
    scope: 'read',
    summary: 'A delivery period of a market, by default the one that takes orders.',
    result:
      'market, mechanism, parameters, period, time (of the final state), phase (by the final ' +
      'state, not by the clock), phases [{name, start, end}], steps, counts {sealed, revealed, ' +
      'live, readings}, void, order (of the account), clearing {void, price, energyWh, ' +
      'tradeCount, trades, rejected, cursor} or null, references [{type, askMax, bidMin}] ' +
      '(two-round, between its rounds), tokens and contracts [{id, side, counterparty, energyWh, ' +
      'price, biddingRound, auctioneer, until}] that wait to be activated (neighbourhood, of the ' +
      'account), settlement {versions, settleAt}, ' +
      'reputation {board {buyers, sellers}, rounds [{biddingRound, void, flags, fees}], ' +
      'wheeling, floor, cep, cepAlarm, seals [{biddingRound, id, hash, revealed}] and contracts ' +
      '(of the account, with waits and deadline), cursor}, at',
    params: z.strictObject({
      market: marketId,
      period: integer('delivery period').optional(),
      account: account('whose order and trades to show').optional(),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { market, period, account: of, cursor: after }) =>
      port.marketPeriod({ market, period, account: of, cursor: after }),
  }),
  market_book: method({
    scope: 'read',
    summary: 'Open orders of a period, earliest first; only of a market whose book is open.',
    result:
      'market, period, orders [{id, account, side, energyWh, price, type, place}], cursor, at',
    params: z.strictObject({
      market: marketId,
      period: integer('delivery period'),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { market, period, cursor: after }) =>
      port.book({ market, period, account: undefined, cursor: after }),
  }),
  market_grid: method({
    scope: 'read',
    summary: 'What the grid company has published for a market that looks at lines, and the lines.',
    result:
      'market, period (from which it holds; null: nothing published yet), c1, c2, c3, cUp, ' +
      'cDown, subsidy, budget, lines [{id, from, to, capacityWh, baseWh}] in the order of the ' +
      'feeder, cursor, at',
    params: z.strictObject({
      market: marketId,
      period: integer('delivery period; what was published last unless given').optional(),
      cursor: cursor.optional(),
    }),
    run: ({ port }, { market, period, cursor: after }) =>
      port.grid({ market, period, account: undefined, cursor: after }),
  }),
  market_settlement: method({
    scope: 'read',
    summary: 'Settlement lines of a delivery period.',
    result:
      'market, period, version (the newest of its lines; 0: not settled yet), lines [{account, ' +
      'version (with a version given: that one, or the one that stood then), side, declaredWh, ' +
      'tradedWh, importWh, exportWh, quality, gridCharge, gridCredit, energyMoney, shortfallWh, ' +
      'penalty, penaltyShare, fees, credit, rewardDue, reward}], cursor, at',
    params: z.strictObject({
      market: marketId,
      period: integer('delivery period'),
      account: account('only the line of this account').optional(),
      version: integer('version; the newest unless given').optional(),
      cursor: cursor.optional(),
    }),
    run({ port }, { market, period, account: of, version, cursor: after }) {
      const query = { market, period, account: of, cursor: after };
      const view = port.settlement(query, version);
      if (version === undefined || version <= BigInt(view.version)) return view;
      throw new ProtocolError('NOT_FOUND', 'no such version of this settlement');
    },
  }),
  meter_readings: method({
    scope: 'read',
    summary: "Readings of a meter: for the operator, or the household's own token.",
    result:
      'meter, participant, readings [{endMs, importWh, exportWh, sequence}], periods [{market, ' +
      'period, endMs, quality, importWh, exportWh}], corrections [{market, period, version, ' +
      'importWh, exportWh}] (what they replaced), at',
    params: z.strictObject({
      meter: z
        .string()
        .regex(/^([0-9]{12}|bb1[02-9ac-hj-np-z]{1,60})$/)
        .describe('number of the meter, its account, or the account of its participant'),
      from: integer('least end of period, chain ms').optional(),
      to: integer('ends of period below this, chain ms').optional(),
    }),
    run: ({ port, session }, { meter, from, to }) =>
      onlyOwn(session, port.readings(meter, { from, to })),
  }),
};
