// How parts of the chain look in an answer: account ids printed, transaction bodies and receipt
// lines by their field names. Reads bytes that this node stored itself.
import { present } from '../../../core/src/assert.js';
import type { Receipt } from '../../../core/src/block.js';
import { keyText } from '../../../core/src/bytes.js';
import { type Field, tryDecode } from '../../../core/src/codec/codec.js';
import type { Hash } from '../../../core/src/hash.js';
import { sha256 } from '../../../core/src/hash.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { LINE_KINDS, type LineKind } from '../../../core/src/receipt.js';
import { decodeTx, systemTxField } from '../../../core/src/tx.js';
import type { BlockTxView, Shown } from '../../../rpc/src/results/chain.js';
import type { LineView, ReceiptView } from '../../../rpc/src/results/tx.js';
import { stepOf } from '../../../state/src/boundary/timing.js';

type Wires = readonly (bigint | number | string | Uint8Array | null)[];

const wires: Field<Wires> = {
  name: 'line',
  toWire: (value) => value,
  fromWire: (wire) => wire as Wires,
};

const KIND_NAMES = new Map<number, LineKind>(
  Object.entries(LINE_KINDS).map(([name, { kind }]) => [kind, name as LineKind]),
);

/** Fields of lines and bodies that hold an account. */
const ACCOUNT_FIELDS = new Set([
  'account',
  'participant',
  'to',
  'counterparty',
  'seller',
  'buyer',
  'meter',
]);

const shownField = <T>(name: string, value: T): T | string => {
  if (name === 'partners' && Array.isArray(value)) return value.map(printAccount) as T;
  if (!ACCOUNT_FIELDS.has(name) || !(value instanceof Uint8Array)) return value;
  return value.length === 0 ? '' : printAccount(value as Uint8Array as AccountId);
};

const LINE_LIMITS = { maxBytes: 1024 };

/** A line of a stored receipt. */
export function showLine(bytes: Uint8Array): LineView {
  const values = present(tryDecode(wires, bytes, LINE_LIMITS), 'a stored line decodes');
  const [kind, account, n] = values as unknown as [number, AccountId, number];
  const name = present(KIND_NAMES.get(kind), 'a stored line is of a known kind');
  const names = LINE_KINDS[name].fields;
  const fields: Record<string, bigint | number | string | Uint8Array> = {};
  names.forEach((field, i) => {
    fields[field] = shownField(field, values[3 + i] as bigint | number | string | Uint8Array);
  });
  const rest = values.slice(3 + names.length) as unknown as [
    bigint,
    bigint,
    bigint,
    bigint,
    number | null,
  ];
  return {
    kind: name,
    account: printAccount(account),
    n,
    fields,
    before: { available: rest[0], locked: rest[1] },
    after: { available: rest[2], locked: rest[3] },
    creditAfter: rest[4],
  };
}

/** Whether a line is of an account: without decoding, [kind, account, ...] begins every line. */
export function isLineOf(bytes: Uint8Array, kind: LineKind, account: Uint8Array): boolean {
  // Array header of 1 or 3 bytes, kind below 128, bin header c4 14.
  const at = bytes[0] === 0xdc ? 3 : 1;
  if (bytes[at] !== LINE_KINDS[kind].kind) return false;
  for (let i = 0; i < account.length; i++) if (bytes[at + 3 + i] !== account[i]) return false;
  return true;
}

/**
 * Type of a journal entry, undefined for other lines: without decoding, [6, account, n, type, ...]
 * begins every one of them, with n and the text in their shortest form.
 */
export function entryType(bytes: Uint8Array): string | undefined {
  const at = bytes[0] === 0xdc ? 3 : 1;
  if (bytes[at] !== LINE_KINDS.entry.kind) return undefined;
  const n = bytes[at + 23] as number;
  const text = at + 24 + (n === 0xcc ? 1 : n === 0xcd ? 2 : n === 0xce ? 4 : 0);
  return keyText(bytes.subarray(text + 1, text + 1 + ((bytes[text] as number) & 0x1f)));
}

export const showReceipt = (receipt: Receipt): ReceiptView => ({
  id: receipt.id,
  code: receipt.code,
  lines: receipt.lines.map(showLine),
});

export function showSystemTx(bytes: Uint8Array): BlockTxView {
  const tx = present(tryDecode(systemTxField, bytes, LINE_LIMITS), 'a stored step decodes');
  const { market, period, step, part } = tx;
  const body = { market, period, step: stepOf(step)?.step ?? String(step), part };
  return { id: sha256(bytes), kind: 'system', sender: null, body };
}

export function showTx(chainId: Hash, bytes: Uint8Array): BlockTxView {
  const tx = present(decodeTx(chainId, bytes), 'a stored transaction decodes');
  const body: Record<string, Shown> = { validFrom: tx.validFrom, validUntil: tx.validUntil };
  for (const [name, value] of Object.entries(tx.body) as [string, Shown | undefined][])
    body[name] = value === undefined ? null : shownField(name, value);
  return { id: tx.id, kind: tx.kind, sender: printAccount(tx.sender), body };
}
