// A chain with a market of reputation that is walked step by step: every block is audited, and
// what a block refuses fails the test unless it is asked for.
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Tx } from '../../core/src/tx.js';
import type { Built } from '../src/transition.js';
import { Audit } from './audit.js';
import { type Person, person, QUICK, TestChain } from './harness.js';
import { assertRefused } from './refused.js';
import {
  endOf,
  type RepBid,
  type RepGenesis,
  repGenesis,
  revealRep,
  sealRep,
  settleOf,
  signAll,
  timesOf,
} from './reputationTrade.js';
import { readingOf, type Registers } from './trade.js';

export const HUNDRED = 100_000_000n;
/** 10 kW for an hour x (0.300 - 0.080). */
export const BOND = 10_000n * 220n;

export class Run {
  readonly chain: TestChain;
  private readonly audit: Audit;

  constructor(homes: readonly string[], more: RepGenesis = {}) {
    this.chain = new TestChain(repGenesis(homes, more), QUICK);
    this.audit = new Audit(this.chain);
  }

  block(timeMs: bigint, txs: readonly Tx[] = []): Built {
    const built = this.chain.block(timeMs, txs);
    assert.deepEqual(
      built.refused.map(({ tx, code }) => `${tx.kind} ${code}`),
      [],
    );
    this.audit.check(built);
    return built;
  }

  /** A block now that takes only these. */
  now(...txs: readonly Tx[]): Built {
    return this.block(this.chain.at.parent.timeMs + 1n, txs);
  }

  refuses(code: ErrorCode, tx: Tx): void {
    assertRefused(this.chain, { timeMs: this.chain.at.parent.timeMs + 1n, tx, code });
  }

  balance(who: Person) {
    return this.chain.balance(who);
  }

  get pool(): bigint {
    return this.chain.balance(this.chain.at.chain.system.reward).available;
  }

  /** Seals and opens bids of one bidding round; the chain stands behind its `board`. */
  quote(bids: readonly RepBid[], at: { readonly period: bigint; readonly n?: number }): void {
    const { n = 1, period } = at;
    const t = timesOf(period, n);
    const of = bids.map((bid) => ({ ...bid, period, biddingRound: n }));
    this.block(
      t.start + 1n,
      of.map((bid) => sealRep(this.chain, bid)),
    );
    this.block(t.closeOrders);
    this.block(
      t.closeOrders + 1n,
      of.map((bid) => revealRep(this.chain, bid)),
    );
    this.block(t.mark);
    this.block(t.board);
  }

  /** Signs contracts by all three, in the signing phase of a bidding round. */
  sign(period: bigint, contracts: readonly (readonly [number, readonly Person[]])[]): void {
    const parties = [person('grid')];
    this.now(
      ...contracts.flatMap(([number, who]) =>
        signAll(this.chain, period, number, [...who, ...parties]),
      ),
    );
  }

  /** Takes every step up to and with the close of a period, in blocks of their own. */
  close(period: bigint): void {
    const now = this.chain.at.parent.timeMs;
    for (let n = 1; n <= 3; n++) {
      const { closeOrders, mark, board, clear, signed } = timesOf(period, n);
      for (const at of [closeOrders, mark, board, clear, signed]) if (at > now) this.block(at);
    }
  }

  /** Readings at the end of the period, and its settlement. */
  deliver(period: bigint, reads: Readonly<Record<string, Omit<Registers, 'end'>>>): Built {
    const end = endOf(period);
    const sequence = period + 1n;
    this.block(
      end,
      Object.entries(reads).map(([home, read]) =>
        readingOf(this.chain, home, { ...read, end, sequence }),
      ),
    );
    this.block(end + 300_000n);
    return this.block(settleOf(period));
  }
}

export const bidOf = (who: Person, side: 'sell' | 'buy', wh: bigint, price: bigint): RepBid => ({
  who,
  side,
  wh,
  price,
  period: 1n,
});
