// A negotiated contract as both parties sign it (market-bilateral L2), and how contracts of every
// market are named. What was said before is off the chain; of it there is one hash.
import { concatBytes, u64be } from './bytes.js';
import { encodeWire, optional, record, u32, type ValueOf } from './codec/codec.js';
import { account, energyWh, hash, market, period, price } from './fields.js';
import { asHash, type Hash, sha256 } from './hash.js';

/** Fields of the transaction `list` that the other party signs too. */
export const listingFields = {
  market,
  /** First delivery period. */
  period,
  seller: account,
  buyer: account,
  /** How many periods, 1..96: one contract each. */
  count: u32,
  /** Per period. */
  energyWh,
  price,
  /** Contract of the running period in whose place it stands (L5). */
  replaces: optional(hash),
  /** Commitment to what the two agreed on beside this. */
  noteHash: hash,
};
const listingField = record('listing', listingFields);
export type ListingTerms = ValueOf<typeof listingField>;

/** What the party that does not send the listing signs: ["listing", chainId, fields]. */
export function listingBytes(chainId: Hash, terms: ListingTerms): Uint8Array {
  const fields = listingField.toWire(terms) as readonly (string | bigint | number | null)[];
  return encodeWire(['listing', chainId, ...fields]);
}

export interface ContractKey {
  /** The market that settles it. */
  readonly market: string;
  readonly period: bigint;
  /** Place among the trades of the period. */
  readonly index: bigint;
}

const PREFIX_BYTES = 16;

const prefixOf = (chainId: Hash, market: string): Uint8Array =>
  sha256(encodeWire(['contract', chainId, market])).subarray(0, PREFIX_BYTES);

/** Name of a contract: 16 bytes of its market, then period and index, so that it can be found. */
export const contractIdOf = (chainId: Hash, key: ContractKey): Hash =>
  asHash(concatBytes(prefixOf(chainId, key.market), u64be(key.period), u64be(key.index)));

/** The key that an id names, among markets of a chain. */
export function contractKeyOf(
  chainId: Hash,
  markets: readonly string[],
  id: Hash,
): ContractKey | undefined {
  const view = new DataView(id.buffer, id.byteOffset, id.byteLength);
  const key = (market: string): ContractKey => ({
    market,
    period: view.getBigUint64(PREFIX_BYTES),
    index: view.getBigUint64(PREFIX_BYTES + 8),
  });
  const market = markets.find((name) => prefixOf(chainId, name).every((byte, i) => byte === id[i]));
  return market === undefined ? undefined : key(market);
}
