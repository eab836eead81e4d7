// What a vote of an honest validator presupposes: its lock (Tendermint), its own execution, and the
// gate of the committee (consensus 3.2 to 3.5). Judged on all votes ever signed.
import { PREVOTE } from '../../../core/src/vote.js';
import type { SignedVote } from '../../../consensus/src/input.js';
import { Violation } from '../watch.js';
import type { World } from '../world.js';
import { hashName, type VoteLedger } from './ledger.js';

export interface VotingCheck {
  executed(node: number, hash: string, valid: boolean): void;
  vote(node: number, vote: SignedVote): void;
}

interface Precommitted {
  readonly round: number;
  readonly hash: string;
}

export function createVotingCheck(world: World, ledger: VoteLedger): VotingCheck {
  const verdicts = new Map<string, boolean>();
  const locks = new Map<string, Precommitted>();

  /** A vote against the own lock needs a prevote quorum from the lock's round on. */
  const checkLock = (node: number, v: SignedVote, hash: string): void => {
    const lock = locks.get(`${node}/${v.height}`);
    if (lock === undefined || lock.hash === hash || v.round <= lock.round) return;
    const last = v.step === PREVOTE ? v.round - 1 : v.round;
    const proven = ledger.provenRounds(v.height, hash);
    if (!proven.some((round) => round >= lock.round && round <= last))
      throw new Violation('lock', `node ${node} left its lock at ${v.height}/${v.round}`);
  };

  const checkGate = (node: number, v: SignedVote, hash: string): void => {
    const { members, quorum } = world.committee(v.height, v.round);
    const executed = verdicts.get(`${node}/${hash}`);
    if (executed === false) throw new Violation('validity', `node ${node} prevoted a bad block`);
    if (members.has(node)) {
      if (executed !== true) throw new Violation('execution', `member ${node} did not execute`);
      return;
    }
    if (ledger.provenRounds(v.height, hash).some((round) => round < v.round)) return;
    const voters = [...ledger.prevoters(v.height, v.round, hash)].filter((i) => members.has(i));
    if (voters.length < quorum)
      throw new Violation('committee gate', `node ${node} prevoted ${v.height}/${v.round} early`);
  };

  return {
    executed(node, hash, valid) {
      verdicts.set(`${node}/${hash}`, valid);
    },
    vote(node, v) {
      if (v.blockHash.length === 0) return;
      const hash = hashName(v.blockHash);
      checkLock(node, v, hash);
      if (v.step === PREVOTE) return checkGate(node, v, hash);
      if (verdicts.get(`${node}/${hash}`) !== true)
        throw new Violation('execution', `node ${node} precommitted what it did not execute`);
      locks.set(`${node}/${v.height}`, { round: v.round, hash });
    },
  };
}
