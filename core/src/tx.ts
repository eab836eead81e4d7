// Transactions: native types with fixed fields (settlement 8), carried as
//   [kind, sender, validFrom, validUntil, salt, body, signature].
// The id is SHA-256 of ["tx", chainId, kind .. body] and the signature is over those bytes. They
// are cut from the received bytes, never encoded again (ecosystem section 4).
import type { ChainMs } from './amount.js';
import { concatBytes } from './bytes.js';
import {
  bin,
  bool,
  encode,
  encodeWire,
  type Field,
  i64,
  list,
  MISFIT,
  oneOf,
  optional,
  record,
  str,
  tryDecode,
  u32,
  u64,
  type ValueOf,
} from './codec/codec.js';
import {
  account,
  chainMs,
  energyWh,
  hash,
  market,
  money,
  period,
  price,
  publicKey,
  signature,
} from './fields.js';
import { type Hash, sha256 } from './hash.js';
import type { AccountId } from './ids.js';
import {
  MAX_CONTRACTS_PER_TX,
  MAX_FEEDER_LINES,
  MAX_PARTNERS,
  MAX_TX_BYTES,
  MAX_TX_ITEMS,
} from './limits.js';
import { listingFields } from './listing.js';
import { SIGNATURE_BYTES } from './ed25519.js';
import { Slab } from './slab.js';

export const side = oneOf('sell', 'buy');
export type Side = ValueOf<typeof side>;

/** Roles that an admission can give (consensus 1.2, 1.3). */
export const ROLES = [
  'prosumer',
  'grid',
  'regulator',
  'issuer',
  'full',
  'meter',
  'validator',
  'centre',
] as const;
export const role = oneOf(...ROLES);
export type Role = ValueOf<typeof role>;

const admit = record('admit', {
  market,
  publicKey,
  role: oneOf('prosumer', 'full', 'validator'),
  organisation: str(64),
  /** Connection, W. */
  pMaxImportW: u64,
  pMaxExportW: u64,
  green: bool,
  node: str(32),
  /** Chain ms; 0: does not run out. */
  expiresMs: chainMs,
  /** Salted commitment to personal data, which stays off the chain. */
  commitment: optional(hash),
});
const suspend = record('suspend', { market, account, reason: str(64) });
const readmit = record('readmit', { market, account });
const enrol = record('enrol', { market, node: str(32) });
const bindMeter = record('bindMeter', {
  market,
  participant: account,
  number: str(12),
  meterKey: publicKey,
  importWh: energyWh,
  exportWh: energyWh,
});
const issue = record('issue', {
  market,
  account,
  amount: money,
  reference: bin({ maxLength: 32 }),
});
const redeem = record('redeem', {
  market,
  account,
  amount: money,
  reference: bin({ maxLength: 32 }),
});
const transfer = record('transfer', {
  market,
  to: account,
  amount: money,
  memo: bin({ maxLength: 64 }),
});
const sealBid = record('sealBid', {
  market,
  period,
  biddingRound: u32,
  hash,
  /** Open at declaration in `call` (conventions "Sealed bid"), else nil. */
  side: optional(side),
  energyWh: optional(energyWh),
});
const revealBid = record('revealBid', {
  market,
  period,
  biddingRound: u32,
  side,
  energyWh,
  price,
  nonce: bin({ length: 16 }),
  activate: bool,
});
const order = record('order', {
  market,
  period,
  side,
  energyWh,
  price,
  /** Generation type; "" where the market trades one. */
  type: str(32),
  /** Commitment to the reservation price (two-round 4.12). */
  reserve: optional(hash),
  /** Contract whose energy is sold on (settlement 7.4). */
  right: optional(hash),
});
const reduce = record('reduce', {
  market,
  period,
  order: hash,
  /** What shall stand of it, less than now. */
  energyWh,
});
const adjust = record('adjust', {
  market,
  period,
  /** Quotes for steps 1..maxSteps of round 2, 10^-6 currency per kWh. */
  prices: list(u64, 64),
});
const cancel = record('cancel', { market, period, order: hash });
const correct = record('correct', {
  market,
  meter: account,
  /** End of the period whose registers were wrong, chain ms. */
  endMs: chainMs,
  importWh: energyWh,
  exportWh: energyWh,
  reason: str(64),
});
const reading = record('reading', {
  market,
  /** End of the period, chain ms. */
  endMs: chainMs,
  /** Cumulative registers, Wh. */
  importWh: energyWh,
  exportWh: energyWh,
  sequence: u64,
});

const activate = record('activate', {
  market,
  period,
  contracts: list(hash, MAX_CONTRACTS_PER_TX),
});
const forecast = record('forecast', {
  market,
  period,
  /** Import less export of the delivery period, Wh. */
  netWh: i64,
});
/** Seller [g, k, emin, emax], demand 0; buyer [demand], the rest 0. */
const flex = record('flex', {
  market,
  period,
  /** Energy for use or sale. */
  g: energyWh,
  /** Weight of own use, in money. */
  k: money,
  emin: energyWh,
  emax: energyWh,
  demand: energyWh,
});
const auction = record('auction', {
  market,
  period,
  biddingRound: u32,
  /** Of the auction of the sender's own node. */
  result: hash,
});
const choose = record('choose', {
  market,
  period,
  biddingRound: u32,
  /** nil: all that stands. */
  energyWh: optional(energyWh),
  /** In the order of preference; none: any. */
  partners: list(account, MAX_PARTNERS),
  decline: bool,
});
const contracts = list(hash, MAX_CONTRACTS_PER_TX);
const sign = record('sign', { market, period, contracts });
const confirm = record('confirm', { market, period, contracts });
const dispute = record('dispute', { market, period, contracts });
const resolve = record('resolve', {
  market,
  period,
  contract: hash,
  /** false: it counts as not delivered. */
  settled: bool,
});
const rate = record('rate', { market, period, contract: hash, good: bool });
const gridData = record('gridData', {
  market,
  /** By line of the feeder, Wh of one period, away from the grid positive. */
  baseWh: list(i64, MAX_FEEDER_LINES),
  c1: price,
  c2: price,
  c3: price,
  cUp: price,
  cDown: price,
  /** Currency per clean kWh, and in all of a period. */
  subsidy: price,
  budget: money,
});
const curtail = record('curtail', { market, period, line: str(32), energyWh });
const offer = record('offer', {
  market,
  side,
  energyWh,
  /** nil: to be talked about. */
  price: optional(price),
  firstPeriod: period,
  lastPeriod: period,
  /** Chain ms at which it lapses. */
  until: chainMs,
});
const list_ = record('list', {
  ...listingFields,
  /** Of the party that does not send it, over the same fields (tag "listing"). */
  signature,
});
const ballot = record('ballot', {
  market,
  period,
  /** A: before delivery, of a listing; B: after it, of a contract. */
  phase: oneOf('A', 'B'),
  contract: hash,
  /** Phase A: 1 for, 0 against. */
  bits: u32,
  /** Digest of the readings used; phase B only. */
  readings: optional(hash),
});
const confirmListing = record('confirmListing', { market, period, listing: hash });
const offerRight = record('offerRight', {
  market,
  period,
  contract: hash,
  energyWh,
  price,
  /** Chain ms at which it lapses. */
  until: chainMs,
});
const takeRight = record('takeRight', { market, period, offer: hash });

const offerPoints = record('offerPoints', {
  market,
  amount: money,
  /** SHA-256 of the text that says what legal money is asked for, and how it is paid. */
  terms: hash,
  /** Chain ms at which it lapses. */
  until: chainMs,
});
const takePoints = record('takePoints', { market, offer: hash });
const releasePoints = record('releasePoints', { market, offer: hash });
const transferCertificate = record('transferCertificate', { market, serial: u64, to: account });
const retireCertificate = record('retireCertificate', { market, serial: u64 });

/** Every transaction kind with the form of its body. */
export const BODIES = {
  admit,
  suspend,
  readmit,
  enrol,
  bindMeter,
  issue,
  redeem,
  transfer,
  sealBid,
  revealBid,
  order,
  reduce,
  adjust,
  cancel,
  reading,
  correct,
  activate,
  forecast,
  flex,
  auction,
  choose,
  sign,
  confirm,
  dispute,
  resolve,
  rate,
  gridData,
  curtail,
  offer,
  list: list_,
  ballot,
  confirmListing,
  offerRight,
  takeRight,
  offerPoints,
  takePoints,
  releasePoints,
  transferCertificate,
  retireCertificate,
} as const;

export type TxKind = keyof typeof BODIES;
export type BodyOf<K extends TxKind> = ValueOf<(typeof BODIES)[K]>;
export const TX_KINDS = Object.keys(BODIES) as readonly TxKind[];

/** What a sender signs, before it is bytes. */
export interface TxDraft<K extends TxKind = TxKind> {
  readonly kind: K;
  readonly sender: AccountId;
  readonly validFrom: ChainMs;
  readonly validUntil: ChainMs;
  /** 8 bytes; makes the id unique. */
  readonly salt: Uint8Array;
  readonly body: BodyOf<K>;
}

export interface TxOf<K extends TxKind> extends TxDraft<K> {
  readonly signature: Uint8Array;
  readonly bytes: Uint8Array;
  /** The bytes that were signed. */
  readonly signedBytes: Uint8Array;
  readonly id: Hash;
}
export type Tx = { [K in TxKind]: TxOf<K> }[TxKind];

const envelope = record('transaction', {
  kind: oneOf(...TX_KINDS),
  sender: account,
  validFrom: chainMs,
  validUntil: chainMs,
  salt: bin({ length: 8 }),
  body: {
    name: 'body',
    toWire: (wire: never) => wire,
    fromWire: (wire: unknown) => wire as never,
  } as Field<never>,
  signature,
});

/** A signature with what says so before it. */
const SIGNATURE_FIELD_BYTES = SIGNATURE_BYTES + 2;
const EIGHT_FIELDS = Uint8Array.of(0x98);
const TX_TAG = encodeWire('tx');
/** What stands before 32 bytes of bin: this runs for every transaction of every peer. */
const BIN_32 = encodeWire(new Uint8Array(32)).subarray(0, 2);

/** What stands before the chain id. */
const SIGNED_HEAD = concatBytes(EIGHT_FIELDS, TX_TAG, BIN_32);
/** Signed bytes live as long as their transaction waits, and about 15 share a piece. */
const slab = new Slab(4096);

function signedBytesOf(chainId: Hash, wire: Uint8Array): Uint8Array {
  const middle = wire.length - SIGNATURE_FIELD_BYTES;
  const out = slab.take(SIGNED_HEAD.length + chainId.length + middle - 1);
  out.set(SIGNED_HEAD);
  out.set(chainId, SIGNED_HEAD.length);
  out.set(wire.subarray(1, middle), SIGNED_HEAD.length + chainId.length);
  return out;
}

/** Bytes of a transaction that is not signed yet; `sign` gets the bytes to sign. */
export function buildTx<K extends TxKind>(
  chainId: Hash,
  draft: TxDraft<K>,
  sign: (bytes: Uint8Array) => Uint8Array,
): TxOf<K> {
  const schema = BODIES[draft.kind] as unknown as Field<BodyOf<K>>;
  const fields = { ...draft, body: schema.toWire(draft.body) as never };
  const unsigned = encode(envelope, { ...fields, signature: new Uint8Array(64) });
  const signedBytes = signedBytesOf(chainId, unsigned);
  const signature = sign(signedBytes);
  const bytes = unsigned.slice();
  bytes.set(signature, bytes.length - 64);
  return { ...draft, signature, bytes, signedBytes, id: sha256(signedBytes) };
}

/** The transaction, or undefined where the bytes are not a canonical one of a known kind. */
export function decodeTx(chainId: Hash, bytes: Uint8Array): Tx | undefined {
  const fields = tryDecode(envelope, bytes, { maxBytes: MAX_TX_BYTES, maxItems: MAX_TX_ITEMS });
  if (fields === undefined) return undefined;
  const body = (BODIES[fields.kind] as Field<unknown>).fromWire(fields.body);
  if (body === MISFIT) return undefined;
  const signedBytes = signedBytesOf(chainId, bytes);
  return txOver(fields, body as Tx['body'], { bytes, signedBytes, id: sha256(signedBytes) });
}

/**
 * Written out, one literal for all: a spread that adds names gives every object a hidden class of
 * its own (STYLE.md), and this one is read in a hundred places.
 */
function txOver(
  draft: Omit<TxDraft, 'body'>,
  body: Tx['body'],
  { bytes, signedBytes, id }: Pick<Tx, 'bytes' | 'signedBytes' | 'id'>,
): Tx {
  return {
    kind: draft.kind,
    sender: draft.sender,
    validFrom: draft.validFrom,
    validUntil: draft.validUntil,
    salt: draft.salt,
    body,
    signature: bytes.subarray(bytes.length - SIGNATURE_BYTES),
    bytes,
    signedBytes,
    id,
  } as Tx;
}

/** The same transaction over an equal copy of its bytes; those that it had are let go. */
export const overBytes = (tx: Tx, bytes: Uint8Array): Tx =>
  txOver(tx, tx.body, { bytes, signedBytes: tx.signedBytes, id: tx.id });

/** The id of a transaction by its bytes, which were decoded before. */
export const txIdOf = (chainId: Hash, bytes: Uint8Array): Hash =>
  sha256(signedBytesOf(chainId, bytes));

/** Identity of a boundary transaction (consensus 5a.1d). */
export const systemTxField = record('system transaction', {
  tag: oneOf('system'),
  chainId: hash,
  market,
  period,
  step: u32,
  part: u32,
});
export type SystemTx = ValueOf<typeof systemTxField>;
export const encodeSystemTx = (tx: SystemTx): Uint8Array => encode(systemTxField, tx);
