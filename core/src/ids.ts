// Ids: of accounts (20 bytes, printed in bech32m with prefix "bb"), of chains and transactions.
import { bech32m } from '@scure/base';
import { utf8ToBytes } from './bytes.js';
import { encodeWire } from './codec/codec.js';
import { ProtocolError } from './errors.js';
import { type Hash, sha256 } from './hash.js';

declare const id: unique symbol;
/** 20 bytes. */
export type AccountId = Uint8Array & { readonly [id]: 'account' };
/** 32 bytes, Ed25519. */
export type PublicKey = Uint8Array & { readonly [id]: 'key' };

export const ACCOUNT_ID_BYTES = 20;
export const PUBLIC_KEY_BYTES = 32;

const firstBytes = (hash: Hash): AccountId => hash.slice(0, ACCOUNT_ID_BYTES) as AccountId;

/** First 20 bytes of SHA-256(["account", chainId, first public key]). */
export const accountIdOf = (chainId: Hash, firstKey: PublicKey): AccountId =>
  firstBytes(sha256(encodeWire(['account', chainId, firstKey])));

/** The chain's own accounts ("pool:reward" ...) have a name where others have a key. */
export const systemAccountId = (chainId: Hash, name: string): AccountId =>
  firstBytes(sha256(encodeWire(['account', chainId, name])));

/** In files an account is any text (conventions "Sealed bid"). */
export const fileAccountId = (text: string): AccountId => firstBytes(sha256(utf8ToBytes(text)));

export const printAccount = (account: AccountId): string =>
  bech32m.encode('bb', bech32m.toWords(account));

/** Throws ProtocolError NOT_FOUND where the text is no account id. */
export function parseAccount(text: string): AccountId {
  const refuse = (): never => {
    throw new ProtocolError('NOT_FOUND', 'not an account id (bb1...)', {
      account: text.slice(0, 80),
    });
  };
  if (!text.startsWith('bb1')) return refuse();
  const decoded = bech32m.decodeUnsafe(text as `bb1${string}`);
  if (decoded === undefined) return refuse();
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  if (!bytes || bytes.length !== ACCOUNT_ID_BYTES) return refuse();
  return bytes as AccountId;
}
