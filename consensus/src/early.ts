// A few messages of the next height, kept until it starts: a neighbour that decided a little
// earlier must not have to repeat itself (its proposal would cost a timeout). One slot per
// validator and kind, so nobody can fill it.
import { assert } from '../../core/src/assert.js';
import type { OpenMessage, ProposalMessage, VoteMessage } from './input.js';
import { keyOf } from './votes/tally.js';

export type EarlyMessage = OpenMessage | ProposalMessage | VoteMessage;

/** Proposals kept of the next height, of different signers and rounds. */
const MAX_PROPOSALS = 8;
/** Slots of votes and Opens; three per validator of the largest set. */
const MAX_SLOTS = 3000;

export interface Early {
  readonly messages: Map<string, EarlyMessage>;
  height: bigint;
  proposals: number;
}

export const emptyEarly = (): Early => ({ messages: new Map(), height: 0n, proposals: 0 });

function slotOf(message: EarlyMessage): string {
  switch (message.kind) {
    case 'open':
      return `open ${message.validatorIndex}`;
    case 'vote':
      return `vote ${message.vote.step} ${message.vote.validatorIndex}`;
    case 'proposal':
      return `proposal ${message.round} ${keyOf(message.signer)}`;
  }
}

const heightOf = (m: EarlyMessage): bigint => (m.kind === 'vote' ? m.vote.height : m.height);

export function keepEarly(early: Early, message: EarlyMessage): void {
  const height = heightOf(message);
  if (height !== early.height) {
    early.messages.clear();
    early.proposals = 0;
    early.height = height;
  }
  const slot = slotOf(message);
  if (early.messages.has(slot) || early.messages.size >= MAX_SLOTS) return;
  if (message.kind === 'proposal') {
    if (early.proposals >= MAX_PROPOSALS) return;
    early.proposals += 1;
  }
  early.messages.set(slot, message);
}

export const hasEarlyVote = (early: Early, height: bigint, slot: string): boolean =>
  early.height === height && early.messages.has(`vote ${slot}`);

/** What was kept of a height that starts now, in the order in which it came. */
export function takeEarly(early: Early, height: bigint): readonly EarlyMessage[] {
  if (early.height > height) return [];
  const kept = early.height === height ? [...early.messages.values()] : [];
  assert(
    kept.every((m) => heightOf(m) === height),
    'of one height',
  );
  early.messages.clear();
  early.proposals = 0;
  return kept;
}
