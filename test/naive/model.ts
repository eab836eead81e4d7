// A naive chain of accounts, locks, settlement and credit (settlement 1-6, market-bilateral): apply
// an operation, look at the balances. Markets are given their trades; what clears them is not here.
// Payment "delivered" only; the call market has its own model beside the state room.
import { CHAINS_OWN, Money } from './money.js';
import { type Credit, type Deal, type Home, type Rules, settleNaively } from './period.js';

export interface Genesis {
  accounts: { id: string; balance: bigint; credit?: Credit; green?: boolean }[];
  poolReward: bigint;
  gridLimit: bigint;
  markets: Record<string, Rules>;
}

export interface Terms {
  id: string;
  market: string;
  period: number;
  seller: string;
  buyer: string;
  wh: bigint;
  price: bigint;
}

export interface Trade {
  id: string;
  sellOrder: string;
  buyOrder: string;
  wh: bigint;
  sell2: bigint;
  buy2: bigint;
}

export interface Reading {
  id: string;
  out: bigint;
  into: bigint;
  declared?: bigint;
}

export type Operation =
  | { kind: 'issue'; to: string; amount: bigint }
  | { kind: 'redeem'; from: string; amount: bigint }
  | { kind: 'transfer'; from: string; to: string; amount: bigint }
  | {
      kind: 'order';
      id: string;
      market: string;
      period: number;
      account: string;
      side: 'sell' | 'buy';
      wh: bigint;
      price: bigint;
    }
  | { kind: 'cancel'; order: string }
  | { kind: 'clear'; market: string; period: number; trades: Trade[] }
  | { kind: 'confirm'; terms: Terms; by: string }
  | { kind: 'begun'; market: string; period: number }
  | { kind: 'replace'; terms: Terms }
  | { kind: 'settle'; market: string; period: number; readings: Reading[] }
  | { kind: 'readmit'; account: string };

interface Order {
  id: string;
  market: string;
  period: number;
  account: string;
  side: 'sell' | 'buy';
  wh: bigint;
  /** Money locked per Wh. */
  perWh: bigint;
}

interface OpenDeal extends Deal {
  market: string;
  period: number;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export class NaiveChain {
  money: Money;
  markets: Record<string, Rules>;
  credits: Record<string, Credit> = {};
  suspended = new Set<string>();
  green = new Set<string>();
  orders: Order[] = [];
  deals: OpenDeal[] = [];
  /** Contracts that wait for the other side, by the side that confirmed. */
  waiting: { terms: Terms; by: string }[] = [];

  constructor(genesis: Genesis) {
    this.money = new Money(genesis.gridLimit);
    this.markets = genesis.markets;
    this.money.available['pool:reward'] = genesis.poolReward;
    this.money.issued = genesis.poolReward;
    for (const { id, balance, credit, green } of genesis.accounts) {
      if (green) this.green.add(id);
      this.money.available[id] = balance;
      this.money.issued += balance;
      this.credits[id] = credit ?? { C: 100, D: 0, i: 0, n: 0 };
    }
  }

  /** "ok", or the code of a refusal, which moves nothing. */
  apply(op: Operation): string {
    const code = this.run(op);
    this.money.payDebts();
    return code;
  }

  balances(): Record<string, { available: bigint; locked: bigint; arrears: bigint }> {
    const { available, locks } = this.money;
    return Object.fromEntries(
      Object.entries(available).map(([id, free]) => [
        id,
        {
          available: free,
          locked: locks.reduce((sum, l) => sum + (l.account === id ? l.amount : 0n), 0n),
          arrears: this.money.owes(id),
        },
      ]),
    );
  }

  private run(op: Operation): string {
    switch (op.kind) {
      case 'issue':
        this.money.issued += op.amount;
        this.money.available[op.to] = (this.money.available[op.to] ?? 0n) + op.amount;
        return 'ok';
      case 'redeem':
        if (this.money.owes(op.from) > 0n) return 'IN_ARREARS';
        if (op.amount > this.money.spendable(op.from)) return 'INSUFFICIENT_FUNDS';
        this.money.redeemed += op.amount;
        this.money.available[op.from] = (this.money.available[op.from] ?? 0n) - op.amount;
        return 'ok';
      case 'transfer':
        if (this.money.owes(op.from) > 0n) return 'IN_ARREARS';
        if (op.amount > this.money.spendable(op.from)) return 'INSUFFICIENT_FUNDS';
        this.money.give(op.from, op.to, op.amount);
        return 'ok';
      case 'order':
        return this.order(op);
      case 'cancel':
        return this.cancel(op.order);
      case 'clear':
        return this.clear(op.market, op.period, op.trades);
      case 'confirm':
        return this.confirm(op.terms, op.by);
      case 'begun':
        return this.begun(op.market, op.period);
      case 'replace':
        return this.replace(op.terms);
      case 'settle':
        return this.settle(op.market, op.period, op.readings);
      case 'readmit':
        this.suspended.delete(op.account);
        this.credits[op.account] = { C: 60, D: 0, i: this.credits[op.account]?.i ?? 0, n: 0 };
        return 'ok';
    }
  }

  private rules(market: string): Rules {
    const rules = this.markets[market];
    if (rules === undefined) throw new RangeError(`no market ${market}`);
    return rules;
  }

  /** Whether an account may open anything. */
  private refusal(account: string): string | undefined {
    if (this.suspended.has(account)) return 'SUSPENDED';
    if (this.money.owes(account) > 0n) return 'IN_ARREARS';
    const { gridLimit, available } = this.money;
    return (available.grid ?? 0n) <= -gridLimit ? 'GRID_LIMIT' : undefined;
  }

  /** Settlement 2, "two-round, uniform, continuous", with 2.4 and 2.5. */
  private order(op: Extract<Operation, { kind: 'order' }>): string {
    const { market, period, account, side, wh, price } = op;
    const refused = this.refusal(account);
    if (refused !== undefined) return refused;
    const same = (o: { market: string; period: number }): boolean =>
      o.market === market && o.period === period;
    if (this.orders.some((o) => same(o) && o.account === account)) return 'DUPLICATE_ORDER';
    const { retail, wheeling, penalty } = this.rules(market);
    const highest = price > retail ? price : retail;
    const perWh = side === 'buy' ? highest + wheeling : penalty === undefined ? 0n : retail;
    if (!this.money.lock(account, op.id, wh * perWh)) return 'INSUFFICIENT_FUNDS';
    this.orders.push({ id: op.id, market, period, account, side, wh, perWh });
    return 'ok';
  }

  private cancel(id: string): string {
    if (!this.orders.some((o) => o.id === id)) return 'NO_ORDER';
    this.money.release(id);
    this.orders = this.orders.filter((o) => o.id !== id);
    return 'ok';
  }

  /** The traded part stays locked, now for the contract; the rest is released. */
  private clear(market: string, period: number, trades: Trade[]): string {
    for (const { id, sellOrder, buyOrder, wh, sell2, buy2 } of trades) {
      const [sell, buy] = [sellOrder, buyOrder].map((o) => this.orders.find((x) => x.id === o));
      if (sell === undefined || buy === undefined) throw new RangeError('a trade without orders');
      for (const order of [sell, buy]) {
        const lock = this.money.lockOf(order.account, order.id);
        if (lock === undefined) throw new RangeError('an order without a lock');
        lock.amount -= wh * order.perWh;
        this.money.locks.push({ account: order.account, of: id, amount: wh * order.perWh });
      }
      const parties = { seller: sell.account, buyer: buy.account };
      const rest = { kind: 'trade' as const, push: 0n, bothWheel: false };
      this.deals.push({ id, market, period, ...parties, wh, sell2, buy2, ...rest });
    }
    const done = this.orders.filter((o) => o.market === market && o.period === period);
    for (const { id } of done) this.money.release(id);
    this.orders = this.orders.filter((o) => !done.includes(o));
    return 'ok';
  }

  /** L4: each side locks Q x P with its fees; the second makes the contract. */
  private confirm(terms: Terms, by: string): string {
    const refused = this.refusal(by);
    if (refused !== undefined) return refused;
    const { id, wh, price, market } = terms;
    const { wheeling, handling } = this.rules(market);
    if (!this.money.lock(by, id, wh * (price + wheeling) + handling)) return 'INSUFFICIENT_FUNDS';
    const first = this.waiting.find((w) => w.terms.id === id);
    if (first === undefined) {
      this.waiting.push({ terms, by });
      return 'ok';
    }
    this.waiting = this.waiting.filter((w) => w !== first);
    for (const party of [terms.seller, terms.buyer]) this.money.take(party, id, 'fees', handling);
    this.open(terms, 'bilateral');
    return 'ok';
  }

  private open(terms: Terms, kind: Deal['kind']): void {
    const { id, market, period, seller, buyer, wh, price } = terms;
    const twice = { sell2: 2n * price, buy2: 2n * price };
    const rest = { kind, push: 0n, bothWheel: true };
    this.deals.push({ id, market, period, seller, buyer, wh, ...twice, ...rest });
  }

  /** One confirmation only: the lock goes back. */
  private begun(market: string, period: number): string {
    const expired = this.waiting.filter(
      ({ terms }) => terms.market === market && terms.period === period,
    );
    for (const { terms } of expired) this.money.release(terms.id);
    this.waiting = this.waiting.filter((w) => !expired.includes(w));
    return 'ok';
  }

  /** L5: only the buyer locks; the seller's wheeling comes out of what it is paid. */
  private replace(terms: Terms): string {
    for (const party of [terms.seller, terms.buyer]) {
      const refused = this.refusal(party);
      if (refused !== undefined) return refused;
    }
    const { id, wh, price, market, buyer } = terms;
    const { wheeling } = this.rules(market);
    if (!this.money.lock(buyer, id, wh * (price + wheeling))) return 'INSUFFICIENT_FUNDS';
    this.open(terms, 'replacement');
    return 'ok';
  }

  /** Settlement 5; bills take of a lock only what neither penalty nor fee of it needs. */
  private settle(market: string, period: number, readings: Reading[]): string {
    const rules: Rules = { ...this.rules(market), handling: 0n };
    const deals = this.deals.filter((d) => d.market === market && d.period === period);
    const homes = [...readings]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(
        (reading): Home => ({
          ...reading,
          credit: this.credits[reading.id] as Credit,
          suspended: this.suspended.has(reading.id),
          green: this.green.has(reading.id),
        }),
      );
    const result = settleNaively(homes, deals, rules);
    const { money } = this;
    for (const d of deals) {
      const r = result.deals[d.id];
      if (r === undefined) continue;
      money.take(d.buyer, d.id, d.seller, r.gets);
      money.take(d.buyer, d.id, 'pool:reserve', r.pays - r.gets);
    }
    for (const h of homes) money.charge('grid', h.id, result.homes[h.id]?.feedIn ?? 0n);
    const due = (d: Deal, account: string): bigint => {
      const r = result.deals[d.id];
      if (r === undefined) return 0n;
      return account === d.seller ? r.penaltySeller + r.wheelSeller : r.penaltyBuyer + r.wheelBuyer;
    };
    const charge = (id: string, to: string, amount: bigint): void => {
      for (const d of deals) {
        const lock = money.lockOf(id, d.id);
        if (lock === undefined || lock.amount <= due(d, id)) continue;
        const part = min(amount, lock.amount - due(d, id));
        money.take(id, d.id, to, part);
        amount -= part;
      }
      money.charge(id, to, amount);
    };
    for (const h of homes) charge(h.id, 'grid', result.homes[h.id]?.bill ?? 0n);
    for (const h of homes) {
      const { reward } = result.homes[h.id] ?? { reward: 0n };
      if (reward < 0n) charge(h.id, 'pool:reward', -reward);
    }
    this.rewards(homes, result.homes);
    for (const d of deals) {
      const r = result.deals[d.id];
      if (r === undefined) continue;
      money.take(d.seller, d.id, 'pot', r.penaltySeller);
      money.take(d.buyer, d.id, 'pot', r.penaltyBuyer);
      money.take(d.buyer, d.id, 'grid', r.wheelBuyer);
      if (d.kind === 'replacement') money.charge(d.seller, 'grid', r.wheelSeller);
      else money.take(d.seller, d.id, 'grid', r.wheelSeller);
    }
    for (const h of homes) money.give('pot', h.id, result.homes[h.id]?.share ?? 0n);
    money.give('pot', 'pool:reserve', money.available.pot ?? 0n);
    delete money.available.pot;
    for (const d of deals) money.release(d.id);
    for (const h of homes) {
      const { credit, falls } = result.homes[h.id] ?? { credit: h.credit, falls: false };
      this.credits[h.id] = credit;
      if (falls) this.suspended.add(h.id);
    }
    this.deals = this.deals.filter((d) => !deals.includes(d));
    return 'ok';
  }

  /** Settlement 3.3: what fines left; scaled by cumulative floors where the pool is short. */
  private rewards(homes: Home[], results: Record<string, { reward: bigint }>): void {
    const rewardOf = (h: Home): bigint => results[h.id]?.reward ?? 0n;
    const paid = homes.filter((h) => rewardOf(h) > 0n);
    const total = paid.reduce((sum, h) => sum + rewardOf(h), 0n);
    const pool = min(total, this.money.spendable('pool:reward'));
    let [soFar, given] = [0n, 0n];
    for (const h of paid) {
      soFar += rewardOf(h);
      const upTo = (pool * soFar) / total;
      this.money.give('pool:reward', h.id, upTo - given);
      given = upTo;
    }
  }

  /** The first thing that is not as settlement 6 says, in words. */
  fault(): string | undefined {
    const balances = Object.entries(this.balances());
    const all = balances.reduce((sum, [, b]) => sum + b.available + b.locked, 0n);
    if (all !== this.money.issued - this.money.redeemed) return 'money is not issued - redeemed';
    for (const [id, { available, locked }] of balances) {
      const least = id === 'grid' ? -this.money.gridLimit : 0n;
      if (available < least || locked < 0n) return `${id} is below its limit`;
      if (CHAINS_OWN.includes(id) && locked > 0n) return `${id} has a lock`;
    }
    const open = [...this.orders, ...this.deals, ...this.waiting.map(({ terms }) => terms)];
    const ids = new Set(open.map(({ id }) => id));
    const stray = this.money.locks.find(({ of, amount }) => amount > 0n && !ids.has(of));
    return stray === undefined ? undefined : `a lock of nothing open: ${stray.of}`;
  }
}
