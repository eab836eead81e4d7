// Transactions that must be refused, each with the code that says why (core/errors.ts). One fault
// each; without it the transaction would be good.
import type { ChainMs, Money, WattHour } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import { concatBytes } from '../../core/src/bytes.js';
import { sha256, type Hash } from '../../core/src/hash.js';
import type { TxOf } from '../../core/src/tx.js';
import { type Hand, MARKET, Signer, WINDOW_MS, windowFrom } from './hand.js';
import type { HomeKeys } from '../../cli/src/network/keys.js';

export interface Refused {
  readonly fault: string;
  readonly code: string;
  readonly bytes: Uint8Array;
}

export interface Scene {
  readonly chainId: Hash;
  readonly keys: HomeKeys;
  readonly ann: Hand;
  readonly bob: Hand;
  /** Final time, chain ms. */
  readonly now: bigint;
  /** The period that takes orders, and its next one. */
  readonly period: bigint;
  /** More than Ann has. */
  readonly tooMuch: bigint;
  readonly maxTxBytes: number;
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const out = bytes.slice();
  const place = at < 0 ? out.length + at : at;
  out[place] = (out[place] as number) ^ 1;
  return out;
};

const refused =
  (code: string) =>
  (fault: string, { bytes }: { readonly bytes: Uint8Array }): Refused => ({ fault, code, bytes });

function badForms(good: TxOf<'transfer'>, maxTxBytes: number): readonly Refused[] {
  const { bytes } = good;
  const form = refused('BAD_ENCODING');
  // Before the signature (66 bytes) and the empty memo (2): the amount, d3 and eight bytes.
  const at = bytes.length - 66 - 2 - 9;
  assert(bytes[at] === 0xd3, 'the amount is where it is looked for');
  const unsigned = bytes.slice();
  unsigned[at] = 0xcf;
  const negative = bytes.slice();
  negative[at + 1] = 0x80;
  const float = bytes.slice();
  float[at] = 0xcb;
  return [
    form('no bytes', { bytes: new Uint8Array(0) }),
    form('a byte is missing', { bytes: bytes.subarray(0, -1) }),
    form('a byte too many', { bytes: concatBytes(bytes, Uint8Array.of(0)) }),
    form('an amount in another form', { bytes: unsigned }),
    form('an amount below zero', { bytes: negative }),
    form('an amount as a float', { bytes: float }),
    form('a kind that is none', { bytes: flipped(bytes, 3) }),
    refused('TOO_LARGE')('more bytes than a transaction may have', {
      bytes: concatBytes(bytes, new Uint8Array(maxTxBytes)),
    }),
  ];
}

function badWindows({ ann, bob, now }: Scene): readonly Refused[] {
  const pay = (from: bigint, until: bigint) => ann.transfer(bob.owner.id, 1n, { from, until });
  return [
    refused('EXPIRED')('a window that has passed', pay(now - 2000n, now - 1000n)),
    refused('EXPIRED')('a window that ends before it begins', pay(now, now - 1n)),
    refused('NOT_YET_VALID')('a window that is ahead', pay(now + WINDOW_MS, now + 2n * WINDOW_MS)),
    refused('WINDOW_TOO_LONG')('a window that is too long', pay(now, now + WINDOW_MS + 1n)),
  ];
}

function badSenders({ chainId, keys, ann, bob, now }: Scene): readonly Refused[] {
  const window = windowFrom(now);
  const good = ann.transfer(bob.owner.id, 2n, window);
  const other = sha256(chainId);
  const elsewhere = new Signer(keys.owner, other);
  const reading = {
    market: MARKET,
    endMs: 0n as ChainMs,
    importWh: 0n as WattHour,
    exportWh: 0n as WattHour,
    sequence: 1n,
  };
  const issue = { market: '', account: ann.owner.id, reference: new Uint8Array(0) };
  const body = good.body;
  // Ann's account, signed for another chain.
  const foreign = elsewhere.txAs(ann.owner.id, 'transfer', { body, window });
  const stolen = bob.owner.txAs(ann.owner.id, 'transfer', { body, window });
  return [
    refused('BAD_SIGNATURE')('a signature with one bit wrong', { bytes: flipped(good.bytes, -1) }),
    refused('BAD_SIGNATURE')('a body with one bit wrong', { bytes: flipped(good.bytes, -69) }),
    refused('BAD_SIGNATURE')('signed for another chain', foreign),
    refused('BAD_SIGNATURE')("another one's account", stolen),
    refused('UNKNOWN_SENDER')(
      'an account of another chain',
      elsewhere.tx('transfer', body, window),
    ),
    refused('UNKNOWN_METER')('a reading by the owner', ann.owner.tx('reading', reading, window)),
    refused('NOT_ALLOWED')('a meter that pays', ann.meter.tx('transfer', body, window)),
    refused('NOT_ALLOWED')(
      'money issued by a home',
      ann.owner.tx('issue', { ...issue, amount: 1n as Money }, window),
    ),
  ];
}

function badOrders({ ann, bob, now, period, tooMuch }: Scene): readonly Refused[] {
  const window = windowFrom(now);
  const bid = { period, side: 'buy', energyWh: 1000n, price: 200n } as const;
  const cancel = { market: MARKET, period: period as never, order: sha256(new Uint8Array(1)) };
  const unknown = sha256(ann.owner.id).slice(0, 20) as typeof ann.owner.id;
  return [
    refused('INSUFFICIENT_FUNDS')(
      'more than there is',
      ann.transfer(bob.owner.id, tooMuch, window),
    ),
    refused('AMOUNT_RANGE')('an amount of nothing', ann.transfer(bob.owner.id, 0n, window)),
    refused('UNKNOWN_ACCOUNT')('a receiver that is none', ann.transfer(unknown, 1n, window)),
    refused('WRONG_PERIOD')(
      'a bid for a period that is over',
      ann.seal({ ...bid, period: period - 1n }, window),
    ),
    refused('WRONG_PERIOD')(
      'a bid for a later period',
      ann.seal({ ...bid, period: period + 1n }, window),
    ),
    refused('WRONG_PHASE')('a price opened while bids are sealed', ann.reveal(bid, window)),
    refused('QUANTITY_LIMIT')(
      'more than the connection carries',
      ann.seal({ ...bid, energyWh: 10n ** 9n }, window),
    ),
    refused('DUST')('an order of nothing', ann.seal({ ...bid, energyWh: 0n }, window)),
    refused('NO_ORDER')("an order that is not one's own", ann.owner.tx('cancel', cancel, window)),
  ];
}

/** Of a moment in the declaration of `period`. */
export function badTransactions(scene: Scene): readonly Refused[] {
  const { ann, bob, now, maxTxBytes } = scene;
  const good = ann.transfer(bob.owner.id, 1n, windowFrom(now));
  return [
    ...badForms(good, maxTxBytes),
    ...badWindows(scene),
    ...badSenders(scene),
    ...badOrders(scene),
  ];
}
