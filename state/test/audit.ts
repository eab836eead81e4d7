// What must be true of a chain after every block, looked at from outside: stored leaves and
// receipts only, never the sums that execution keeps (settlement 6, light-clients 4.2).
import assert from 'node:assert/strict';
import { type Block, decodeBlock, encodeBlock } from '../../core/src/block.js';
import { compareBytes, toHex } from '../../core/src/bytes.js';
import { encodeHeader, type Header } from '../../core/src/header.js';
import { LINE_KINDS } from '../../core/src/receipt.js';
import { type AuctionRule, hasTwoPrices } from '../../market/src/neighbourhood/auction.js';
import { CONTRACTS, QUOTES } from '../src/markets/reputation/tables.js';
import { restoreState } from '../src/genesis/start.js';
import { FLEXES, REQUESTS } from '../src/markets/neighbourhood/tables.js';
import { POINT_OFFERS } from '../src/points/tables.js';
import { BALANCES, BOOK, ORDERS, POSITIONS, SUPPLY } from '../src/schema.js';
import { LISTINGS } from '../src/markets/bilateral/tables.js';
import { type Built, executeBlock } from '../src/transition.js';
import { rootOf } from '../src/tree/tree.js';
import { GrantAudit } from './auditGrants.js';
import { LabelAudit } from './auditLabels.js';
import type { TestChain } from './harness.js';
import { linesOf, type ReadLine, readLine } from './trade.js';

interface Sums {
  available: bigint;
  locked: bigint;
}

/** Follows the receipts of a chain from genesis on. */
export class Audit {
  private readonly chain: TestChain;
  private readonly balances = new Map<string, Sums>();
  /** Versions so far. */
  private readonly settled = new Map<string, number>();
  private readonly labels: LabelAudit;
  private readonly grants: GrantAudit;

  constructor(chain: TestChain) {
    this.chain = chain;
    this.labels = new LabelAudit(chain);
    this.grants = new GrantAudit(chain);
    for (const { keyBytes, value } of chain.world().entries(BALANCES))
      this.balances.set(toHex(keyBytes), { available: value.available, locked: value.locked });
  }

  /** After a block was taken over. */
  check({ receipts }: Built): void {
    for (const { lines } of receipts) this.checkOrder(lines.map(readLine));
    const lines = linesOf(receipts);
    for (const line of lines) if (line.kind === 'entry') this.replay(line);
    for (const line of lines) if (line.kind === 'settlement') this.settleOnce(line);
    this.checkTrades(lines.filter(({ kind }) => kind === 'trade'));
    this.checkState();
    this.labels.check(lines);
    this.grants.check(lines);
  }

  /** Ascending (kind, account, n), and n counts from 0: a gap would hide a line. */
  private checkOrder(lines: readonly ReadLine[]): void {
    const kinds = Object.keys(LINE_KINDS);
    lines.forEach((line, i) => {
      const before = lines[i - 1];
      const sameKind = before?.kind === line.kind;
      const same = sameKind && compareBytes(before.account, line.account) === 0;
      assert.equal(line.n, same ? before.n + 1 : 0, 'lines are numbered without a gap');
      if (before === undefined || same) return;
      const order = kinds.indexOf(before.kind) - kinds.indexOf(line.kind);
      assert.ok((order || compareBytes(before.account, line.account)) < 0, 'lines are sorted');
    });
  }

  private replay({ account, before, after, fields }: ReadLine): void {
    const known = this.balances.get(toHex(account)) ?? { available: 0n, locked: 0n };
    assert.deepEqual(before, known, 'a line begins where the last one ended');
    const { available, locked } = fields as { available: bigint; locked: bigint };
    const next = { available: known.available + available, locked: known.locked + locked };
    assert.deepEqual(after, next, 'a line says what it moved');
    this.balances.set(toHex(account), next);
  }

  private settleOnce({ account, fields }: ReadLine): void {
    const key = `${fields.market}/${fields.period}/${toHex(account)}`;
    // A correction settles again, and counts (settlement 3.5).
    const before = this.settled.get(key) ?? 0;
    assert.equal(fields.version, before + 1, `settled twice: ${key}`);
    this.settled.set(key, before + 1);
  }

  /** Sold is bought; of two prices, buyers pay the higher one and the rest is for the pools. */
  private checkTrades(trades: readonly ReadLine[]): void {
    for (const { id, params } of this.chain.at.chain.markets) {
      let [energy, money] = [0n, 0n];
      for (const { fields } of trades.filter(({ fields: { market } }) => market === id)) {
        const sign = fields.side === 'sell' ? 1n : -1n;
        const wh = fields.energyWh as bigint;
        energy += sign * wh;
        money += sign * wh * (fields.price as bigint);
      }
      assert.equal(energy, 0n, 'sold is bought');
      if (hasTwoPrices(params.rule as AuctionRule)) assert.ok(money <= 0n, 'sellers get too much');
      else assert.equal(money, 0n, 'what sellers get is what buyers pay');
    }
  }

  private checkState(): void {
    const world = this.chain.world();
    const grid = toHex(this.chain.at.chain.system.grid);
    let all = 0n;
    let escrow = 0n;
    for (const { keyBytes, value } of world.entries(BALANCES)) {
      const { available, locked, arrears } = value;
      const name = toHex(keyBytes);
      const known = this.balances.get(name) ?? { available: 0n, locked: 0n };
      assert.deepEqual({ available, locked }, known, `entries lead to the balance of ${name}`);
      if (name !== grid) assert.ok(available >= 0n && locked >= 0n, 'below zero');
      if (name !== grid && arrears > 0n) assert.equal(available, 0n, 'owes, and keeps money');
      all += available + locked;
      escrow += locked;
    }
    const supply = world.get(SUPPLY, '');
    assert.equal(all, (supply?.issued ?? 0n) - (supply?.redeemed ?? 0n), 'money');
    const open =
      world.entries(ORDERS).reduce((sum, { value }) => sum + value.bond + value.lock, 0n) +
      world.entries(REQUESTS).reduce((sum, { value }) => sum + value.bond + value.lock, 0n) +
      world.entries(FLEXES).reduce((sum, { value }) => sum + value.lock, 0n) +
      world.entries(POINT_OFFERS).reduce((sum, { value }) => sum + value.amount, 0n) +
      world.entries(POSITIONS).reduce((sum, { value }) => sum + value.lock, 0n) +
      world.entries(QUOTES).reduce((sum, { value }) => sum + value.bond + value.lock, 0n) +
      world.entries(CONTRACTS).reduce((sum, { value }) => sum + value.lock + value.sellerLock, 0n) +
      world
        .entries(BOOK)
        .flatMap(({ value }) => value.orders)
        .reduce((sum, { lock }) => sum + lock, 0n) +
      world
        .entries(LISTINGS)
        .reduce((sum, { value }) => sum + value.sellerLock + value.buyerLock, 0n);
    assert.equal(escrow, open, 'escrow is the sum of open locks');
  }
}

/** A node that starts from its leaves has the same root. */
export function assertRestores(chain: TestChain): void {
  const restored = restoreState(chain.leaves.values());
  assert.ok(restored);
  assert.equal(toHex(rootOf(restored.tree)), toHex(rootOf(chain.at.tree)));
}

/** Fields that a proposer chooses: another value may be another good block. */
const CHOSEN = new Set<keyof Header>(['proposer', 'time', 'round']);

const flipped = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'bigint') return value + 1n;
  const bytes = value as Uint8Array;
  if (bytes.length === 0) return new Uint8Array(96);
  return bytes.with(bytes.length - 1, (bytes[bytes.length - 1] as number) ^ 1);
};

/** Every field of the header, and every way to change its lists: refused, or not even a block. */
export function assertTamperProof(chain: TestChain, block: Block): void {
  const refuses = (changed: Block, what: string): void => {
    const received = decodeBlock(changed.bytes);
    if (received === undefined) return;
    const verdict = executeBlock(chain.at, received, { verify: chain.verify });
    assert.ok('code' in verdict, `${what} was taken`);
  };
  for (const name of Object.keys(block.head) as (keyof Header)[]) {
    if (name === 'tag' || CHOSEN.has(name)) continue;
    const head = { ...block.head, [name]: flipped(block.head[name]) };
    refuses(encodeBlock({ ...block, header: encodeHeader(head) }, head), name);
  }
  const certificate = Uint8Array.of(1);
  refuses(encodeBlock({ ...block, parentCertificate: certificate }, block.head), 'certificate');
  for (const list of ['systemTxs', 'txs'] as const) {
    for (const [what, items] of changesOf(block[list]))
      refuses(encodeBlock({ ...block, [list]: items }, block.head), `${list}: ${what}`);
  }
  const [first] = block.txs;
  const early = { ...block, systemTxs: [...block.systemTxs, first as Uint8Array] };
  if (first !== undefined && first.length <= 256)
    refuses(encodeBlock({ ...early, txs: block.txs.slice(1) }, block.head), 'tx as system tx');
}

function changesOf(items: readonly Uint8Array[]): [string, readonly Uint8Array[]][] {
  const [first] = items;
  if (first === undefined) return [['added', [Uint8Array.of(0x90)]]];
  const bent = first.with(first.length - 1, (first[first.length - 1] as number) ^ 1);
  const changes: [string, readonly Uint8Array[]][] = [
    ['first dropped', items.slice(1)],
    ['last dropped', items.slice(0, -1)],
    ['first twice', [first, ...items]],
    ['last twice', [...items, items[items.length - 1] as Uint8Array]],
    ['first bent', [bent, ...items.slice(1)]],
  ];
  if (items.length > 1) changes.push(['turned round', [...items].reverse()]);
  return changes;
}
