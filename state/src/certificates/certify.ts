// Green certificates (market-reputation 1.12): the oldest 1,000 labels that an account has bought
// become one, with a serial of the chain and its origin by meter and period. It changes hands as a
// whole and is retired once. Who may do that: tx/certificates.ts.
import type { ChainMs } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { encode } from '../../../core/src/codec/codec.js';
import { type Hash, sha256 } from '../../../core/src/hash.js';
import type { AccountId } from '../../../core/src/ids.js';
import { LABELS_PER_CERTIFICATE } from '../../../core/src/limits.js';
import type { Ledger } from '../ledger/ledger.js';
import type { World } from '../world.js';
import { queueOf, storedRange, takeOldest } from './queue.js';
import { CERTIFICATES, CERTIFIED, HOLDINGS, ORIGINS } from './tables.js';

export interface CertifyAt {
  readonly world: World;
  readonly ledger: Ledger;
  /** Time of the block. */
  readonly timeMs: ChainMs;
}

/** SHA-256 of the canonical bytes of its origin: what a line of the certificate names. */
function originHash(world: World, serial: bigint): Hash {
  const origin = present(world.get(ORIGINS, serial), 'a certificate has its origin');
  return sha256(encode(ORIGINS.value, origin));
}

export const certifiedOf = (world: World) => world.get(CERTIFIED, '') ?? { made: 0n, retired: 0n };

/** Certificates of the labels that an account holds. */
export function certifyHeld(at: CertifyAt, account: AccountId): void {
  const { world, timeMs: madeMs } = at;
  const held = { account, queue: 'held' } as const;
  const size = BigInt(LABELS_PER_CERTIFICATE);
  while (queueOf(world, held).count >= size) {
    const ranges = takeOldest(world, held, size).map(storedRange);
    const { made, retired } = certifiedOf(world);
    const serial = made + 1n;
    world.set(CERTIFIED, '', { made: serial, retired });
    world.set(CERTIFICATES, serial, { owner: account, retired: false, madeMs });
    world.set(ORIGINS, serial, { ranges });
    world.set(HOLDINGS, { owner: account, serial }, { retired: false });
    certificateLine(at, { event: 'made', account, serial });
  }
}

interface Told {
  readonly event: 'made' | 'sent' | 'received' | 'retired';
  readonly account: AccountId;
  readonly other?: AccountId;
  readonly serial: bigint;
}

function certificateLine({ world, ledger }: Omit<CertifyAt, 'timeMs'>, told: Told): void {
  const { event, account, other = new Uint8Array(0), serial } = told;
  const fields = [serial, event, other, originHash(world, serial)];
  ledger.line({ kind: 'certificate', account, fields });
}

/** Hands a certificate over; it is not retired. */
export function handOver(
  at: Omit<CertifyAt, 'timeMs'>,
  { serial, to }: { readonly serial: bigint; readonly to: AccountId },
): void {
  const { world } = at;
  const before = present(world.get(CERTIFICATES, serial), 'checked');
  const { owner: from } = before;
  world.set(CERTIFICATES, serial, { ...before, owner: to });
  world.delete(HOLDINGS, { owner: from, serial });
  world.set(HOLDINGS, { owner: to, serial }, { retired: false });
  certificateLine(at, { event: 'sent', account: from, other: to, serial });
  certificateLine(at, { event: 'received', account: to, other: from, serial });
}

/** Ends a certificate for ever: its kWh are claimed by its owner. */
export function retire(at: Omit<CertifyAt, 'timeMs'>, serial: bigint): void {
  const { world } = at;
  const before = present(world.get(CERTIFICATES, serial), 'checked');
  const { made, retired } = certifiedOf(world);
  world.set(CERTIFICATES, serial, { ...before, retired: true });
  world.set(HOLDINGS, { owner: before.owner, serial }, { retired: true });
  world.set(CERTIFIED, '', { made, retired: retired + 1n });
  certificateLine(at, { event: 'retired', account: before.owner, serial });
}
