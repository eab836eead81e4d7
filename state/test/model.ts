// A naive model of one market of call: balances, locks, debts, pools, period by period. Made from
// market-call, settlement and consensus 5a alone, with nothing of the state room in it: it knows
// names instead of ids, scans where the chain indexes, and has no cursor, tree or receipt.

import {
  abs,
  type Credit,
  type Held,
  judge,
  type Line,
  type Live,
  match,
  type Meter,
  MILLION,
  min,
  type ModelHome,
  type ModelRules,
  type ModelTx,
  type Period,
  type Purse,
  STEPS,
  type Step,
  stepTime,
} from './modelMarket.js';

export class Model {
  readonly purses = new Map<string, Purse>();
  readonly settled = new Map<bigint, number>();
  readonly credits = new Map<string, Credit>();
  issued = 0n;
  redeemed = 0n;
  private readonly rules: ModelRules;
  private readonly homes: readonly ModelHome[];
  private readonly meters = new Map<string, Meter>();
  private readonly periods = new Map<bigint, Period>();
  private now: bigint;
  /** Settled periods that wait to be settled again. */
  private waiting: { period: bigint; home: ModelHome }[] = [];

  /** Homes in the order in which the chain lists accounts. */
  constructor(rules: ModelRules, homes: readonly ModelHome[], start: { ms: bigint; pool: bigint }) {
    this.rules = rules;
    this.homes = homes;
    this.now = start.ms;
    const open = (name: string, free: bigint): void => {
      this.purses.set(name, { free, locked: 0n, debts: [] });
      this.issued += free;
    };
    for (const { name, balance } of homes) {
      open(name, balance);
      this.credits.set(name, { C: 100, D: 0, i: 0 });
      const at = new Map([[start.ms, { imp: 0n, exp: 0n }]]);
      this.meters.set(name, { at, endMs: start.ms, imp: 0n, exp: 0n, seq: 0n, recent: [] });
    }
    open('grid', 0n);
    open('pool', start.pool);
  }

  /** Takes a block; says of each candidate whether it stands in it. */
  block(ms: bigint, txs: readonly ModelTx[]): readonly boolean[] {
    this.marks(this.now, ms);
    for (let next = this.due(ms); next !== undefined; next = this.due(ms)) {
      if (this.correctsFirst(next)) {
        this.correct();
        continue;
      }
      next.period.done.add(next.step);
      this.take(next.period, next.step, ms);
      this.payDebts();
    }
    while (this.waiting.length > 0) this.correct();
    this.now = ms;
    return txs.map((tx) => {
      const taken = this.apply(tx, ms);
      this.payDebts();
      return taken;
    });
  }

  purse(name: string): Purse {
    return this.purses.get(name) as Purse;
  }

  // Boundaries

  private start(period: bigint): bigint {
    return period * this.rules.periodMs;
  }

  /** The newest 96 periods are known whether or not anybody did anything in them. */
  private marks(from: bigint, to: bigint): void {
    const { periodMs, deadlineMs } = this.rules;
    const newest = (to - deadlineMs / 2n) / periodMs - 1n;
    for (let k = newest; k > newest - 96n && k >= 0n; k--) {
      if (this.start(k + 1n) + deadlineMs / 2n > from) this.period(k, from);
    }
  }

  private period(index: bigint, ms: bigint): Period {
    const known = this.periods.get(index);
    if (known !== undefined) return known;
    const { periodMs, deadlineMs } = this.rules;
    const settleMs = this.start(index) + periodMs + deadlineMs;
    const fresh: Period = {
      index,
      live: [],
      trades: [],
      held: new Map(),
      readings: 0,
      ordered: false,
      isVoid: false,
      settleMs,
      done: new Set(),
      lines: new Map(),
    };
    // What was before anybody knew of it is over.
    for (const step of STEPS) if (stepTime(this.rules, fresh, step) <= ms) fresh.done.add(step);
    this.periods.set(index, fresh);
    return fresh;
  }

  private wants(p: Period, step: Step): boolean {
    if (p.done.has(step)) return false;
    if (step === 'markReveal' || step === 'clear') return p.live.length > 0;
    if (step === 'pay') return p.trades.length > 0;
    return step === 'markReading' || p.ordered || p.readings > 0;
  }

  /** The first by time, then by period, then by kind of step. */
  private due(ms: bigint): { period: Period; step: Step; at: bigint } | undefined {
    let best: { period: Period; step: Step; at: bigint } | undefined;
    for (const period of this.periods.values())
      for (const step of STEPS) {
        const at = stepTime(this.rules, period, step);
        if (at > ms || !this.wants(period, step)) continue;
        const order = best && (at - best.at || period.index - best.period.index);
        const earlier = order === undefined || order < 0n;
        if (earlier || (order === 0n && STEPS.indexOf(step) < STEPS.indexOf(best?.step as Step)))
          best = { period, step, at };
      }
    return best;
  }

  private take(p: Period, step: Step, ms: bigint): void {
    const { periodMs, closeMs, clearMs, deadlineMs } = this.rules;
    const opens = this.start(p.index - 1n);
    if (step === 'markReveal') p.isVoid = ms >= opens + closeMs + ((clearMs - closeMs) * 3n) / 4n;
    if (step === 'markReading') {
      const late = ms >= this.start(p.index) + periodMs + (deadlineMs * 3n) / 4n;
      if (late) p.settleMs = ms + deadlineMs;
    }
    if (step === 'clear') this.clear(p, ms);
    if (step === 'pay')
      for (const { seller, buyer, wh, price } of p.trades) {
        this.purse(buyer).locked -= wh * price;
        this.purse(seller).locked += wh * price;
        (p.held.get(buyer) as Held).lock -= wh * price;
        (p.held.get(seller) as Held).lock += wh * price;
      }
    if (step === 'settle') this.settle(p);
  }

  // Clearing

  private release(who: string, amount: bigint): void {
    this.purse(who).locked -= amount;
    this.purse(who).free += amount;
  }

  private clear(p: Period, ms: bigint): void {
    const isVoid = p.isVoid || ms >= this.start(p.index);
    for (const o of p.live) {
      p.held.set(o.who, { side: o.side, declared: o.wh, traded: 0n, amount: 0n, lock: 0n });
      if (isVoid) this.release(o.who, o.bond * (o.revealed ? 0n : 1n) + o.lock);
      else if (!o.revealed) {
        this.purse(o.who).locked -= o.bond;
        this.purse('pool').free += o.bond;
      }
    }
    if (!isVoid) {
      const open = p.live.filter((o) => o.revealed);
      const isGreen = (who: string) => this.homes.some((h) => h.name === who && h.green);
      p.trades = match(open, isGreen);
      for (const o of open) this.keep(p, o);
    }
    p.live = [];
  }

  private keep(p: Period, o: Live): void {
    const held = p.held.get(o.who) as Held;
    for (const t of p.trades.filter((x) => x.seller === o.who || x.buyer === o.who)) {
      held.traded += t.wh;
      held.amount += t.wh * t.price;
    }
    const { retail, feedIn } = this.rules;
    held.lock = o.side === 'buy' ? held.amount : held.traded * (retail - feedIn);
    this.release(o.who, o.lock - held.lock);
  }

  // Settlement

  private owe(who: string, to: string, amount: bigint): void {
    if (amount > 0n) this.purse(who).debts.push({ to, amount });
  }

  private spendable(who: string): bigint {
    return this.purse(who).free + (who === 'grid' ? this.rules.gridLimit : 0n);
  }

  /** From what is held for the period, then what is free; the rest is owed. */
  private bill(p: Period, who: string, to: string, amount: bigint): void {
    const held = p.held.get(who);
    const fromLock = min(held?.lock ?? 0n, amount);
    if (held) held.lock -= fromLock;
    this.purse(who).locked -= fromLock;
    const fromFree = min(this.spendable(who), amount - fromLock);
    this.purse(who).free -= fromFree;
    this.purse(to).free += fromLock + fromFree;
    this.owe(who, to, amount - fromLock - fromFree);
  }

  private settle(p: Period): void {
    this.settled.set(p.index, (this.settled.get(p.index) ?? 0) + 1);
    const due = this.homes.map((home) => this.balance(p, home));
    // What the pool owes from corrections is older than what it is to give (settlement 3.2).
    this.payFrom('pool');
    const pool = this.purse('pool').free;
    const total = due.reduce((sum, f) => (f > 0n ? sum + f : sum), 0n);
    let soFar = 0n;
    let paid = 0n;
    this.homes.forEach(({ name }, i) => {
      const f = due[i] as bigint;
      if (f > 0n) soFar += f;
      const line = p.lines.get(name) as Line;
      const upTo = total > pool ? (pool * soFar) / total : soFar;
      this.purse('pool').free -= upTo - paid;
      this.purse(name).free += upTo - paid;
      line.paid = line.due < 0n ? line.due : upTo - paid;
      paid = upTo;
      const held = p.held.get(name);
      if (held) this.release(name, held.lock);
      if (held) held.lock = 0n;
    });
  }

  /** Grid and fine of one home; gives what it is to be rewarded. */
  private balance(p: Period, { name, green, importW }: ModelHome): bigint {
    const { periodMs } = this.rules;
    const held = p.held.get(name);
    const meter = this.meters.get(name) as Meter;
    const [from, to] = [meter.at.get(this.start(p.index)), meter.at.get(this.start(p.index + 1n))];
    const traded = held?.traded ?? 0n;
    const metered = from !== undefined && to !== undefined;
    const used = held?.side === 'buy' ? traded : 0n;
    const most = meter.recent.slice(-96).reduce((a, b) => (a > b ? a : b), used);
    const imp = metered ? to.imp - from.imp : min(most, (importW * periodMs) / 3_600_000n);
    const exp = metered ? to.exp - from.exp : 0n;
    if (metered) meter.recent.push(imp);
    const line = this.lineOf(held, green, { imp, exp, metered });
    p.lines.set(name, line);
    const own = p.trades.filter(({ seller, buyer }) => seller === name || buyer === name);
    const register = held?.side === 'sell' ? exp : imp;
    const energies = own.map(({ wh }) => wh);
    judge(this.credits.get(name) as Credit, register, energies);
    const { income, cost, due } = line;
    const got = min(this.spendable('grid'), income);
    this.purse('grid').free -= got;
    this.purse(name).free += got;
    this.owe('grid', name, income - got);
    this.bill(p, name, 'grid', cost);
    if (due < 0n) this.bill(p, name, 'pool', -due);
    return due > 0n ? due : 0n;
  }

  /** Money of a home for its registers: from and to the grid, reward or fine. */
  private lineOf(
    held: Held | undefined,
    green: boolean,
    { imp, exp, metered }: { imp: bigint; exp: bigint; metered: boolean },
  ): Line {
    const { feedIn, retail, rewardPpm, greenPpm } = this.rules;
    const traded = held?.traded ?? 0n;
    const surplus = held?.side === 'sell' ? exp - traded : exp;
    const need = held?.side === 'buy' ? imp - traded : imp;
    const income = surplus > 0n ? surplus * feedIn : 0n;
    const cost = (need > 0n ? need * retail : 0n) + (surplus < 0n ? -surplus * retail : 0n);
    if (held === undefined) return { imp, exp, income, cost, due: 0n, paid: 0n };
    const actual = held.side === 'sell' ? exp : imp;
    const x = min(held.declared, actual);
    const off = abs(held.declared - actual);
    const [num, den] = x === 0n || x - off < -x ? [-1n, 1n] : [x - off, x];
    const scale = green ? greenPpm : MILLION;
    const f = (held.amount * num * rewardPpm * scale) / (den * MILLION * MILLION);
    return { imp, exp, income, cost, due: metered || f < 0n ? f : 0n, paid: 0n };
  }

  // Corrections

  /** A correction is of the millisecond after the block before; of one time the earlier period. */
  private correctsFirst(next: { period: Period; at: bigint }): boolean {
    const [first] = this.waiting;
    if (first === undefined) return false;
    const at = this.now + 1n;
    return at < next.at || (at === next.at && first.period < next.period.index);
  }

  private correct(): void {
    const { period, home } = this.waiting.shift() as (typeof this.waiting)[number];
    const p = this.periods.get(period) as Period;
    const old = p.lines.get(home.name) as Line;
    const meter = this.meters.get(home.name) as Meter;
    const [from, to] = [meter.at.get(this.start(period)), meter.at.get(this.start(period + 1n))];
    if (from === undefined || to === undefined) return;
    const [imp, exp] = [to.imp - from.imp, to.exp - from.exp];
    if (imp === old.imp && exp === old.exp) return;
    const next = this.lineOf(p.held.get(home.name), home.green, { imp, exp, metered: true });
    const kept = old.due > 0n && next.due > 0n;
    next.paid = kept ? (next.due * old.paid) / old.due : next.due;
    this.shift('grid', home.name, next.income - old.income);
    this.shift('pool', home.name, next.paid - old.paid);
    this.shift(home.name, 'grid', next.cost - old.cost);
    p.lines.set(home.name, next);
    this.payDebts();
  }

  /** A difference moves, or is owed. */
  private shift(from: string, to: string, amount: bigint): void {
    if (amount < 0n) return this.shift(to, from, -amount);
    const paid = min(this.spendable(from), amount);
    this.purse(from).free -= paid;
    this.purse(to).free += paid;
    this.owe(from, to, amount - paid);
  }

  private fillGap(tx: Extract<ModelTx, { kind: 'reading' }>, meter: Meter): void {
    const { periodMs } = this.rules;
    const home = this.homes.find((h) => h.name === tx.who) as ModelHome;
    const count = (tx.endMs - meter.endMs) / periodMs;
    for (let i = 1n; i <= count; i++) {
      const endMs = meter.endMs + i * periodMs;
      const spread = (a: bigint, b: bigint): bigint => a + ((b - a) * i) / count;
      meter.at.set(endMs, { imp: spread(meter.imp, tx.imp), exp: spread(meter.exp, tx.exp) });
      const period = endMs / periodMs - 1n;
      if (this.periods.get(period)?.lines.has(tx.who)) this.waiting.push({ period, home });
    }
    const rank = ({ home: h }: { home: ModelHome }): number => h.meterRank;
    this.waiting.sort((a, b) => Number(a.period - b.period) || rank(a) - rank(b));
  }

  /** What one owes, oldest first, and then those who were paid what they owe. */
  private payFrom(name: string): void {
    const purse = this.purse(name);
    const paid: string[] = [];
    for (let oldest = purse.debts[0]; oldest !== undefined; oldest = purse.debts[0]) {
      const amount = min(oldest.amount, this.spendable(name));
      if (amount <= 0n) break;
      purse.free -= amount;
      this.purse(oldest.to).free += amount;
      oldest.amount -= amount;
      paid.push(oldest.to);
      if (oldest.amount === 0n) purse.debts.shift();
    }
    for (const creditor of paid) this.payFrom(creditor);
  }

  /** Whoever has something pays what it owes. */
  private payDebts(): void {
    for (const name of this.purses.keys()) this.payFrom(name);
  }

  // Transactions

  private apply(tx: ModelTx, ms: bigint): boolean {
    switch (tx.kind) {
      case 'again':
        return false;
      case 'issue':
        if (tx.amount === 0n) return false;
        this.issued += tx.amount;
        this.purse(tx.who).free += tx.amount;
        return true;
      case 'redeem':
        if (tx.amount === 0n || this.purse(tx.who).free < tx.amount) return false;
        this.redeemed += tx.amount;
        this.purse(tx.who).free -= tx.amount;
        return true;
      case 'transfer': {
        const from = this.purse(tx.who);
        if (tx.amount === 0n || tx.to === tx.who || from.free < tx.amount) return false;
        if (from.debts.length > 0) return false;
        from.free -= tx.amount;
        this.purse(tx.to).free += tx.amount;
        return true;
      }
      case 'reading':
        return this.read(tx, ms);
      case 'seal':
        return this.seal(tx, ms);
      case 'reveal':
        return this.reveal(tx, ms);
      case 'cancel': {
        if (!this.isPhase(tx.period, ms, 'declare')) return false;
        const p = this.periods.get(tx.period);
        const order = p?.live.find((o) => o.who === tx.who && o.id === tx.id);
        if (p === undefined || order === undefined) return false;
        this.release(tx.who, order.bond);
        p.live = p.live.filter((o) => o !== order);
        p.ordered = p.live.length > 0;
        if (!p.ordered) this.periods.delete(p.index);
        return true;
      }
    }
  }

  private isPhase(period: bigint, ms: bigint, phase: 'declare' | 'reveal'): boolean {
    const { periodMs, closeMs, clearMs } = this.rules;
    if (ms / periodMs + 1n !== period) return false;
    const at = ms % periodMs;
    return phase === 'declare' ? at < closeMs : at >= closeMs && at < clearMs;
  }

  private seal(tx: Extract<ModelTx, { kind: 'seal' }>, ms: bigint): boolean {
    const { periodMs, retail, feedIn, minWh, maxOrders, gridLimit } = this.rules;
    if (!this.isPhase(tx.period, ms, 'declare')) return false;
    const home = this.homes.find((h) => h.name === tx.who) as ModelHome;
    const most = ((tx.side === 'buy' ? home.importW : home.exportW) * periodMs) / 3_600_000n;
    if (tx.wh < minWh || tx.wh === 0n || tx.wh > most) return false;
    const live = this.periods.get(tx.period)?.live ?? [];
    const old = live.find((o) => o.who === tx.who);
    if (old === undefined && live.length >= maxOrders) return false;
    const purse = this.purse(tx.who);
    const bond = most * (retail - feedIn);
    if (purse.debts.length > 0 || this.purse('grid').free <= -gridLimit) return false;
    if (purse.free + (old?.bond ?? 0n) < bond) return false;
    purse.free += (old?.bond ?? 0n) - bond;
    purse.locked += bond - (old?.bond ?? 0n);
    const p = this.period(tx.period, ms);
    p.live = [...live.filter((o) => o !== old), { ...tx, bond, revealed: false, lock: 0n }];
    p.ordered = true;
    return true;
  }

  private reveal(tx: Extract<ModelTx, { kind: 'reveal' }>, ms: bigint): boolean {
    const { retail, feedIn } = this.rules;
    if (!this.isPhase(tx.period, ms, 'reveal')) return false;
    const o = this.periods.get(tx.period)?.live.find((x) => x.who === tx.who);
    if (o === undefined || o.revealed) return false;
    const same = o.side === tx.side && o.wh === tx.wh && o.price === tx.price;
    if (!same || o.nonce !== tx.nonce || tx.price < feedIn || tx.price > retail) return false;
    const purse = this.purse(tx.who);
    const lock = tx.wh * (tx.side === 'buy' ? tx.price : retail - feedIn);
    if (purse.free + o.bond < lock) return false;
    purse.free += o.bond - lock;
    purse.locked += lock - o.bond;
    o.revealed = true;
    o.lock = lock;
    return true;
  }

  private read(tx: Extract<ModelTx, { kind: 'reading' }>, ms: bigint): boolean {
    const { periodMs } = this.rules;
    const { endMs, imp, exp, seq } = tx;
    const meter = this.meters.get(tx.who) as Meter;
    const home = this.homes.find((h) => h.name === tx.who) as ModelHome;
    if (endMs > ms || endMs % periodMs !== 0n || endMs <= meter.endMs || seq <= meter.seq)
      return false;
    const most = (watts: bigint): bigint => (watts * (endMs - meter.endMs)) / 3_600_000n;
    const [more, back] = [imp - meter.imp, exp - meter.exp];
    if (more < 0n || back < 0n || more > most(home.importW) || back > most(home.exportW))
      return false;
    this.fillGap(tx, meter);
    Object.assign(meter, { endMs, imp, exp, seq });
    meter.at.set(endMs, { imp, exp });
    const p = this.period(endMs / periodMs - 1n, ms);
    if (ms < p.settleMs && !p.done.has('settle')) p.readings += 1;
    return true;
  }
}
