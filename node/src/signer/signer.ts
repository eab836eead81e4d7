// The one place where consensus messages are signed: lock record, sign-state and key together, so
// that no signature leaves before both files are on the disk (consensus 3.5, 6.1).
// When a node may vote again after a lost sign-state is decided by its caller (8.4).
import { join } from 'node:path';
import { ProtocolError } from '../../../core/src/errors.js';
import { sha256 } from '../../../core/src/hash.js';
import type { PublicKey } from '../../../core/src/ids.js';
import type { KeyPair } from '../crypto/backend.js';
import { type Device, openFileDevice } from './device.js';
import { LockFile, type LockRecord } from './lockFile.js';
import { SignState, type SignEntry, type SignStep } from './signState.js';

/** Why nothing may be signed, or 'good'. */
export type SignerState = 'good' | 'missing' | 'damaged' | 'lock-missing';

export interface SignPlace {
  readonly height: bigint;
  readonly round: number;
  readonly step: SignStep;
  /** What is signed for; empty: nil. */
  readonly blockHash: Uint8Array;
}

export interface Signer {
  readonly publicKey: PublicKey;
  /** The lock written last; in force if its height is not decided yet. */
  readonly lock: LockRecord | undefined;
  /** What was signed last, for a restart in the same round and step (3.6e). */
  readonly last: SignEntry | undefined;
  /** Entries of the two slots, newest first. */
  readonly recent: readonly SignEntry[];
  /** Doubtful when the newest entry is above `tipHeight` and names a lock that is not there. */
  stateAt(tipHeight: bigint): SignerState;
  /** Durable when it returns. */
  writeLock(lock: LockRecord): void;
  /** Signs once the sign-state is durable; throws DOUBLE_SIGN, SIGN_STATE or STORE_WRITE. */
  signVote(place: SignPlace, bytes: Uint8Array): Uint8Array;
  /** For what may be signed twice (status, open, transactions): no sign-state. */
  signOther(bytes: Uint8Array): Uint8Array;
  /** A new sign-state: nothing at or below `height` will be signed (8.4). */
  found(height: bigint): void;
  close(): void;
}

export interface SignerOptions {
  readonly keyPair: KeyPair;
  readonly signStateDevice: Device;
  readonly lockDevice: Device;
}

export const SIGN_STATE_FILE = 'sign-state';
export const LOCK_FILE = 'lock-record';

/** Signer over the two files in `dir`, which are outside the database. */
export const openSigner = (dir: string, keyPair: KeyPair): Signer =>
  createSigner({
    keyPair,
    signStateDevice: openFileDevice(join(dir, SIGN_STATE_FILE)),
    lockDevice: openFileDevice(join(dir, LOCK_FILE)),
  });

export function createSigner(options: SignerOptions): Signer {
  const { keyPair } = options;
  const signState = new SignState(options.signStateDevice);
  const lockFile = new LockFile(options.lockDevice);
  let doubtful = false;
  const stateAt = (tipHeight: bigint): SignerState => {
    if (signState.state !== 'good') return signState.state;
    const last = signState.last;
    if (last === undefined || last.height <= tipHeight) return 'good';
    const named = last.lockChecksum;
    return named.length === 0 || lockFile.has(named) ? 'good' : 'lock-missing';
  };
  return {
    publicKey: keyPair.publicKey,
    get lock() {
      return lockFile.newest;
    },
    get last() {
      return signState.last;
    },
    get recent() {
      return signState.recent;
    },
    stateAt(tipHeight) {
      const state = stateAt(tipHeight);
      doubtful = state !== 'good';
      return state;
    },
    writeLock: (lock) => lockFile.write(lock),
    signVote(place, bytes) {
      if (doubtful) throw new ProtocolError('SIGN_STATE', 'the lock named by it is missing');
      const lockChecksum = lockFile.checksumAt(place.height);
      signState.guard({ ...place, digest: sha256(bytes), lockChecksum });
      return keyPair.sign(bytes);
    },
    signOther: (bytes) => keyPair.sign(bytes),
    found(height) {
      signState.found(height);
      doubtful = false;
    },
    close() {
      signState.close();
      lockFile.close();
    },
  };
}
