// The signed transactions of a home and its meter. What would be drawn at random (salt, nonce) is
// derived from the home's secret and the period: a run that goes on after a break makes the same
// bytes again, so it can open what it sealed and sends nothing twice.
import type { ChainMs, PeriodIndex, Price, WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { concatBytes, fromHex, toHex, utf8ToBytes } from '../../../core/src/bytes.js';
import { asHash, type Hash, sha256 } from '../../../core/src/hash.js';
import { type AccountId, accountIdOf, printAccount } from '../../../core/src/ids.js';
import { type ListingTerms, listingBytes } from '../../../core/src/listing.js';
import type { Mechanism } from '../../../core/src/markets.js';
import { sealBody } from '../../../core/src/seal.js';
import { type BodyOf, buildTx, type TxKind } from '../../../core/src/tx.js';
import type { CryptoBackend, KeyPair } from '../../../node/src/crypto/backend.js';
import type { HomeKeys } from '../network/keys.js';
import type { Bid } from './decide.js';

export interface Signed {
  /** Hex. */
  readonly id: string;
  readonly bytes: string;
}

/** Half-open in chain ms; validUntil is the last. */
export interface Window {
  readonly from: bigint;
  readonly until: bigint;
}

export interface Wallet {
  readonly name: string;
  /** bb1... */
  readonly account: string;
  seal(period: bigint, bid: Bid, window: Window): Signed;
  reveal(period: bigint, bid: Bid, window: Window): Signed;
  order(period: bigint, bid: Bid, window: Window): Signed;
  /** Quotes for the steps of round 2. */
  adjust(period: bigint, prices: readonly bigint[], window: Window): Signed;
  /** Signs contracts that were matched, or confirms what was delivered of them; ids. */
  about(kind: 'sign' | 'confirm', contracts: Contracts, window: Window): Signed;
  /** The signature of a listing that the other party sends. */
  countersign(terms: ListingTerms): Uint8Array;
  list(terms: ListingTerms, signature: Uint8Array, window: Window): Signed;
  /** Its second yes to a listing that was approved; id in hex. */
  confirmListing(period: bigint, listing: string, window: Window): Signed;
  read(reading: MeterReading, window: Window): Signed;
}

export interface Contracts {
  readonly period: bigint;
  readonly ids: readonly Hash[];
}

export interface MeterReading {
  readonly endMs: bigint;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly sequence: bigint;
}

interface Signer {
  readonly chainId: Hash;
  readonly sender: AccountId;
  readonly keys: KeyPair;
  readonly seed: Uint8Array;
}

const derive = (seed: Uint8Array, what: string): Uint8Array =>
  sha256(concatBytes(utf8ToBytes(`busbar-demo/${what}/`), seed));

function signed<K extends TxKind>(
  signer: Signer,
  tx: { readonly kind: K; readonly body: BodyOf<K>; readonly name: string },
  window: Window,
): Signed {
  const { kind, body, name } = tx;
  const draft = {
    kind,
    sender: signer.sender,
    validFrom: window.from as ChainMs,
    validUntil: window.until as ChainMs,
    salt: derive(signer.seed, `${kind}/${name}`).slice(0, 8),
    body,
  };
  const { id, bytes } = buildTx(signer.chainId, draft, (message) => signer.keys.sign(message));
  return { id: toHex(id), bytes: toHex(bytes) };
}

export interface WalletOptions {
  readonly chainId: Hash;
  readonly market: string;
  readonly mechanism: Mechanism;
  readonly backend: CryptoBackend;
}

/** Who signs, and for whom its meter does. */
export type WalletKeys = Pick<HomeKeys, 'name' | 'owner' | 'meter'>;

export function walletOf(home: WalletKeys, options: WalletOptions): Wallet {
  const { chainId, market, mechanism, backend } = options;
  const signerOf = (key: HomeKeys['owner']): Signer => ({
    chainId,
    sender: accountIdOf(chainId, key.publicKey),
    keys: backend.keyPair(key.seed),
    seed: key.seed,
  });
  const owner = signerOf(home.owner);
  const meter = signerOf(home.meter);
  const opening = (period: bigint, bid: Bid) => ({
    market,
    period: period as PeriodIndex,
    biddingRound: 1,
    side: bid.side,
    energyWh: bid.energyWh as WattHour,
    price: bid.price as Price,
    nonce: derive(owner.seed, `nonce/${period}`).slice(0, 16),
  });
  return {
    name: home.name,
    account: printAccount(owner.sender),
    seal(period, bid, window) {
      const sealed = { ...opening(period, bid), chainId, account: owner.sender };
      const body = sealBody(mechanism, sealed);
      return signed(owner, { kind: 'sealBid', body, name: String(period) }, window);
    },
    reveal(period, bid, window) {
      // Read in a neighbourhood market alone: what clears counts as activated.
      const body = { ...opening(period, bid), activate: true };
      return signed(owner, { kind: 'revealBid', body, name: String(period) }, window);
    },
    order(period, bid, window) {
      const { nonce: _, biddingRound: __, ...open } = opening(period, bid);
      const body = { ...open, type: '', reserve: undefined, right: undefined };
      return signed(owner, { kind: 'order', body, name: String(period) }, window);
    },
    adjust(period, prices, window) {
      const body = { market, period: period as PeriodIndex, prices };
      return signed(owner, { kind: 'adjust', body, name: String(period) }, window);
    },
    about(kind, { period, ids }, window) {
      const body = { market, period: period as PeriodIndex, contracts: ids };
      const name = `${period}/${ids.map(toHex).join(',')}`;
      return signed(owner, { kind, body, name }, window);
    },
    countersign: (terms) => owner.keys.sign(listingBytes(chainId, terms)),
    list(terms, signature, window) {
      const name = `${terms.period}/${printAccount(terms.buyer)}`;
      return signed(owner, { kind: 'list', body: { ...terms, signature }, name }, window);
    },
    confirmListing(period, listing, window) {
      const id = asHash(present(fromHex(listing, 32), 'the id of a listing'));
      const body = { market, period: period as PeriodIndex, listing: id };
      return signed(owner, { kind: 'confirmListing', body, name: listing }, window);
    },
    read({ endMs, importWh, exportWh, sequence }, window) {
      const registers = { importWh: importWh as WattHour, exportWh: exportWh as WattHour };
      const body = { market, endMs: endMs as ChainMs, ...registers, sequence };
      return signed(meter, { kind: 'reading', body, name: String(endMs) }, window);
    },
  };
}
