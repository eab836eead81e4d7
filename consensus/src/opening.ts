// When a height begins to move (consensus 3.7): work after minBlockMs, idleness, others' messages,
// or a restart. Before it nobody votes, and round 0's propose timer does not run.
import { assert } from '../../core/src/assert.js';
import type { Hash } from '../../core/src/hash.js';
import { MAX_OPEN_IDS } from '../../core/src/limits.js';
import type { OpenMessage, Reason, Timing } from './input.js';
import { enterRound, schedule } from './round/rounds.js';
import { type Context, type HeightState, isOwnKey, ownIndex, proposerAt } from './round/state.js';
import { keyOf } from './votes/tally.js';

/** Ids kept of all Open messages together; more work than a block needs to find its first. */
const MAX_WAITING_IDS = 4 * MAX_OPEN_IDS;

export function scheduleOpening(c: Context, s: HeightState): void {
  const { timing, sinceDecisionMs } = s.start;
  const minBlock = timing.minBlockMs - sinceDecisionMs;
  if (minBlock > 0) schedule(c, s, 'minBlock', minBlock);
  else s.minBlockPassed = true;
  schedule(c, s, 'maxIdle', Math.max(0, timing.maxIdleMs - sinceDecisionMs));
}

function noteIds(s: HeightState, ids: readonly Hash[]): void {
  for (const id of ids) {
    if (s.waitingIds.size >= MAX_WAITING_IDS) return;
    s.waitingIds.set(keyOf(id), id);
  }
}

/** Rule (a): work that waits. */
export function takeReason(c: Context, s: HeightState, reason: Reason): void {
  if (s.step !== 'idle') return;
  noteIds(s, reason.ids);
  s.hasReason = true;
  openByOwn(c, s);
}

export function onMinBlock(c: Context, s: HeightState): void {
  s.minBlockPassed = true;
  openByOwn(c, s);
}

/** Rule (b). */
export function onMaxIdle(c: Context, s: HeightState): void {
  s.hasReason = true;
  s.minBlockPassed = true;
  openByOwn(c, s);
}

function openByOwn(c: Context, s: HeightState): void {
  if (s.step !== 'idle' || !s.hasReason || !s.minBlockPassed) return;
  // The proposer's own proposal opens the height for everybody: it sends no Open besides.
  if (ownIndex(s) !== undefined && !isOwnKey(s, proposerAt(s, 0)))
    schedule(c, s, 'open', openDelayMs(s.start.timing));
  open(c, s);
}

/**
 * Before its proposer is told that a height is open it gets the time to see so itself: the work
 * that opened it here is on its way there too, and a proposer that is told too early makes a block
 * without it (decision 0014). Wall ms.
 */
const openDelayMs = ({ proposeTimeoutMs }: Timing): number => Math.floor(proposeTimeoutMs / 4);

/** The proposer is still silent: it is told what this node waits for. */
export function onOpen(c: Context, s: HeightState): void {
  if (s.step === 'decided' || s.round > 0 || hasGoodProposal(s)) return;
  s.sentOpen = true;
  const ids = [...s.waitingIds.values()].slice(0, MAX_OPEN_IDS);
  c.out.push({ kind: 'signOpen', height: s.start.height, ids });
}

/** An Open message: its ids go to the proposer's build, its sender counts for rule (c). */
export function takeOpen(s: HeightState, message: OpenMessage): void {
  assert(message.validatorIndex < s.setSize, 'a place of the set');
  s.heard.add(message.validatorIndex);
  if (s.step === 'idle') noteIds(s, message.ids);
}

/** Rule (c): votes or Opens of f+1 validators, or a proposal of the proposer. */
export function openByOthers(c: Context, s: HeightState): void {
  if (s.step !== 'idle') return;
  if (s.heard.size >= s.oneHonest || hasGoodProposal(s)) open(c, s);
}

const hasGoodProposal = (s: HeightState): boolean =>
  [...s.rounds.values()].some((rs) => rs.proposal !== undefined && isWellFormed(rs.proposal));

const isWellFormed = (p: { readonly refusal?: string }): boolean =>
  p.refusal === undefined || p.refusal === 'BAD_TIME';

/** Rules (a) to (d) end here: the height moves. */
export function open(c: Context, s: HeightState, round = 0): void {
  assert(s.step === 'idle', 'a height opens once');
  enterRound(c, s, round);
}
