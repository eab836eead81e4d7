// The shapes of the naive model (model.ts), its matching and its times.

export interface ModelRules {
  readonly periodMs: bigint;
  readonly closeMs: bigint;
  readonly clearMs: bigint;
  readonly payMs: bigint;
  readonly deadlineMs: bigint;
  readonly feedIn: bigint;
  readonly retail: bigint;
  readonly minWh: bigint;
  readonly maxOrders: number;
  readonly rewardPpm: bigint;
  readonly greenPpm: bigint;
  readonly gridLimit: bigint;
}

export interface ModelHome {
  readonly name: string;
  readonly green: boolean;
  readonly importW: bigint;
  readonly exportW: bigint;
  readonly balance: bigint;
  /** Place of its meter in the order of ids. */
  readonly meterRank: number;
}

export type Side = 'sell' | 'buy';
export interface Terms {
  readonly period: bigint;
  readonly side: Side;
  readonly wh: bigint;
  readonly price: bigint;
  readonly nonce: number;
}
export type ModelTx =
  | ({ readonly kind: 'seal'; readonly who: string; readonly id: string } & Terms)
  | ({ readonly kind: 'reveal'; readonly who: string } & Terms)
  | { readonly kind: 'cancel'; readonly who: string; readonly period: bigint; readonly id: string }
  | {
      readonly kind: 'reading';
      readonly who: string;
      readonly endMs: bigint;
      readonly imp: bigint;
      readonly exp: bigint;
      readonly seq: bigint;
    }
  | {
      readonly kind: 'transfer';
      readonly who: string;
      readonly to: string;
      readonly amount: bigint;
    }
  | { readonly kind: 'issue' | 'redeem'; readonly who: string; readonly amount: bigint }
  /** One that stands in the chain already. */
  | { readonly kind: 'again' };

export interface Purse {
  free: bigint;
  locked: bigint;
  readonly debts: { readonly to: string; amount: bigint }[];
}
export interface Live extends Terms {
  readonly who: string;
  readonly id: string;
  readonly bond: bigint;
  revealed: boolean;
  lock: bigint;
}
export interface Held {
  readonly side: Side;
  readonly declared: bigint;
  traded: bigint;
  amount: bigint;
  lock: bigint;
}
export interface Trade {
  readonly seller: string;
  readonly buyer: string;
  readonly wh: bigint;
  readonly price: bigint;
}
export interface Meter {
  readonly at: Map<bigint, { imp: bigint; exp: bigint }>;
  endMs: bigint;
  imp: bigint;
  exp: bigint;
  seq: bigint;
  recent: bigint[];
}
export interface Period {
  readonly index: bigint;
  live: Live[];
  trades: Trade[];
  readonly held: Map<string, Held>;
  readings: number;
  ordered: boolean;
  isVoid: boolean;
  settleMs: bigint;
  readonly done: Set<Step>;
  readonly lines: Map<string, Line>;
}

/** What a settled period came to for a home. */
export interface Line {
  readonly imp: bigint;
  readonly exp: bigint;
  readonly income: bigint;
  readonly cost: bigint;
  /** Fine where negative. */
  readonly due: bigint;
  paid: bigint;
}
/** What an account has earned by its conduct. */
export interface Credit {
  C: number;
  D: number;
  i: number;
}

/** Periods to a point of compensation, as this market has it. */
export const COMPENSATION = 2;

/**
 * Rules 5, 7 and 8 of market-bilateral on one register: the trades in the order of matching, 100 Wh
 * or 2 % of one is no default, and what is below 1 kWh in all does not count as performed.
 */
export function judge(credit: Credit, register: bigint, trades: readonly bigint[]): void {
  let left = register;
  let fell = false;
  let all = 0n;
  for (const wh of trades) {
    const short = wh - min(wh, left);
    left -= min(wh, left);
    all += wh;
    if (short > 100n && short * 50n > wh) fell = true;
  }
  if (fell) {
    credit.i = Math.min(credit.i + 1, 8);
    const deductions = [0, 1, 1, 2, 3, 5, 8, 13, 21];
    credit.C = Math.max(0, credit.C - (deductions[credit.i] as number));
    credit.D = 0;
  } else if (all >= 1000n) {
    credit.D += 1;
    if (credit.D < COMPENSATION || credit.C === 100) return;
    Object.assign(credit, { C: credit.C + 1, D: 0, i: 0 });
  }
}

export const STEPS = ['settle', 'pay', 'markReading', 'markReveal', 'clear'] as const;
export type Step = (typeof STEPS)[number];

export const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const abs = (a: bigint): bigint => (a < 0n ? -a : a);
export const MILLION = 1_000_000n;

/** Best ask with best bid, the green among themselves first; the earlier of equal ones. */
export function match(orders: readonly Live[], isGreen: (who: string) => boolean): Trade[] {
  const left = new Map(orders.map((o) => [o, o.wh]));
  const head = (side: Side, all: boolean): Live | undefined =>
    orders
      .filter((o) => o.side === side && (left.get(o) as bigint) > 0n && (all || isGreen(o.who)))
      .reduce<Live | undefined>((best, o) => {
        if (best === undefined) return o;
        return (side === 'sell' ? o.price < best.price : o.price > best.price) ? o : best;
      }, undefined);
  const trades: Trade[] = [];
  for (const all of [false, true]) {
    for (;;) {
      const [ask, bid] = [head('sell', all), head('buy', all)];
      if (ask === undefined || bid === undefined || ask.price > bid.price) break;
      const wh = min(left.get(ask) as bigint, left.get(bid) as bigint);
      trades.push({ seller: ask.who, buyer: bid.who, wh, price: (ask.price + bid.price) / 2n });
      for (const o of [ask, bid]) left.set(o, (left.get(o) as bigint) - wh);
    }
  }
  return trades;
}

/** When each step of a delivery period is due; settle has a time of its own. */
export function stepTime(rules: ModelRules, p: Period, step: Step): bigint {
  const { periodMs, closeMs, clearMs, payMs, deadlineMs } = rules;
  const opens = (p.index - 1n) * periodMs;
  if (step === 'markReveal') return opens + closeMs + (clearMs - closeMs) / 4n;
  if (step === 'clear') return opens + clearMs;
  if (step === 'pay') return opens + payMs;
  return step === 'settle' ? p.settleMs : opens + 2n * periodMs + deadlineMs / 2n;
}
