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
  /** Probability that a precommit is lost: blocks get locked and not decided. */
  precommitLoss: number;
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

/** A precommit, alone or in a certificate. */
const isPrecommit = (m: Message): boolean =>
  (m.type === 'vote' && m.vote.step === PRECOMMIT) ||
  (m.type === 'certificate' && m.certificate.step === PRECOMMIT);

export function createNetwork(needs: NetworkNeeds): Network {
  const { queue, prng, coverage } = needs;
  const faults: LinkFaults = { loss: 0, duplicate: 0, precommitLoss: 0, delayMs: [1, 5] };
  let sides: readonly number[] | undefined;
  const isConnected = (a: number, b: number): boolean =>
    sides === undefined || sides[a] === sides[b];
  const carry = (from: number, to: number, message: Message): void => {
    const delay = prng.between(faults.delayMs[0], faults.delayMs[1]);
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
      if (faults.precommitLoss > 0 && isPrecommit(message) && prng.chance(faults.precommitLoss))
        return coverage.count('precommitLost');
      carry(from, to, message);
      if (faults.duplicate > 0 && prng.chance(faults.duplicate)) {
        coverage.count('duplicated');
        carry(from, to, message);
      }
    },
  };
}
