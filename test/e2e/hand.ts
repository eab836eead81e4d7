// The transactions of one home and its meter, built with the core alone from the keys of
// homes.json, as a program outside would.
import { randomBytes } from 'node:crypto';
import type { ChainMs, Money, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import { sign } from '../../core/src/ed25519.js';
import type { Hash } from '../../core/src/hash.js';
import { type AccountId, accountIdOf, printAccount } from '../../core/src/ids.js';
import { sealedBidHash } from '../../core/src/seal.js';
import { type BodyOf, buildTx, type Side, type TxKind, type TxOf } from '../../core/src/tx.js';
import type { HomeKeys, Secret } from '../../cli/src/network/keys.js';

export const MARKET = 'spot';
/** Chain ms; the longest that the default parameters allow. */
export const WINDOW_MS = 3_600_000n;

/** Chain ms, both ends in it. */
export interface Window {
  readonly from: bigint;
  readonly until: bigint;
}

export const windowFrom = (from: bigint): Window => ({ from, until: from + WINDOW_MS });

export interface Bid {
  readonly period: bigint;
  readonly side: Side;
  readonly energyWh: bigint;
  /** Base units per kWh. */
  readonly price: bigint;
}

export interface Registers {
  readonly endMs: bigint;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly sequence: bigint;
}

export class Signer {
  readonly id: AccountId;
  readonly #secret: Secret;
  readonly #chainId: Hash;

  constructor(secret: Secret, chainId: Hash) {
    this.#secret = secret;
    this.#chainId = chainId;
    this.id = accountIdOf(chainId, secret.publicKey);
  }

  /** bb1... */
  get account(): string {
    return printAccount(this.id);
  }

  tx<K extends TxKind>(kind: K, body: BodyOf<K>, window: Window): TxOf<K> {
    return this.txAs(this.id, kind, { body, window });
  }

  /** In the name of an account that may be another's. */
  txAs<K extends TxKind>(
    sender: AccountId,
    kind: K,
    { body, window }: { readonly body: BodyOf<K>; readonly window: Window },
  ): TxOf<K> {
    const draft = {
      kind,
      sender,
      validFrom: window.from as ChainMs,
      validUntil: window.until as ChainMs,
      salt: new Uint8Array(randomBytes(8)),
      body,
    };
    return buildTx(this.#chainId, draft, (bytes) => sign(this.#secret.seed, bytes));
  }
}

export class Hand {
  readonly name: string;
  readonly owner: Signer;
  readonly meter: Signer;
  readonly #chainId: Hash;
  readonly #nonces = new Map<bigint, Uint8Array>();

  constructor(home: HomeKeys, chainId: Hash) {
    this.name = home.name;
    this.#chainId = chainId;
    this.owner = new Signer(home.owner, chainId);
    this.meter = new Signer(home.meter, chainId);
  }

  transfer(to: AccountId, amount: bigint, window: Window): TxOf<'transfer'> {
    const body = { market: '', to, amount: amount as Money, memo: new Uint8Array(0) };
    return this.owner.tx('transfer', body, window);
  }

  seal(bid: Bid, window: Window): TxOf<'sealBid'> {
    const { price, nonce, ...open } = this.#opening(bid);
    const sealed = { ...open, price, nonce, chainId: this.#chainId, account: this.owner.id };
    return this.owner.tx('sealBid', { ...open, hash: sealedBidHash(sealed) }, window);
  }

  reveal(bid: Bid, window: Window): TxOf<'revealBid'> {
    return this.owner.tx('revealBid', { ...this.#opening(bid), activate: false }, window);
  }

  read({ endMs, importWh, exportWh, sequence }: Registers, window: Window): TxOf<'reading'> {
    const body = {
      market: MARKET,
      endMs: endMs as ChainMs,
      importWh: importWh as WattHour,
      exportWh: exportWh as WattHour,
      sequence,
    };
    return this.meter.tx('reading', body, window);
  }

  #opening({ period, side, energyWh, price }: Bid) {
    const nonce = this.#nonces.get(period) ?? new Uint8Array(randomBytes(16));
    this.#nonces.set(period, nonce);
    return {
      market: MARKET,
      period: period as PeriodIndex,
      biddingRound: 1,
      side,
      energyWh: energyWh as WattHour,
      price: price as Price,
      nonce,
    };
  }
}

export const hexOf = (tx: { readonly bytes: Uint8Array }): string => toHex(tx.bytes);
