// Votes of one round and step: the first of each validator counts (consensus 3a.3); what reaches
// how many. Signatures were verified before; whether a quorum may be acted on: round/rules.ts.
import { assert } from '../../../core/src/assert.js';
import { toHex } from '../../../core/src/bytes.js';
import { type Certificate, packCertificate } from '../../../core/src/vote.js';
import type { SignedVote } from '../input.js';

/** Text form of a block hash as a map key; nil is ''. */
export const keyOf = (hash: Uint8Array): string => toHex(hash);
export const NIL_KEY = '';

/** Votes for one hash. */
export interface Group {
  readonly key: string;
  readonly hash: Uint8Array;
  count: number;
  /** Those of them cast by members of the committee of the round. */
  committeeCount: number;
}

export interface Tally {
  readonly votes: (SignedVote | undefined)[];
  readonly groups: Map<string, Group>;
  total: number;
}

export const emptyTally = (setSize: number): Tally => ({
  votes: new Array<SignedVote | undefined>(setSize).fill(undefined),
  groups: new Map(),
  total: 0,
});

export type Added =
  | { readonly outcome: 'counted'; readonly group: Group }
  | { readonly outcome: 'repeated' }
  | { readonly outcome: 'conflict'; readonly first: SignedVote };

/** Counts a vote unless its validator has one here already. */
export function addVote(tally: Tally, vote: SignedVote, isMember: boolean): Added {
  const { validatorIndex: at } = vote;
  assert(at >= 0 && at < tally.votes.length, 'a place of the set');
  const key = keyOf(vote.blockHash);
  const first = tally.votes[at];
  if (first !== undefined)
    return keyOf(first.blockHash) === key
      ? { outcome: 'repeated' }
      : { outcome: 'conflict', first };
  tally.votes[at] = vote;
  tally.total += 1;
  let group = tally.groups.get(key);
  if (group === undefined) {
    group = { key, hash: vote.blockHash, count: 0, committeeCount: 0 };
    tally.groups.set(key, group);
  }
  group.count += 1;
  if (isMember) group.committeeCount += 1;
  return { outcome: 'counted', group };
}

export const countFor = (tally: Tally, key: string): number => tally.groups.get(key)?.count ?? 0;

/** Certificate of all votes of a group, or of those of `members` only. */
export function packGroup(tally: Tally, group: Group, members?: ReadonlySet<number>): Certificate {
  const chosen = tally.votes.filter(
    (v): v is SignedVote =>
      v !== undefined &&
      keyOf(v.blockHash) === group.key &&
      (members === undefined || members.has(v.validatorIndex)),
  );
  const [sample] = chosen;
  assert(sample !== undefined, 'a group has votes');
  const { step, height, round, blockHash } = sample;
  return packCertificate(
    { step, height, round, blockHash },
    tally.votes.length,
    chosen.map((v) => ({ index: v.validatorIndex, signature: v.signature })),
  );
}
