// Bytes and execution of blocks at a simulated node: verdicts take the time that the profile says,
// bytes may have to be fetched.
import { toHex } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import { isBlockValid, makeBlock, type ToyBlock } from '../application.js';
import { anyOther, clockOf, later, type Life, parentOf, send, tipOf } from './life.js';

/** How long a proposal's bytes may take before others are asked for them, virtual ms. */
const FETCH_AFTER_MS = 150;
const MAX_IDS = 64;

export function execute(life: Life, hash: Hash): void {
  const name = toHex(hash);
  if (life.needs.quirks.executes === false) return believe(life, hash);
  life.wanted.add(name);
  const block = life.pool.get(name);
  if (block === undefined)
    return later(life, FETCH_AFTER_MS, () => {
      if (life.wanted.has(name)) fetchBlock(life, hash);
    });
  if (life.executing.has(name) || Number(block.header.height) !== tipOf(life) + 1) return;
  life.executing.add(name);
  const { prng, conditions } = life.needs;
  const [least, most] = conditions.executeMs;
  later(life, prng.between(least, most), () => giveVerdict(life, block));
}

function giveVerdict(life: Life, block: ToyBlock): void {
  const { watch, index, coverage, world } = life.needs;
  const { height, hash } = block.header;
  if (Number(height) !== tipOf(life) + 1) return;
  const valid = isBlockValid(block, parentOf(life), world.proposers(height));
  watch.executed(index, hash, valid);
  coverage.count(valid ? 'executedValid' : 'executedInvalid');
  const verdict = { kind: 'verdict', height, blockHash: hash } as const;
  if (valid) life.feed({ ...verdict, valid });
  else life.feed({ ...verdict, valid, code: 'BAD_ROOT' });
}

/** The planted bug of a node that votes without executing. */
function believe(life: Life, hash: Hash): void {
  const name = toHex(hash);
  if (life.executing.has(name)) return;
  life.executing.add(name);
  life.wanted.add(name);
  if (!life.pool.has(name)) return later(life, FETCH_AFTER_MS, () => fetchBlock(life, hash));
  life.feed({ kind: 'verdict', height: BigInt(tipOf(life) + 1), blockHash: hash, valid: true });
}

export function takeBlock(life: Life, block: ToyBlock): void {
  const { hash, height } = block.header;
  if (Number(height) <= tipOf(life)) return;
  life.pool.set(toHex(hash), block);
  if (!life.wanted.has(toHex(hash))) return;
  if (life.needs.quirks.executes === false) life.executing.delete(toHex(hash));
  execute(life, hash);
}

export function fetchBlock(life: Life, hash: Hash): void {
  if (life.pool.has(toHex(hash)) || life.needs.world.nodes < 2) return;
  life.needs.coverage.count('fetched');
  for (let i = 0; i < 2; i++) send(life, anyOther(life), { type: 'getBlock', hash });
}

export function serveBlock(life: Life, to: number, hash: Hash): void {
  const name = toHex(hash);
  const last = life.needs.platter.slice(Math.max(0, tipOf(life) - 2), tipOf(life));
  const decided = last.find((e) => toHex(e.block.header.hash) === name)?.block;
  const block = life.pool.get(name) ?? decided;
  if (block !== undefined) send(life, to, { type: 'block', block });
}

export function build(life: Life, height: bigint, round: number): void {
  const { prng, conditions, coverage, watch, index } = life.needs;
  later(life, prng.between(1, 10), () => {
    if (tipOf(life) + 1 !== Number(height)) return;
    const parent = parentOf(life);
    const now = clockOf(life);
    const isBad = conditions.badBlocks > 0 && prng.chance(conditions.badBlocks);
    if (isBad) coverage.count('badBlocks');
    const block = makeBlock({
      height,
      round,
      timeMs: now > parent.timeMs ? now : parent.timeMs + 1n,
      proposer: life.key,
      parentHash: parent.hash,
      ids: [...life.pending.values()].slice(0, MAX_IDS),
      isBad,
    });
    life.pool.set(toHex(block.header.hash), block);
    watch.executed(index, block.header.hash, !isBad);
    life.feed({ kind: 'built', height, round, header: block.header });
  });
}
