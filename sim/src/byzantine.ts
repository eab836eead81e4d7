// Nodes that lie: a validator that votes two ways, a centre that proposes two blocks of one round.
// The liar runs the sound machine; what it says to whom is bent on the way out, with its own key.
import { NIL, PREVOTE } from '../../core/src/vote.js';
import type { SignedVote } from '../../consensus/src/input.js';
import { makeBlock, type ToyBlock } from './application.js';
import type { VoteLedger } from './check/ledger.js';
import type { Coverage } from './coverage.js';
import type { Ring } from './keys.js';
import type { Message, ProposalWire } from './messages.js';
import type { Policy } from './node.js';
import type { Prng } from './prng.js';
import type { World } from './world.js';

export interface ByzantineNeeds {
  readonly node: number;
  readonly world: World;
  readonly prng: Prng;
  readonly coverage: Coverage;
  readonly ring: Ring;
  readonly ledger: () => VoteLedger;
  /** Probability that a vote or proposal is bent for one receiver. */
  readonly lies: number;
}

/** Says the truth to some and something else to others. */
export function createLiar(needs: ByzantineNeeds): Policy {
  const { prng, lies } = needs;
  /** Blocks seen, to vote for another than the own choice. */
  const seen: SignedVote[] = [];
  const twins = new Map<string, ToyBlock>();
  return (to, message) => {
    if (message.type === 'vote') return bendVote(needs, seen, message);
    if (message.type === 'proposal') return bendProposal(needs, twins, { to, message });
    if (message.type !== 'block') return message;
    const twin = twins.get(`${to} ${message.block.header.round} ${message.block.header.height}`);
    if (twin !== undefined) return { type: 'block', block: twin };
    // Sometimes the bytes of a block are kept back.
    return prng.chance(lies / 4) ? undefined : message;
  };
}

type VoteSent = Extract<Message, { type: 'vote' }>;

function bendVote(n: ByzantineNeeds, seen: SignedVote[], message: VoteSent): Message | undefined {
  const { vote } = message;
  if (vote.validatorIndex !== n.node) return message;
  if (vote.blockHash.length > 0) {
    seen.push(vote);
    if (seen.length > 8) seen.shift();
  }
  if (!n.prng.chance(n.lies)) return message;
  n.coverage.count('lies');
  if (n.prng.chance(0.2)) return undefined;
  const others = seen.filter((v) => v.height === vote.height).map((v) => v.blockHash);
  const blockHash = n.prng.pick([NIL, ...others]);
  const { step, height, round, validatorIndex } = vote;
  const signature = n.ring.sign({
    kind: step === PREVOTE ? 'prevote' : 'precommit',
    signer: n.world.keyOf(n.node),
    height,
    round,
    hash: blockHash,
    validRound: 0,
  });
  const lie: SignedVote = { step, height, round, blockHash, validatorIndex, signature };
  n.ledger().add(lie);
  return { type: 'vote', vote: lie };
}

/** A second block of the same round, for half of the receivers. */
function bendProposal(
  n: ByzantineNeeds,
  twins: Map<string, ToyBlock>,
  sent: { readonly to: number; readonly message: ProposalWire },
): Message {
  const { to, message } = sent;
  if (message.validRound > 0 || to % 2 === 0 || !n.prng.chance(n.lies)) return message;
  n.coverage.count('twins');
  const { height, round, timeMs, proposer, parentHash } = message.header;
  const block = makeBlock({
    height,
    round,
    timeMs: timeMs + 1n,
    proposer,
    parentHash,
    ids: [],
    isBad: n.prng.chance(0.2),
  });
  twins.set(`${to} ${round} ${height}`, block);
  const signature = n.ring.sign({
    kind: 'proposal',
    signer: n.world.keyOf(n.node),
    height,
    round,
    hash: block.header.hash,
    validRound: 0,
  });
  return { ...message, header: block.header, signature };
}
