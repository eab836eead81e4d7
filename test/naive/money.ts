// Accounts of the naive model (settlement 1-3): what is available, what is locked and for what, who
// owes whom. Names are text; the chain's own accounts are "grid", "fees" and the pools.

export interface Debt {
  debtor: string;
  creditor: string;
  amount: bigint;
}

export interface Lock {
  account: string;
  /** Order or contract. */
  of: string;
  amount: bigint;
}

export const CHAINS_OWN = ['grid', 'fees', 'pool:reward', 'pool:grants', 'pool:reserve'];

export class Money {
  available: Record<string, bigint> = {};
  locks: Lock[] = [];
  /** Oldest first. */
  debts: Debt[] = [];
  issued = 0n;
  redeemed = 0n;
  gridLimit: bigint;

  constructor(gridLimit: bigint) {
    this.gridLimit = gridLimit;
    for (const id of CHAINS_OWN) this.available[id] = 0n;
  }

  /** What an account can give; the grid may go down to its limit. */
  spendable(id: string): bigint {
    const most = (this.available[id] ?? 0n) + (id === 'grid' ? this.gridLimit : 0n);
    return most > 0n ? most : 0n;
  }

  give(from: string, to: string, amount: bigint): void {
    if (amount < 0n || amount > this.spendable(from)) throw new RangeError(`${from} has it not`);
    this.available[from] = (this.available[from] ?? 0n) - amount;
    this.available[to] = (this.available[to] ?? 0n) + amount;
  }

  /** As far as it goes; the rest is owed. */
  charge(from: string, to: string, amount: bigint): void {
    const paid = amount < this.spendable(from) ? amount : this.spendable(from);
    this.give(from, to, paid);
    if (paid < amount) this.debts.push({ debtor: from, creditor: to, amount: amount - paid });
  }

  lock(account: string, of: string, amount: bigint): boolean {
    if (amount > this.spendable(account)) return false;
    this.available[account] = (this.available[account] ?? 0n) - amount;
    this.locks.push({ account, of, amount });
    return true;
  }

  lockOf(account: string, of: string): Lock | undefined {
    return this.locks.find((lock) => lock.account === account && lock.of === of);
  }

  /** Out of a lock that must cover it. */
  take(account: string, of: string, to: string, amount: bigint): void {
    if (amount === 0n) return;
    const lock = this.lockOf(account, of);
    if (lock === undefined || lock.amount < amount) throw new RangeError(`no lock of ${account}`);
    lock.amount -= amount;
    this.available[to] = (this.available[to] ?? 0n) + amount;
  }

  release(of: string): void {
    for (const lock of this.locks.filter((one) => one.of === of))
      this.available[lock.account] = (this.available[lock.account] ?? 0n) + lock.amount;
    this.locks = this.locks.filter((one) => one.of !== of);
  }

  owes(id: string): bigint {
    const own = this.debts.filter(({ debtor }) => debtor === id);
    return own.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** At the end of a step: what debtors have pays their debts, and that of the creditors theirs. */
  payDebts(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const debt of this.debts) {
        const most = this.spendable(debt.debtor);
        const paid = debt.amount < most ? debt.amount : most;
        if (paid === 0n) continue;
        this.give(debt.debtor, debt.creditor, paid);
        debt.amount -= paid;
        moved = true;
      }
      this.debts = this.debts.filter(({ amount }) => amount > 0n);
    }
  }
}
