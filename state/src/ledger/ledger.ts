// Double entry: every movement of money is a balanced journal entry of a closed list (settlement
// 1.4), written as lines with the balances before and after. Nothing else touches balances.
import { addMoney, type Money, NO_MONEY, subMoney } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { compareBytes, equalBytes, keyText } from '../../../core/src/bytes.js';
import type { Wire } from '../../../core/src/codec/codec.js';
import type { AccountId } from '../../../core/src/ids.js';
import { encodeLine, type Line, type LineKind } from '../../../core/src/receipt.js';
import type { Chain } from '../chain.js';
import { type Account, ACCOUNTS, type Balance, BALANCES, SUPPLY } from '../schema.js';
import type { World } from '../world.js';

export type EntryType =
  | 'issue'
  | 'redeem'
  | 'transfer'
  | 'grant'
  | 'bond'
  | 'bond-return'
  | 'forfeit'
  | 'lock'
  | 'unlock'
  | 'energy'
  | 'grid-purchase'
  | 'feed-in'
  | 'reward'
  | 'fine'
  | 'penalty'
  | 'penalty-share'
  | 'wheeling'
  | 'congestion'
  | 'correction'
  | 'handling'
  | 'subsidy'
  | 'arrears-paid';

export type Pot = 'available' | 'locked';

export interface PotOf {
  readonly account: AccountId;
  readonly pot: Pot;
}

export interface Entry {
  readonly type: EntryType;
  /** undefined: points enter the chain (issue). */
  readonly from: PotOf | undefined;
  /** undefined: points leave the chain (redeem). */
  readonly to: PotOf | undefined;
  readonly amount: Money;
}

/** Market, period and the transaction or step that caused what is written. */
export interface Cause {
  readonly market: string;
  readonly period: bigint;
  readonly id: Uint8Array;
}

const ZERO: Balance = { available: 0n, locked: 0n, arrears: 0n };
const NOBODY = new Uint8Array(0);
const NO_ACCOUNTS: readonly AccountId[] = [];

/** Money of one transaction or boundary step, and the lines of its receipt. */
export class Ledger {
  readonly lines: Line[] = [];
  readonly world: World;
  readonly chain: Chain;
  readonly cause: Cause;
  /** Lines so far, by kind and account together. */
  private readonly counts = new Map<string, number>();
  private readonly gainers = new Map<string, AccountId>();

  constructor(world: World, chain: Chain, cause: Cause) {
    this.world = world;
    this.chain = chain;
    this.cause = cause;
  }

  balance(account: AccountId): Balance {
    return this.world.get(BALANCES, account) ?? ZERO;
  }

  /** What the account can spend: `grid` may go negative down to its limit (settlement 1.2). */
  spendable(account: AccountId): Money {
    const { available } = this.balance(account);
    const isGrid = equalBytes(account, this.chain.system.grid);
    const most = isGrid ? available + this.chain.gridCreditLimit : available;
    return (most > 0n ? most : 0n) as Money;
  }

  /** Books an entry; entries of nothing are passed over. */
  post(entry: Entry): void {
    const { from, to, amount } = entry;
    assert(amount >= 0n, 'journal: negative amount');
    assert(from !== undefined || to !== undefined, 'journal: entry without accounts');
    if (amount === 0n) return;
    if (from !== undefined && to !== undefined && equalBytes(from.account, to.account)) {
      this.moveWithin(entry, from, to);
      return;
    }
    if (from !== undefined) this.change(entry, from, -amount as Money);
    if (to !== undefined) this.change(entry, to, amount);
    if (from === undefined || to === undefined) this.changeSupply(entry);
  }

  private moveWithin(entry: Entry, from: PotOf, to: PotOf): void {
    assert(from.pot !== to.pot, 'journal: nothing moves');
    const toLocked = to.pot === 'locked' ? entry.amount : (-entry.amount as Money);
    this.write(entry, from.account, { available: -toLocked, locked: toLocked });
  }

  private change(entry: Entry, at: PotOf, amount: Money): void {
    const delta =
      at.pot === 'available'
        ? { available: amount, locked: 0n }
        : { available: 0n, locked: amount };
    this.write(entry, at.account, delta);
  }

  private write(entry: Entry, account: AccountId, delta: { available: bigint; locked: bigint }) {
    const before = this.balance(account);
    const after: Balance = {
      available: addMoney(before.available as Money, delta.available as Money),
      locked: addMoney(before.locked as Money, delta.locked as Money),
      arrears: before.arrears,
    };
    const floor = equalBytes(account, this.chain.system.grid) ? -this.chain.gridCreditLimit : 0n;
    assert(after.available >= floor && after.locked >= 0n, 'journal: balance below its floor');
    this.world.set(BALANCES, account, after);
    if (delta.available > 0n) this.gainers.set(keyText(account), account);
    const { market, period, id } = this.cause;
    this.line({
      kind: 'entry',
      account,
      before,
      after,
      fields: [
        entry.type,
        market,
        period,
        counterparty(entry, account),
        delta.available,
        delta.locked,
        id,
      ],
    });
  }

  private changeSupply(entry: Entry): void {
    const supply = this.world.get(SUPPLY, '');
    assert(supply !== undefined, 'supply is there from genesis');
    const next =
      entry.from === undefined
        ? { ...supply, issued: addMoney(supply.issued as Money, entry.amount) }
        : { ...supply, redeemed: addMoney(supply.redeemed as Money, entry.amount) };
    this.world.set(SUPPLY, '', next);
  }

  /** Adds a line; balances are those before the change it tells of and now. */
  line(parts: {
    kind: LineKind;
    account: AccountId;
    fields: readonly Wire[];
    before?: Balance;
    after?: Balance;
  }): void {
    const { kind, account, fields } = parts;
    const n = this.count(kind, keyText(account));
    const after = parts.after ?? this.balance(account);
    const creditAfter = (this.world.get(ACCOUNTS, account) as Account | undefined)?.credit;
    const before = parts.before ?? after;
    this.lines.push(encodeLine({ kind, account, fields, n, before, after, creditAfter }));
  }

  private count(kind: LineKind, account: string): number {
    const name = kind + account;
    const n = this.counts.get(name) ?? 0;
    this.counts.set(name, n + 1);
    return n;
  }

  /** Counts an account among the gainers: it gained in an earlier part of the same step. */
  noteGain(account: AccountId): void {
    this.gainers.set(keyText(account), account);
  }

  /** Accounts whose available balance gained since the last call, in ascending id. */
  takeGainers(): readonly AccountId[] {
    if (this.gainers.size === 0) return NO_ACCOUNTS;
    const gainers = [...this.gainers.values()];
    this.gainers.clear();
    return gainers.length === 1 ? gainers : gainers.sort(compareBytes);
  }

  /** Moves up to `amount` from one pot to an account; returns what was not covered. */
  payUpTo(entry: Entry & { from: PotOf }): Money {
    const { account, pot } = entry.from;
    const has = pot === 'locked' ? this.balance(account).locked : this.spendable(account);
    const paid = (has < entry.amount ? has : entry.amount) as Money;
    this.post({ ...entry, amount: paid });
    return paid === entry.amount ? NO_MONEY : subMoney(entry.amount, paid);
  }
}

function counterparty(entry: Entry, account: AccountId): Uint8Array {
  const { from, to } = entry;
  const other = from !== undefined && equalBytes(from.account, account) ? to : from;
  return other === undefined || equalBytes(other.account, account) ? NOBODY : other.account;
}

export const available = (account: AccountId): PotOf => ({ account, pot: 'available' });
export const locked = (account: AccountId): PotOf => ({ account, pot: 'locked' });
