// Keys of a local network. The nodes' keys are files of the node; those of homes and meters stay
// with whoever runs the network (a node never holds users' keys), in DIR/homes.json.
import { randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../../core/src/bytes.js';
import { publicKeyOf } from '../../../core/src/ed25519.js';
import { ProtocolError } from '../../../core/src/errors.js';
import type { PublicKey } from '../../../core/src/ids.js';

export interface Secret {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly publicKey: PublicKey;
}

export interface HomeKeys {
  readonly name: string;
  readonly owner: Secret;
  /** 12 digits. */
  readonly meterNumber: string;
  readonly meter: Secret;
}

export const newSecret = (): Secret => secretOf(new Uint8Array(randomBytes(32)));

export const secretOf = (seed: Uint8Array): Secret => ({ seed, publicKey: publicKeyOf(seed) });

export const newHomes = (names: readonly string[]): readonly HomeKeys[] =>
  names.map((name, i) => ({
    name,
    owner: newSecret(),
    meterNumber: String(i + 1).padStart(12, '0'),
    meter: newSecret(),
  }));

interface StoredHome {
  readonly name: string;
  readonly secret: string;
  readonly publicKey: string;
  readonly meter: { readonly number: string; readonly secret: string; readonly publicKey: string };
}

/** As it stands in DIR/homes.json: plain, for demo networks. */
export const storeHomes = (homes: readonly HomeKeys[]): readonly StoredHome[] =>
  homes.map(({ name, owner, meterNumber, meter }) => ({
    name,
    secret: toHex(owner.seed),
    publicKey: toHex(owner.publicKey),
    meter: { number: meterNumber, secret: toHex(meter.seed), publicKey: toHex(meter.publicKey) },
  }));

/** Throws FILE_FORMAT where the file is not one that storeHomes wrote. */
export function loadHomes(json: unknown): readonly HomeKeys[] {
  const refuse = (): never => {
    throw new ProtocolError('FILE_FORMAT', 'homes.json: not the list of homes of a local network');
  };
  const secret = (text: unknown): Secret => {
    const seed = typeof text === 'string' ? fromHex(text, 32) : undefined;
    return seed === undefined ? refuse() : secretOf(seed);
  };
  if (!Array.isArray(json)) return refuse();
  return json.map((home: Partial<StoredHome> | null) => {
    const { name, meter } = home ?? {};
    if (typeof name !== 'string' || typeof meter?.number !== 'string') return refuse();
    return {
      name,
      owner: secret(home?.secret),
      meterNumber: meter.number,
      meter: secret(meter.secret),
    };
  });
}
