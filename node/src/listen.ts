// Before it signs anything a validator listens for a moment whether another process signs with its
// key (consensus 8.3), and with a doubtful sign-state it does not vote until a height that it
// provably has not signed (8.4).
import type { PublicKey } from '../../core/src/ids.js';
import { faultyOf, quorumOf } from '../../core/src/validators.js';
import { toHex } from '../../core/src/bytes.js';
import { decodeBlock } from '../../core/src/block.js';
import { decodeCertificate, PRECOMMIT, type VoteStep } from '../../core/src/vote.js';
import type { Resume } from '../../consensus/src/input.js';
import type { BlockCache } from './blocks.js';
import { LAST_ROUND, type SignEntry } from './signer/signState.js';
import type { Signer } from './signer/signer.js';
import type { Timers } from './ports.js';

export const LISTEN_MS = 2000;

export interface ListenNeeds {
  readonly timers: Timers;
  readonly validators: readonly PublicKey[];
}

/** Statuses of the others as they come in. */
export class Listener {
  readonly #needs: ListenNeeds;
  readonly #tips = new Map<string, bigint>();
  #done: (() => void) | undefined;

  constructor(needs: ListenNeeds) {
    this.#needs = needs;
  }

  /** Resolves after LISTEN_MS, or with the status of f+1 other validators. */
  wait(): Promise<void> {
    if (this.#enough()) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#needs.timers.after(LISTEN_MS, resolve);
      this.#done = () => {
        cancel();
        resolve();
      };
    });
  }

  status(peer: PublicKey, tipHeight: bigint): void {
    if (!this.#needs.validators.some((key) => toHex(key) === toHex(peer))) return;
    const known = this.#tips.get(toHex(peer)) ?? -1n;
    if (tipHeight > known) this.#tips.set(toHex(peer), tipHeight);
    if (this.#enough()) this.#done?.();
  }

  #enough(): boolean {
    return this.#tips.size >= faultyOf(this.#needs.validators.length) + 1;
  }

  highestTip(): bigint {
    let highest = 0n;
    for (const tip of this.#tips.values()) if (tip > highest) highest = tip;
    return highest;
  }

  /** T + 3 once a quorum of the set (without itself) has told its tip, else undefined (8.4). */
  safeHeight(): bigint | undefined {
    if (this.#tips.size < quorumOf(this.#needs.validators.length)) return undefined;
    return this.highestTip() + 3n;
  }
}

/** Whether a vote of the own key is newer than the sign-state knows. */
export function isNewer(
  vote: { readonly height: bigint; readonly round: number; readonly step: VoteStep },
  last: SignEntry | undefined,
): boolean {
  if (last === undefined) return true;
  if (vote.height !== last.height) return vote.height > last.height;
  if (vote.round !== last.round) return vote.round > last.round;
  return last.step !== 'precommit' && (vote.step === PRECOMMIT || last.step === 'proposal');
}

/** What the files outside the database say, for the machine; the locked block is put at hand. */
export function resumeOf(signer: Signer, blocks: BlockCache): Omit<Resume, 'kind'> {
  const signed = signer.recent
    .filter(({ round }) => round !== LAST_ROUND)
    .map(({ height, round, step, blockHash }) => ({ height, round, step, blockHash }));
  const record = signer.lock;
  const proof = record && decodeCertificate(record.proofBytes);
  const block = record && decodeBlock(record.blockBytes);
  if (record === undefined || proof === undefined || block === undefined) return { signed };
  blocks.put(block);
  const { height, round, blockHash } = record;
  return { signed, lock: { height, round, blockHash, proof } };
}
