// A network of links that lose, delay, double, reorder and cut, as the profile of the run says.
import { PRECOMMIT } from '../../core/src/vote.js';
import type { Coverage } from './coverage.js';
import type { Message } from './messages.js';
import type { Prng } from './prng.js';
import type { EventQueue } from './queue.js';

export interface LinkFaults {
  /** Probability that a message is lost. */
  loss: number;
  /** Probability that it arrives twice. */
  duplicate: number;
  /** Probability that a new transaction reaches a node. */
  reach: number;
  /** Nodes that no proposal reaches: they vote nil, so that quorums are tight. */
  deaf: ReadonlySet<number>;
  /** Nodes that no prevote reaches: they propose without knowing what others are locked on. */
  blind: ReadonlySet<number>;
  /** Probabilities of losing these besides: blocks get locked by some, and are not decided. */
  prevoteLoss: number;
  precommitLoss: number;
  /** Greatest additional delay of a vote, virtual ms: quorums come after the timeouts. */
  voteDelayMs: number;
  /** Least and greatest delay, virtual ms; a wide range reorders. */
  delayMs: readonly [number, number];
}

export interface Network {
  readonly faults: LinkFaults;
  send(from: number, to: number, message: Message): void;
  /** Sides of a partition by node; equal numbers reach each other. */
  partition(sides: readonly number[] | undefined): void;
  isConnected(a: number, b: number): boolean;
}

export interface NetworkNeeds {
  readonly queue: EventQueue;
  readonly prng: Prng;
  readonly coverage: Coverage;
  readonly deliver: (to: number, from: number, message: Message) => void;
}

/** The step of a vote or certificate. */
function stepOf(m: Message): number | undefined {
  if (m.type === 'vote') return m.vote.step;
  return m.type === 'certificate' ? m.certificate.step : undefined;
}

export function createNetwork(needs: NetworkNeeds): Network {
  const { queue, prng, coverage } = needs;
  const faults: LinkFaults = {
    loss: 0,
    duplicate: 0,
    reach: 0.8,
    deaf: new Set(),
    blind: new Set(),
    prevoteLoss: 0,
    precommitLoss: 0,
    voteDelayMs: 0,
    delayMs: [1, 5],
  };
  let sides: readonly number[] | undefined;
  const isConnected = (a: number, b: number): boolean =>
    sides === undefined || sides[a] === sides[b];
  const lossOf = (to: number, message: Message): number => {
    const step = stepOf(message);
    if (step === undefined) return message.type === 'proposal' && faults.deaf.has(to) ? 1 : 0;
    if (step === PRECOMMIT) return faults.precommitLoss;
    return faults.blind.has(to) ? 1 : faults.prevoteLoss;
  };
  const carry = (from: number, to: number, message: Message): void => {
    const late = faults.voteDelayMs > 0 && message.type === 'vote';
    if (late) coverage.count('voteLate');
    const more = late ? prng.between(0, faults.voteDelayMs) : 0;
    const delay = prng.between(faults.delayMs[0], faults.delayMs[1]) + more;
    queue.after(delay, () => {
      if (isConnected(from, to)) needs.deliver(to, from, message);
      else coverage.count('cut');
    });
  };
  return {
    faults,
    isConnected,
    partition: (next) => {
      sides = next;
      coverage.count(next === undefined ? 'healed' : 'partition');
    },
    send(from, to, message) {
      if (!isConnected(from, to)) return coverage.count('cut');
      if (faults.loss > 0 && prng.chance(faults.loss)) return coverage.count('lost');
      const loss = lossOf(to, message);
      if (loss > 0 && prng.chance(loss)) return coverage.count('voteLost');
      carry(from, to, message);
      if (faults.duplicate > 0 && prng.chance(faults.duplicate)) {
        coverage.count('duplicated');
        carry(from, to, message);
      }
    },
  };
}
