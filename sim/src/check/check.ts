// All checkers behind one Watch; what byzantine nodes do is counted but not judged.
import type { Coverage } from '../coverage.js';
import { Violation, type Watch } from '../watch.js';
import type { World } from '../world.js';
import { createFinalityCheck, type FinalityCheck, type FinalityNeeds } from './finality.js';
import { createVoteLedger, hashName, type VoteLedger } from './ledger.js';
import { createSigningCheck } from './signing.js';
import { createVotingCheck } from './voting.js';

export interface CheckNeeds extends FinalityNeeds {
  readonly world: World;
  readonly coverage: Coverage;
  readonly byzantine: ReadonlySet<number>;
}

export interface Checks {
  readonly watch: Watch;
  readonly ledger: VoteLedger;
  readonly finality: FinalityCheck;
}

export function createChecks(needs: CheckNeeds): Checks {
  const { world, byzantine, coverage } = needs;
  const ledger = createVoteLedger(world.quorum);
  const finality = createFinalityCheck(needs);
  const signing = createSigningCheck(world);
  const voting = createVotingCheck(world, ledger);
  const isHonest = (node: number): boolean => !byzantine.has(node);
  const watch: Watch = {
    signedVote(node, vote) {
      if (isHonest(node)) {
        signing.vote(node, vote);
        voting.vote(node, vote);
      }
      ledger.add(vote);
    },
    signedProposal: (node, proposal) => {
      if (isHonest(node)) signing.proposal(node, proposal);
    },
    publishesVote: (node, vote, disk) => {
      if (isHonest(node)) signing.publishes(node, vote, disk);
    },
    executed: (node, hash, valid) => voting.executed(node, hashName(hash), valid),
    confirmed: (node, certificate) => {
      coverage.count('confirmed');
      finality.confirmed(node, certificate);
    },
    appended: (node, entry) => finality.appended(node, entry),
    equivocation: (_, validator) => {
      coverage.count('equivocationSeen');
      if (isHonest(validator)) throw new Violation('framed', `validator ${validator} is honest`);
    },
    alarm: (node, what) => {
      throw new Violation('alarm', `node ${node}: ${what}`);
    },
  };
  return { watch, ledger, finality };
}
