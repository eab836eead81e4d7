// Every vote that was ever signed by anybody, honest or not, as the checkers count them.
import { toHex } from '../../../core/src/bytes.js';
import { PREVOTE } from '../../../core/src/vote.js';
import type { SignedVote } from '../../../consensus/src/input.js';

export interface VoteLedger {
  add(vote: SignedVote): void;
  /** Validators that prevoted this block in this round. */
  prevoters(height: bigint, round: number, hash: string): ReadonlySet<number>;
  /** Rounds of a height with a prevote quorum for the block. */
  provenRounds(height: bigint, hash: string): readonly number[];
}

export const hashName = (hash: Uint8Array): string => toHex(hash);

export function createVoteLedger(quorum: number): VoteLedger {
  const prevotes = new Map<string, Set<number>>();
  const proven = new Map<string, number[]>();
  const none: ReadonlySet<number> = new Set();
  return {
    add(vote) {
      if (vote.step !== PREVOTE || vote.blockHash.length === 0) return;
      const hash = hashName(vote.blockHash);
      const name = `${vote.height}/${vote.round}/${hash}`;
      const voters = prevotes.get(name) ?? new Set<number>();
      prevotes.set(name, voters);
      if (voters.has(vote.validatorIndex)) return;
      voters.add(vote.validatorIndex);
      if (voters.size !== quorum) return;
      const block = `${vote.height}/${hash}`;
      proven.set(block, [...(proven.get(block) ?? []), vote.round]);
    },
    prevoters: (height, round, hash) => prevotes.get(`${height}/${round}/${hash}`) ?? none,
    provenRounds: (height, hash) => proven.get(`${height}/${hash}`) ?? [],
  };
}
