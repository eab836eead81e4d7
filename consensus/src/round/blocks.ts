// Blocks by hash: asking for execution and bytes, verdicts, and the valid value that follows from a
// prevote quorum together with an own execution (consensus 3.4a, 3.6c, 5a.2d).
import { assert } from '../../../core/src/assert.js';
import type { Hash } from '../../../core/src/hash.js';
import type { Verdict } from '../input.js';
import { keyOf } from '../votes/tally.js';
import { type BlockInfo, type Context, type HeightState, isValid, type Polka } from './state.js';

/** Asks for the execution of a block, once; the answer is a verdict. */
export function wantVerdict(c: Context, s: HeightState, hash: Hash): BlockInfo {
  const key = keyOf(hash);
  let block = s.blocks.get(key);
  if (block === undefined) {
    block = { hash, named: false };
    s.blocks.set(key, block);
    c.out.push({ kind: 'execute', height: s.start.height, blockHash: hash });
  }
  return block;
}

/** A certificate or f+1 votes name this block: fetched by hash, whatever was proposed (3a.3). */
export function nameBlock(c: Context, s: HeightState, hash: Hash): void {
  const block = wantVerdict(c, s, hash);
  if (block.named) return;
  block.named = true;
  if (block.verdict === undefined)
    c.out.push({ kind: 'fetchBlock', height: s.start.height, blockHash: hash });
}

export function takeVerdict(s: HeightState, verdict: Verdict): void {
  const key = keyOf(verdict.blockHash);
  const block = s.blocks.get(key) ?? { hash: verdict.blockHash, named: false };
  assert(
    block.verdict === undefined || block.verdict.valid === verdict.valid,
    'execution is a function of the block',
  );
  block.verdict = verdict;
  s.blocks.set(key, block);
}

/** Notes a prevote quorum; it becomes the valid value once the block was executed here. */
export function notePolka(c: Context, s: HeightState, polka: Polka): void {
  nameBlock(c, s, polka.hash);
  if (polka.round <= (s.valid?.round ?? -1) || s.polkas.has(polka.round)) return;
  s.polkas.set(polka.round, polka);
}

/** Takes the highest proven block that was executed here as valid value (consensus 3.6c). */
export function adoptValidValue(s: HeightState): void {
  for (const polka of s.polkas.values())
    if (polka.round > (s.valid?.round ?? -1) && isValid(s, polka.key)) s.valid = polka;
  for (const round of s.polkas.keys()) if (round <= (s.valid?.round ?? -1)) s.polkas.delete(round);
}

/** Highest round before `before` with a known prevote quorum for this block; -1 = none. */
export function provenRound(s: HeightState, key: string, before: number): number {
  let best = -1;
  const consider = (p: Polka | undefined): void => {
    if (p !== undefined && p.key === key && p.round < before && p.round > best) best = p.round;
  };
  consider(s.valid);
  for (const polka of s.polkas.values()) consider(polka);
  for (const rs of s.rounds.values()) consider(rs.polka);
  return best;
}
