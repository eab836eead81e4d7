// golden/neighbourhood.json through the code that ships (market-neighbourhood 2): figure 2 as a
// document of `market clear`, the auctions of one auctioneer, partial settlement, meters, and the
// internal-price game with its closed form.
import type { Price, WattHour } from '../../../core/src/amount.js';
import { fromHex } from '../../../core/src/bytes.js';
import { parseDecimal, printFixed, printMinimal } from '../../../core/src/decimal.js';
import type { Side } from '../../../core/src/tx.js';
import { clearDocument } from '../../../market/src/file/clear.js';
import { buyPriceOf, type ClearReport, sellPriceOf } from '../../../market/src/file/clearReport.js';
import type { InternalPriceReport } from '../../../market/src/internalPrice/file.js';
import { CLOSED_FORM_DECIMALS, closedForm } from '../../../market/src/internalPrice/closedForm.js';
import {
  type AuctionOptions,
  quotesOf,
  runAuction,
} from '../../../market/src/neighbourhood/auction.js';
import {
  type EscrowContract,
  escrowOf,
  settleEscrow,
} from '../../../market/src/neighbourhood/escrow.js';
import type { NeighbourhoodReport } from '../../../market/src/neighbourhood/file.js';
import { auctionTree } from '../../../market/src/neighbourhood/graph.js';
import { printRatio, ratio } from '../../../market/src/ratio.js';
import { type Dda1Bid, dda1Text, NONCE_BYTES, sealDda1 } from '../../../market/src/seal.js';
import { allocate } from '../../../market/src/settle/allocate.js';
import { readForm } from './form.js';
import { compareLeaves } from './leaves.js';
import { neighbourhoodForm, type NeighbourhoodVectors } from './neighbourhoodForm.js';
import { createTally, type Outcome, type Tally } from './tally.js';

const MILL = 3;
const MICRO = 6;
const mill = (value: number): string => printFixed(BigInt(value), MILL);
const kwh = (value: number): string => printMinimal(BigInt(value), MILL);
/** Text of `decimals` as a whole number of the vectors. */
const whole = (text: string | undefined, decimals: number): number =>
  Number(parseDecimal(text, { field: 'report', decimals }));
const energy = (value: number): WattHour => BigInt(value) as WattHour;
const price = (value: number): Price => BigInt(value) as Price;

const clearedAs = <R extends ClearReport>(document: object): R => clearDocument(document) as R;

export function runNeighbourhood(document: unknown): Outcome {
  const vectors = readForm(neighbourhoodForm, document, 'neighbourhood');
  const tally = createTally();
  checkFig2(tally, vectors.fig2);
  for (const auction of vectors.auctions) {
    const title = `auctions ${auction.name} ${auction.rule}`;
    compareLeaves(tally, title, { want: auction.result, got: auctionOf(auction) });
  }
  const { escrow, meter } = vectors.escrow;
  const settled = { result: escrow.result, after: escrow.after };
  compareLeaves(tally, 'escrow', { want: settled, got: escrowAfter(escrow) });
  compareLeaves(tally, 'meter', { want: meter.delivered, got: metered(meter) });
  checkGame(tally, vectors.game);
  return tally.outcome();
}

type Fig2 = NeighbourhoodVectors['fig2'];

function checkFig2(tally: Tally, { commitment, requests, edges, p_f, p_r, ...want }: Fig2): void {
  const bid = sealedBid(commitment.preimage);
  const seal = bid && { preimage: dda1Text(bid), sha256: sealDda1(bid) };
  compareLeaves(tally, 'fig2 commitment', { want: commitment, got: seal });
  const report = clearedAs<NeighbourhoodReport>({
    mechanism: 'neighbourhood',
    params: { feedIn: mill(p_f), retail: mill(p_r), edges },
    orders: requests.map(([id, node, side, limit, wh]) => ({
      ...{ id, account: node, node, side, price: mill(limit), energy: kwh(wh) },
    })),
  });
  const { contracts, log, grid, rounds, forwards, ...tree } = want;
  compareLeaves(tally, 'fig2', { want: tree, got: treeOf(edges) });
  const got = { contracts: contractsOf(report), log: logOf(report), ...countsOf(report) };
  compareLeaves(tally, 'fig2', { want: { contracts, log, grid, rounds, forwards }, got });
}

/** The fields of "dda1|interval|node|side|price|qty|salt". */
function sealedBid(preimage: string): Dda1Bid | undefined {
  const [, interval = '', node = '', side, limit = '', qty = '', salt = ''] = preimage.split('|');
  const nonce = fromHex(salt, NONCE_BYTES);
  if (nonce === undefined || ![interval, limit, qty].every((text) => /^[0-9]{1,18}$/.test(text)))
    return undefined;
  return {
    interval: BigInt(interval),
    node,
    side: side as Side,
    price: BigInt(limit) as Price,
    energyWh: BigInt(qty) as WattHour,
    nonce,
  };
}

/** The names of figure 2 stand in the order of their ids. */
function treeOf(edges: Fig2['edges']) {
  const names = [...new Set(edges.flat())].sort();
  const at = (name: string): number => names.indexOf(name);
  const tree = auctionTree(
    names.length,
    edges.map(([a, b]) => [at(a), at(b)] as const),
  );
  if (tree === undefined) return undefined;
  const parents = names.flatMap((name, i) => {
    const up = names[tree.parent[i] ?? -1];
    return up === undefined ? [] : [[name, up]];
  });
  return { root: names[tree.root], height: tree.height, parent: Object.fromEntries(parents) };
}

const contractsOf = ({ trades }: ClearReport): unknown =>
  trades.map((trade) => ({
    round: trade.round,
    auctioneer: trade.auctioneer,
    sell: trade.sellOrder,
    buy: trade.buyOrder,
    seller: trade.seller,
    buyer: trade.buyer,
    qty: whole(trade.energy, MILL),
    p_buy: whole(buyPriceOf(trade), MILL),
    p_sell: whole(sellPriceOf(trade), MILL),
  }));

const logOf = ({ log }: NeighbourhoodReport): unknown =>
  log.map((m) => [m.round, m.name, m.request, m.from, m.to, whole(m.energy, MILL)]);

const countsOf = ({ unmatched, rounds, forwards }: NeighbourhoodReport) => ({
  grid: Object.fromEntries(unmatched.map(({ id, energy: wh }) => [id, whole(wh, MILL)])),
  rounds,
  forwards,
});

type Auction = NeighbourhoodVectors['auctions'][number];

/** Requests of an auction in the order of their ids, asks before bids. */
function auctionOf({ bids, asks, p_f, p_r, rule }: Auction): unknown {
  const options: AuctionOptions = { rule, feedIn: price(p_f), retail: price(p_r), tick: 1n };
  const requests = [
    ...asks.map(([id, limit, wh]) => ({ id, side: 'sell' as const, limit, wh })),
    ...bids.map(([id, limit, wh]) => ({ id, side: 'buy' as const, limit, wh })),
  ].map(({ id, side, limit, wh }) => ({ id, side, price: price(limit), energyWh: energy(wh) }));
  const book = {
    members: requests.map((_, i) => i),
    remaining: BigUint64Array.from(requests, ({ energyWh }) => energyWh),
  };
  const result = runAuction(book, quotesOf(requests, options), options);
  const idOf = (i: number): string => requests[i]?.id ?? '';
  const [buy, sell]: Record<string, number>[] = [{}, {}];
  let volume = 0;
  for (const pair of result.pairs) {
    const wh = Number(pair.energyWh);
    volume += wh;
    for (const [side, i] of [
      [buy, pair.buy],
      [sell, pair.sell],
    ] as const)
      if (side !== undefined) side[idOf(i)] = (side[idOf(i)] ?? 0) + wh;
  }
  const { buyPrice, sellPrice } = result;
  return {
    mode: result.mode,
    ...{ volume, buy, sell },
    p_buy: buyPrice === undefined ? null : Number(buyPrice),
    p_sell: sellPrice === undefined ? null : Number(sellPrice),
    surplus: volume * Number((buyPrice ?? 0n) - (sellPrice ?? 0n)),
    pairs: result.pairs.map((pair) => [idOf(pair.sell), idOf(pair.buy), Number(pair.energyWh)]),
  };
}

type Escrow = NeighbourhoodVectors['escrow']['escrow'];

function escrowAfter({ price: agreed, qty, delivered, before }: Escrow): unknown {
  const contract: EscrowContract = {
    energyWh: energy(qty),
    buyPrice: price(agreed),
    sellPrice: price(agreed),
  };
  const { deliveredWh, paid, refunded, surplus, excessWh } = settleEscrow(
    contract,
    BigInt(delivered),
  );
  const left = BigInt(before.C1) - paid - refunded - surplus;
  return {
    result: {
      x1: Number(deliveredWh),
      paid: Number(paid),
      refunded: Number(refunded),
      excess_wh: Number(excessWh),
    },
    after: {
      buyer: before.buyer + Number(refunded),
      // Nothing stays where the escrow was what the contract says.
      C1: Number(BigInt(before.C1) === escrowOf(contract) ? left : -1n),
      seller: Number(paid),
    },
  };
}

type Meter = NeighbourhoodVectors['escrow']['meter'];

function metered({ export: exported, imports, contracts }: Meter): unknown {
  const accounts = [...new Set(contracts.flatMap(([, seller, buyer]) => [seller, buyer]))];
  const registers = accounts.map((id) => ({
    exportWh: energy(exported[id] ?? 0),
    importWh: energy(imports[id] ?? 0),
  }));
  const parts = allocate({
    registers,
    allocation: 'pro-rata',
    contracts: contracts.map(([, seller, buyer, wh]) => ({
      seller: accounts.indexOf(seller),
      buyer: accounts.indexOf(buyer),
      energyWh: energy(wh),
      kind: 'trade',
    })),
  });
  return Object.fromEntries(contracts.map(([id], i) => [id, Number(parts[i]?.deliveredWh ?? -1n)]));
}

type Game = NeighbourhoodVectors['game'];

function checkGame(tally: Tally, { input, closed_form, ...want }: Game): void {
  const sellers = Object.entries(input.sellers);
  const report = clearedAs<InternalPriceReport>({
    mechanism: 'internal-price',
    params: { feedIn: mill(input.p_f), retail: mill(input.p_r), e1: kwh(input.E1) },
    sellers: sellers.map(([id, { g, k, emin, emax }]) => ({
      ...{ id, g: kwh(g), emin: kwh(emin), emax: kwh(emax) },
      k: printMinimal(BigInt(k), MICRO),
    })),
    buyers: Object.entries(input.buyers).map(([id, demand]) => ({ id, demand: kwh(demand) })),
  });
  const energies = (texts: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, whole(text, MILL)]));
  const { consumption, sale, shares, summary } = report;
  const got = {
    price: whole(report.price, MILL),
    consumption: energies(consumption),
    sale: energies(sale),
    TSP: whole(summary.volume, MILL),
    TBP: Object.values(input.buyers).reduce((sum, wh) => sum + wh, 0),
    R: whole(summary.buyersPay, MICRO),
    shares: energies(shares),
  };
  compareLeaves(tally, 'game', { want, got });
  compareLeaves(tally, 'game closed_form', { want: closed_form, got: closedFormOf(input) });
}

const CLOSED_FORM_PRINTED = 4;

/** Price, cost and supply, rounded to four decimals. */
function closedFormOf({ E1, p_f, p_r, sellers, buyers }: Game['input']): unknown {
  const form = closedForm(
    {
      sellers: Object.values(sellers).map(({ g, k, emin, emax }) => ({
        ...{ g: energy(g), emin: energy(emin), emax: energy(emax) },
        k: BigInt(k),
      })),
      demand: Object.values(buyers).map(energy),
    },
    { feedIn: price(p_f), retail: price(p_r), tick: 1n, e1: energy(E1) },
  );
  if (form === undefined) return undefined;
  return [form.price, form.cost, form.supply].map((value) =>
    Number(
      printRatio(ratio(value), {
        exponent: CLOSED_FORM_DECIMALS,
        decimals: CLOSED_FORM_PRINTED,
        rounding: 'half-away',
      }),
    ),
  );
}
