// The form of golden/neighbourhood.json as far as this program computes it: figure 2, the auctions,
// escrow and meters, the internal-price game. Prices in mill/kWh, energy in Wh, money in 10^-6.
import { z } from 'zod';
import { count } from './form.js';

const name = z.string().max(64);
const word = z.string().max(128);
const side = z.enum(['sell', 'buy']);
const counts = z.record(name, count);
const bid = z.tuple([name, count, count]);
const rule = z.enum(['mcafee_sbb', 'mcafee_grid', 'average', 'reduce']);

export const neighbourhoodForm = z.object({
  fig2: z.strictObject({
    p_f: count,
    p_r: count,
    commitment: z.strictObject({ preimage: word, sha256: word }),
    edges: z.array(z.tuple([name, name])),
    root: name,
    height: count,
    parent: z.record(name, name),
    requests: z.array(z.tuple([name, name, side, count, count])),
    log: z.array(z.tuple([count, word, name, name, name, count])),
    contracts: z.array(
      z.strictObject({
        round: count,
        auctioneer: name,
        sell: name,
        buy: name,
        seller: name,
        buyer: name,
        qty: count,
        p_buy: count,
        p_sell: count,
      }),
    ),
    grid: counts,
    rounds: count,
    forwards: counts,
  }),
  auctions: z.array(
    z.strictObject({
      name,
      rule,
      p_f: count,
      p_r: count,
      bids: z.array(bid),
      asks: z.array(bid),
      result: z.strictObject({
        mode: word,
        volume: count,
        buy: counts,
        sell: counts,
        p_buy: count.nullable(),
        p_sell: count.nullable(),
        surplus: count,
        pairs: z.array(z.tuple([name, name, count])),
      }),
    }),
  ),
  escrow: z.strictObject({
    escrow: z.strictObject({
      price: count,
      qty: count,
      delivered: count,
      before: z.strictObject({ buyer: count, C1: count }),
      result: z.strictObject({ x1: count, paid: count, refunded: count, excess_wh: count }),
      after: z.strictObject({ buyer: count, C1: count, seller: count }),
    }),
    meter: z.strictObject({
      export: counts,
      imports: counts,
      contracts: z.array(z.tuple([name, name, name, count])),
      delivered: counts,
    }),
  }),
  game: z.strictObject({
    input: z.strictObject({
      E1: count,
      p_f: count,
      p_r: count,
      sellers: z.record(name, z.strictObject({ g: count, k: count, emin: count, emax: count })),
      buyers: counts,
    }),
    price: count,
    consumption: counts,
    sale: counts,
    TSP: count,
    TBP: count,
    R: count,
    shares: counts,
    closed_form: z.tuple([z.number(), z.number(), z.number()]),
  }),
});

export type NeighbourhoodVectors = z.output<typeof neighbourhoodForm>;
