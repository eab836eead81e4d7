// The chain of a simulated node: appending what was decided or synced, and beginning the next
// height.
import { equalBytes, toHex } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import { PRECOMMIT, signersOf } from '../../../core/src/vote.js';
import { anyOther, later, type Life, parentOf, send, tipOf } from './life.js';
import type { ChainEntry } from '../messages.js';

const SYNC_BATCH = 16;
const SYNC_EVERY_MS = 40;
/** The parameter of consensus: ids in one Open. */
const MAX_IDS = 64;

export function startHeight(life: Life, sinceDecisionMs: number): void {
  const { world } = life.needs;
  const height = BigInt(tipOf(life) + 1);
  for (const part of [life.wanted, life.executing, life.ownProposals]) part.clear();
  for (const [name, block] of life.pool) if (block.header.height < height) life.pool.delete(name);
  life.feed({
    kind: 'startHeight',
    height,
    set: world.set,
    own: life.own,
    proposers: world.proposers(height),
    draw: world.draw(height),
    timing: world.timing,
    parent: parentOf(life),
    sinceDecisionMs,
  });
}

export function giveReason(life: Life): void {
  if (life.pending.size === 0) return;
  const ids = [...life.pending.values()].slice(0, MAX_IDS);
  life.feed({ kind: 'reason', why: 'transactions', ids });
}

export function takeTransaction(life: Life, id: Hash): void {
  const name = toHex(id);
  const decided = life.needs.platter
    .slice(0, tipOf(life))
    .some((e) => e.block.ids.some((known) => equalBytes(known, id)));
  if (decided || life.pending.has(name)) return;
  life.pending.set(name, id);
  giveReason(life);
}

/** The shell takes a moment to apply what was decided. */
export function decide(life: Life, entry: ChainEntry): void {
  if (life.appending) return;
  life.appending = true;
  later(life, life.needs.prng.between(0, 4), () => {
    life.appending = false;
    append(life, [entry]);
  });
}

/** Makes blocks that follow the tip durable, then begins the next height. */
export function append(life: Life, entries: readonly ChainEntry[]): void {
  const before = tipOf(life);
  for (const entry of entries)
    if (Number(entry.block.header.height) === tipOf(life) + 1) appendOne(life, entry);
  if (tipOf(life) === before) return;
  startHeight(life, 0);
  giveReason(life);
}

function appendOne(life: Life, entry: ChainEntry): void {
  const { disk, platter, watch, index, crashPoint } = life.needs;
  crashPoint('beforeAppend');
  platter.length = tipOf(life);
  platter.push(entry);
  disk.write('chainLength', platter.length);
  crashPoint('beforeAppendSync');
  disk.sync('chainLength');
  watch.appended(index, entry);
  for (const id of entry.block.ids) life.pending.delete(toHex(id));
  crashPoint('afterAppend');
}

export function askForChain(life: Life, peer: string | undefined): void {
  const { queue, world } = life.needs;
  if (queue.now() - life.lastSyncAt < SYNC_EVERY_MS || world.nodes < 2) return;
  life.lastSyncAt = queue.now();
  const to = peer === undefined ? anyOther(life) : Number(peer);
  send(life, to, { type: 'getChain', from: BigInt(tipOf(life) + 1) });
}

export function serveChain(life: Life, to: number, from: bigint): void {
  const first = Number(from) - 1;
  const entries = life.needs.platter.slice(first, Math.min(tipOf(life), first + SYNC_BATCH));
  if (entries.length > 0) send(life, to, { type: 'chain', entries });
}

/** Blocks from a neighbour: their certificates are checked first (consensus 8.1). */
export function takeChain(life: Life, entries: readonly ChainEntry[]): void {
  const proven = entries.filter((entry) => isProven(life, entry));
  const before = tipOf(life);
  append(life, proven);
  life.needs.coverage.count('synced', tipOf(life) - before);
}

function isProven(life: Life, { block, certificate }: ChainEntry): boolean {
  const { world, ring } = life.needs;
  return (
    certificate.step === PRECOMMIT &&
    certificate.height === block.header.height &&
    equalBytes(certificate.blockHash, block.header.hash) &&
    (signersOf(certificate, world.set.length)?.length ?? 0) >= world.quorum &&
    ring.isCertificate(certificate)
  );
}
