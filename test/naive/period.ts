// A naive settlement of one delivery period, written from the pages settlement and market-bilateral
// alone: plain objects, names for places, loops for sums, no tables, no shortcut. It shares no code
// with the rooms it judges, and nobody should make it fast.

export interface Credit {
  C: number;
  D: number;
  i: number;
  n: number;
}

export interface Home {
  id: string;
  out: bigint;
  into: bigint;
  credit: Credit;
  suspended: boolean;
  green: boolean;
  declared?: bigint | undefined;
  side?: 'sell' | 'buy' | undefined;
}

export interface Deal {
  id: string;
  seller: string;
  buyer: string;
  wh: bigint;
  /** Twice the price of each side. */
  sell2: bigint;
  buy2: bigint;
  kind: 'bilateral' | 'trade' | 'replacement';
  /** Congestion fee per kWh. */
  push: bigint;
  bothWheel: boolean;
}

export interface Rules {
  payment: 'delivered' | 'contract';
  allocation: 'fifo' | 'pro-rata';
  feedIn: bigint;
  retail: bigint;
  balancing: boolean;
  reward: boolean;
  b: bigint;
  G: bigint;
  tolAbs: bigint;
  tolRel: bigint;
  wheeling: bigint;
  handling: bigint;
  credit?: { c: number; iMax: number; minVolume: bigint; suspendBelow: number } | undefined;
  penalty?:
    | { k1: bigint; k2: bigint; g: bigint; mu: bigint; freeAtFull: boolean; pooled: boolean }
    | undefined;
}

export interface DealResult {
  offer: bigint;
  take: bigint;
  delivered: bigint;
  shortSeller: bigint;
  shortBuyer: bigint;
  sellerFell: boolean;
  buyerFell: boolean;
  gets: bigint;
  pays: bigint;
  penaltySeller: bigint;
  penaltyBuyer: bigint;
  wheelSeller: bigint;
  wheelBuyer: bigint;
  congestion: bigint;
  handling: bigint;
}

export interface HomeResult {
  energy: bigint;
  /** What the grid pays, and what it is paid. */
  feedIn: bigint;
  bill: bigint;
  reward: bigint;
  penalty: bigint;
  share: bigint;
  fees: bigint;
  credit: Credit;
  /** From the next period on. */
  falls: boolean;
}

export interface PeriodResult {
  deals: Record<string, DealResult>;
  homes: Record<string, HomeResult>;
  reserve: bigint;
}

const M = 1_000_000n;
const T12 = 10n ** 12n;
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const sum = (list: bigint[]): bigint => list.reduce((a, b) => a + b, 0n);

/** U_1 = U_2 = 1. */
const fibonacci = (i: number): number => (i <= 2 ? 1 : fibonacci(i - 1) + fibonacci(i - 2));

/** The floor of the square root, by halving. */
function root(value: bigint): bigint {
  let [low, high] = [0n, 1n << 64n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** SIG2[n] by its generator. */
function sigmoidSquared(n: number): bigint {
  if (n === 0) return 0n;
  if (n >= 64) return T12;
  const unit = 10n ** 18n;
  let e = unit;
  for (let k = 0; k < n; k++) e = (e * 606530659712633424n + unit / 2n) / unit;
  const s = (unit * unit + (unit + e) / 2n) / (unit + e);
  return ((s * s + unit / 2n) / unit + M / 2n) / M;
}

export function ratioOf(C: number, n: number, p: NonNullable<Rules['penalty']>): bigint {
  const beta = (p.k1 * sigmoidSquared(n)) / M + p.g * M;
  const w = T12 - (p.k2 * beta) / (100n * M);
  const y = (BigInt(100 - C) * w) / 100n;
  return root(y * (2n * T12 - y));
}

/** Largest remainder: one unit after the other to whoever is owed most, first come first. */
function proRata(amount: bigint, weights: bigint[]): bigint[] {
  const total = sum(weights);
  if (amount >= total) return weights;
  const parts = weights.map((w) => (amount * w) / total);
  const owed = weights.map((w) => (amount * w) % total);
  for (let left = amount - sum(parts); left > 0n; left--) {
    let best = 0;
    for (let k = 1; k < owed.length; k++) if ((owed[k] ?? 0n) > (owed[best] ?? 0n)) best = k;
    parts[best] = (parts[best] ?? 0n) + 1n;
    owed[best] = -1n;
  }
  return parts;
}

/** What each deal is offered and takes (market-bilateral 2, 3; neighbourhood 1.5). */
function allocate(homes: Home[], deals: Deal[], rules: Rules): Record<string, [bigint, bigint]> {
  const parts: Record<string, [bigint, bigint]> = {};
  const out = Object.fromEntries(homes.map((h) => [h.id, h.out]));
  const into = Object.fromEntries(homes.map((h) => [h.id, h.into]));
  const inOrder = (list: Deal[]): void => {
    for (const d of list) {
      const offer = min(d.wh, out[d.seller] ?? 0n);
      const take = min(d.wh, into[d.buyer] ?? 0n);
      out[d.seller] = (out[d.seller] ?? 0n) - offer;
      into[d.buyer] = (into[d.buyer] ?? 0n) - take;
      parts[d.id] = [offer, take];
    }
  };
  const trades = deals.filter((d) => d.kind === 'trade');
  if (rules.allocation === 'fifo') inOrder(deals.filter((d) => d.kind !== 'replacement'));
  else {
    inOrder(deals.filter((d) => d.kind === 'bilateral'));
    for (const d of trades) parts[d.id] = [0n, 0n];
    for (const h of homes) {
      const sells = trades.filter((d) => d.seller === h.id);
      const buys = trades.filter((d) => d.buyer === h.id);
      const offers = proRata(
        out[h.id] ?? 0n,
        sells.map((d) => d.wh),
      );
      const takes = proRata(
        into[h.id] ?? 0n,
        buys.map((d) => d.wh),
      );
      sells.forEach((d, k) => ((parts[d.id] as [bigint, bigint])[0] = offers[k] ?? 0n));
      buys.forEach((d, k) => ((parts[d.id] as [bigint, bigint])[1] = takes[k] ?? 0n));
    }
  }
  const used = (id: string, side: 'seller' | 'buyer'): bigint =>
    sum(
      deals.flatMap((d) => {
        const part = parts[d.id];
        return d[side] === id && part !== undefined ? [min(part[0], part[1])] : [];
      }),
    );
  for (const d of deals.filter((one) => one.kind === 'replacement')) {
    const seller = homes.find((h) => h.id === d.seller) as Home;
    const buyer = homes.find((h) => h.id === d.buyer) as Home;
    const left = min(seller.out - used(d.seller, 'seller'), buyer.into - used(d.buyer, 'buyer'));
    parts[d.id] = [min(d.wh, left), min(d.wh, left)];
  }
  return parts;
}

function dealResult(d: Deal, [offer, take]: [bigint, bigint], rules: Rules): DealResult {
  const delivered = min(offer, take);
  const again = d.kind === 'replacement';
  const band = (short: bigint): boolean =>
    !again && short > rules.tolAbs && short > (d.wh * rules.tolRel) / M;
  const paid = rules.payment === 'contract' ? d.wh : delivered;
  const carried = delivered * rules.wheeling;
  return {
    offer,
    take,
    delivered,
    shortSeller: again ? 0n : d.wh - offer,
    shortBuyer: again ? 0n : d.wh - take,
    sellerFell: band(d.wh - offer),
    buyerFell: band(d.wh - take),
    gets: (paid * d.sell2) / 2n,
    pays: (paid * d.buy2) / 2n,
    penaltySeller: 0n,
    penaltyBuyer: 0n,
    wheelSeller: d.bothWheel ? carried : 0n,
    wheelBuyer: carried,
    congestion: delivered * d.push,
    handling: rules.handling,
  };
}

/** Rules 7 and 8. */
function creditAfter(h: Home, deals: Deal[], result: PeriodResult, rules: Rules): Credit {
  const { credit } = rules;
  const { C, D, i, n } = h.credit;
  if (credit === undefined) return h.credit;
  const mine = deals.filter((d) => d.kind !== 'replacement' && [d.seller, d.buyer].includes(h.id));
  if (mine.length === 0) return h.credit;
  const fell = mine.some((d) => {
    const r = result.deals[d.id] as DealResult;
    return (d.seller === h.id && r.sellerFell) || (d.buyer === h.id && r.buyerFell);
  });
  if (fell) {
    const next = Math.min(i + 1, credit.iMax);
    return { C: Math.max(0, C - fibonacci(next)), D: 0, i: next, n };
  }
  if (sum(mine.map((d) => d.wh)) < credit.minVolume) return h.credit;
  if (D + 1 >= credit.c && C < 100) return { C: C + 1, D: 0, i: 0, n };
  return { C, D: D + 1, i, n };
}

/** Rule 9: nothing of whoever was at 100; else with C after the step. */
function penalty(h: Home, after: Credit, short: bigint, price2: bigint, rules: Rules): bigint {
  const p = rules.penalty;
  if (p === undefined || (p.freeAtFull && h.credit.C === 100)) return 0n;
  return (ratioOf(after.C, after.n, p) * price2 * short) / (2n * T12);
}

/** Rule 10 from one snapshot; the pot of a contract by cumulative floors. */
function share(homes: Home[], deals: Deal[], result: PeriodResult, rules: Rules): void {
  const p = rules.penalty;
  if (p === undefined) return;
  const credit = (h: Home): bigint =>
    h.suspended ? 0n : BigInt((result.homes[h.id] as HomeResult).credit.C);
  const spread = (pot: bigint, without: string[]): void => {
    const others = homes.filter((h) => !without.includes(h.id) && credit(h) > 0n);
    const W = sum(others.map(credit));
    if (W === 0n) result.reserve += pot;
    let cum = 0n;
    for (const h of others) {
      const before = (pot * cum) / W;
      cum += credit(h);
      (result.homes[h.id] as HomeResult).share += (pot * cum) / W - before;
    }
  };
  let pool = 0n;
  for (const d of deals) {
    const r = result.deals[d.id] as DealResult;
    const mu = r.sellerFell && r.buyerFell ? 0n : p.mu;
    const toBuyer = (mu * r.penaltySeller) / M;
    const toSeller = (mu * r.penaltyBuyer) / M;
    (result.homes[d.buyer] as HomeResult).share += toBuyer;
    (result.homes[d.seller] as HomeResult).share += toSeller;
    const pot = r.penaltySeller + r.penaltyBuyer - toBuyer - toSeller;
    if (p.pooled) pool += pot;
    else spread(pot, [d.seller, d.buyer]);
  }
  spread(pool, []);
}

/** Rules 13, 18, 19 of market-call with the exact basis and a floor of -1. */
function reward(h: Home, deals: Deal[], side: 'sell' | 'buy' | undefined, rules: Rules): bigint {
  if (!rules.reward || h.declared === undefined || side === undefined) return 0n;
  const amount = sum(
    deals.flatMap((d) => {
      if (side === 'sell' && d.seller === h.id) return [(d.wh * d.sell2) / 2n];
      return side === 'buy' && d.buyer === h.id ? [(d.wh * d.buy2) / 2n] : [];
    }),
  );
  const R = side === 'sell' ? h.out : h.into;
  const x = min(h.declared, R);
  const off = h.declared > R ? h.declared - R : R - h.declared;
  const [num, den] = x === 0n || off > 2n * x ? [-1n, 1n] : [x - off, x];
  const factor = h.green ? rules.G : M;
  return (amount * num * rules.b * factor) / (den * M * M);
}

/** Balancing: what no contract used, or rules 15 and 16 with payment "contract". */
function balance(h: Home, deals: Deal[], result: PeriodResult, rules: Rules): [bigint, bigint] {
  if (!rules.balancing) return [0n, 0n];
  const sells = deals.filter((d) => d.seller === h.id);
  const buys = deals.filter((d) => d.buyer === h.id);
  if (rules.payment === 'delivered') {
    const delivered = (list: Deal[]): bigint =>
      sum(list.map((d) => (result.deals[d.id] as DealResult).delivered));
    const outLeft = h.out - delivered(sells);
    const intoLeft = h.into - delivered(buys);
    return [outLeft * rules.feedIn, intoLeft * rules.retail];
  }
  const side = sells.length > 0 ? 'sell' : buys.length > 0 ? 'buy' : h.side;
  const traded = sum((side === 'sell' ? sells : buys).map((d) => d.wh));
  if (side === 'sell') {
    const d = h.out - traded;
    const bill = (d < 0n ? -d * rules.retail : 0n) + h.into * rules.retail;
    return [d > 0n ? d * rules.feedIn : 0n, bill];
  }
  if (side === 'buy') {
    const d = h.into - traded;
    return [h.out * rules.feedIn, d > 0n ? d * rules.retail : 0n];
  }
  return [h.out * rules.feedIn, h.into * rules.retail];
}

/** One period; homes in canonical order, deals in the order in which they are served. */
export function settleNaively(homes: Home[], deals: Deal[], rules: Rules): PeriodResult {
  const parts = allocate(homes, deals, rules);
  const result: PeriodResult = { deals: {}, homes: {}, reserve: 0n };
  for (const d of deals) result.deals[d.id] = dealResult(d, parts[d.id] as [bigint, bigint], rules);
  for (const h of homes) {
    const credit = creditAfter(h, deals, result, rules);
    const sells = deals.filter((d) => d.seller === h.id);
    const buys = deals.filter((d) => d.buyer === h.id);
    const of = (d: Deal): DealResult => result.deals[d.id] as DealResult;
    const [feedIn, bill] = balance(h, deals, result, rules);
    const side = sells.length > 0 ? 'sell' : buys.length > 0 ? 'buy' : h.side;
    result.homes[h.id] = {
      energy: sum(sells.map((d) => of(d).gets)) - sum(buys.map((d) => of(d).pays)),
      feedIn,
      bill,
      reward: reward(h, deals, side, rules),
      penalty: 0n,
      share: 0n,
      fees:
        sum(sells.map((d) => of(d).wheelSeller + of(d).handling)) +
        sum(buys.map((d) => of(d).wheelBuyer + of(d).congestion + of(d).handling)),
      credit,
      falls: rules.credit !== undefined && credit.C < rules.credit.suspendBelow,
    };
  }
  for (const d of deals) {
    const r = result.deals[d.id] as DealResult;
    const [seller, buyer] = [d.seller, d.buyer].map((id) => homes.find((h) => h.id === id) as Home);
    const after = (h: Home): Credit => (result.homes[h.id] as HomeResult).credit;
    if (seller === undefined || buyer === undefined) continue;
    if (r.sellerFell)
      r.penaltySeller = penalty(seller, after(seller), r.shortSeller, d.sell2, rules);
    if (r.buyerFell) r.penaltyBuyer = penalty(buyer, after(buyer), r.shortBuyer, d.buy2, rules);
    (result.homes[d.seller] as HomeResult).penalty += r.penaltySeller;
    (result.homes[d.buyer] as HomeResult).penalty += r.penaltyBuyer;
    result.reserve += r.pays - r.gets;
  }
  share(homes, deals, result, rules);
  return result;
}
