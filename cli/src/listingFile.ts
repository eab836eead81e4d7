// A negotiated contract on its way from one party to the other: the terms with the signature of who
// wrote it, as a file. The note that the two keep for themselves is in it as a hash only.
import { z } from 'zod';
import { MAX_AMOUNT, type PeriodIndex, type Price, type WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { asHash } from '../../core/src/hash.js';
import { parseAccount, printAccount } from '../../core/src/ids.js';
import type { ListingTerms } from '../../core/src/listing.js';
import { readText } from './read.js';
import { bytesOf } from './submit.js';

const MAX_LISTING_FILE_BYTES = 1 << 16;
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const integer = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,18})$/)
  .refine((text) => BigInt(text) <= MAX_AMOUNT);

const form = z.strictObject({
  chainId: hex(32),
  market: z.string(),
  period: integer,
  seller: z.string(),
  buyer: z.string(),
  count: z.int().min(1).max(0xffff_ffff),
  /** Base units. */
  energyWh: integer,
  price: integer,
  replaces: hex(32).nullable(),
  noteHash: hex(32),
  signature: hex(64),
});

export interface SignedTerms {
  readonly chainId: string;
  readonly terms: ListingTerms;
  /** Of one of the parties. */
  readonly signature: Uint8Array;
}

export function printTerms({ chainId, terms, signature }: SignedTerms): z.infer<typeof form> {
  const { market, period, seller, buyer, count, energyWh, price, replaces, noteHash } = terms;
  return {
    chainId,
    market,
    period: period.toString(),
    seller: printAccount(seller),
    buyer: printAccount(buyer),
    count,
    energyWh: energyWh.toString(),
    price: price.toString(),
    replaces: replaces === undefined ? null : toHex(replaces),
    noteHash: toHex(noteHash),
    signature: toHex(signature),
  };
}

function parsed(path: string): z.infer<typeof form> {
  try {
    return form.parse(JSON.parse(readText(path, MAX_LISTING_FILE_BYTES)));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('FILE_FORMAT', `${path}: not a negotiated contract`, { path });
  }
}

/** Throws NOT_FOUND, TOO_LARGE, FILE_FORMAT. */
export function readTerms(path: string): SignedTerms {
  const f = parsed(path);
  const terms: ListingTerms = {
    market: f.market,
    period: BigInt(f.period) as PeriodIndex,
    seller: parseAccount(f.seller),
    buyer: parseAccount(f.buyer),
    count: f.count,
    energyWh: BigInt(f.energyWh) as WattHour,
    price: BigInt(f.price) as Price,
    replaces: f.replaces === null ? undefined : asHash(bytesOf(f.replaces)),
    noteHash: asHash(bytesOf(f.noteHash)),
  };
  return { chainId: f.chainId, terms, signature: bytesOf(f.signature) };
}
