// What the people of a test chain send in a market of call: sealed bids with their openings,
// readings, points. And how a receipt reads.
import assert from 'node:assert/strict';
import type { ChainMs, Money, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import type { Receipt } from '../../core/src/block.js';
import { type Field, tryDecode } from '../../core/src/codec/codec.js';
import type { AccountId } from '../../core/src/ids.js';
import { LINE_KINDS, type LineKind } from '../../core/src/receipt.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { BodyOf, Side, Tx } from '../../core/src/tx.js';
import { type Person, PERIOD, person, type TestChain } from './harness.js';

export interface Bid {
  readonly who: Person;
  readonly side: Side;
  readonly wh: bigint;
  /** Units of 10^-3 per kWh. */
  readonly price: bigint;
  readonly period: bigint;
  readonly market?: string;
}

export const NONCE = new Uint8Array(16).fill(7);

interface Opened {
  readonly seal: BodyOf<'sealBid'>;
  readonly reveal: BodyOf<'revealBid'>;
}

export function bodiesOf(chain: TestChain, bid: Bid): Opened {
  const common = {
    market: bid.market ?? 'spot',
    period: bid.period as PeriodIndex,
    biddingRound: 1,
    side: bid.side,
    energyWh: bid.wh as WattHour,
  };
  const price = bid.price as Price;
  const { chainId } = chain.at.chain;
  const hash = sealedBidHash({
    ...common,
    price,
    nonce: NONCE,
    chainId,
    account: chain.id(bid.who),
  });
  return {
    seal: { ...common, hash },
    reveal: { ...common, price, nonce: NONCE, activate: false },
  };
}

export const sealOf = (chain: TestChain, bid: Bid): Tx =>
  chain.tx(bid.who, 'sealBid', bodiesOf(chain, bid).seal);
export const revealOf = (chain: TestChain, bid: Bid): Tx =>
  chain.tx(bid.who, 'revealBid', bodiesOf(chain, bid).reveal);

export interface Registers {
  readonly end: bigint;
  readonly imp: bigint;
  readonly exp: bigint;
  readonly sequence?: bigint;
}

/** A reading of the meter of a home. */
export const readingOf = (chain: TestChain, home: string, r: Registers): Tx =>
  chain.tx(person(`${home} meter`), 'reading', {
    market: '',
    endMs: r.end as ChainMs,
    importWh: r.imp as WattHour,
    exportWh: r.exp as WattHour,
    sequence: r.sequence ?? r.end / PERIOD,
  });

/** Takes back what `who` sealed by that transaction. */
export function cancelOf(chain: TestChain, who: Person, sealed: Tx): Tx {
  const { market, period } = sealed.body as BodyOf<'sealBid'>;
  return chain.tx(who, 'cancel', { market, period, order: sealed.id });
}

const points = (account: AccountId, amount: bigint) => ({
  market: '',
  account,
  amount: amount as Money,
  reference: new Uint8Array(0),
});
export const issueTo = (chain: TestChain, to: AccountId, amount: bigint): Tx =>
  chain.tx(person('centre'), 'issue', points(to, amount));
export const redeemFrom = (chain: TestChain, from: AccountId, amount: bigint): Tx =>
  chain.tx(person('centre'), 'redeem', points(from, amount));
export const transferOf = (
  chain: TestChain,
  move: { from: Person; to: AccountId; amount: bigint },
): Tx => {
  const amount = move.amount as Money;
  return chain.tx(move.from, 'transfer', {
    market: '',
    to: move.to,
    amount,
    memo: new Uint8Array(0),
  });
};

type Wires = readonly (bigint | number | string | Uint8Array | null)[];
const wires: Field<Wires> = {
  name: 'line',
  toWire: (value) => value,
  fromWire: (wire) => wire as Wires,
};

export interface ReadLine {
  readonly kind: LineKind;
  readonly account: Uint8Array;
  readonly n: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly before: { readonly available: bigint; readonly locked: bigint };
  readonly after: { readonly available: bigint; readonly locked: bigint };
}

/** A line by the names of its fields. */
export function readLine(bytes: Uint8Array): ReadLine {
  const values = tryDecode(wires, bytes, { maxBytes: 1024 });
  assert.ok(values);
  const kind = (Object.keys(LINE_KINDS) as LineKind[]).find(
    (name) => LINE_KINDS[name].kind === values[0],
  );
  assert.ok(kind);
  const { fields } = LINE_KINDS[kind];
  const rest = values.slice(3 + fields.length) as bigint[];
  return {
    kind,
    account: values[1] as Uint8Array,
    n: values[2] as number,
    fields: Object.fromEntries(fields.map((name, i) => [name, values[3 + i]])),
    before: { available: rest[0] as bigint, locked: rest[1] as bigint },
    after: { available: rest[2] as bigint, locked: rest[3] as bigint },
  };
}

export const linesOf = (receipts: readonly Receipt[]): readonly ReadLine[] =>
  receipts.flatMap(({ lines }) => lines.map(readLine));
