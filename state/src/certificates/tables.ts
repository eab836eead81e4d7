// Kinds 70-79 of the state: labels, green certificates and where both come from (market-reputation
// 1.12). Labels stand in queues, oldest first, some ranges to a leaf: what a period changes is a
// few small leaves, however many labels an account has.
import { keyText } from '../../../core/src/bytes.js';
import { bool, i64, list, record, u64, type ValueOf } from '../../../core/src/codec/codec.js';
import { account, chainMs, market, period } from '../../../core/src/fields.js';
import type { AccountId } from '../../../core/src/ids.js';
import { LABEL_RANGES_PER_LEAF, LABELS_PER_CERTIFICATE } from '../../../core/src/limits.js';
import { joinKey, KeyReader, type Table } from '../world.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;

const rangeField = record('range of labels', {
  /** Account of the meter. */
  meter: account,
  /** Market and delivery period in which the kWh became whole. */
  market,
  period,
  /** Serials within the meter, from 1, both ends included. */
  from: u64,
  to: u64,
});
export type Range = ValueOf<typeof rangeField>;

/** made: of the account's own meter; held: bought. */
export type QueueName = 'made' | 'held';
const QUEUE_NAMES: readonly QueueName[] = ['made', 'held'];
export interface QueueKey {
  readonly account: AccountId;
  readonly queue: QueueName;
}
export interface LabelKey extends QueueKey {
  readonly index: bigint;
}
const byteOf = (queue: QueueName): Uint8Array => Uint8Array.of(QUEUE_NAMES.indexOf(queue));
const readQueue = (reader: KeyReader): QueueKey => {
  const owner = reader.bytesOf<AccountId>(20);
  return { account: owner, queue: QUEUE_NAMES[reader.bytesOf(1)[0] as number] as QueueName };
};

export const LABEL_METERS = table<AccountId, { readonly openWh: bigint; readonly minted: bigint }>({
  kind: 70,
  name: 'labels of a meter',
  keyBytes: (k) => k,
  readKey: (bytes) => bytes as AccountId,
  value: record('labels of a meter', { openWh: i64, minted: u64 }),
  about: 'key: account of the meter. Labels it has made; Wh that wait, below 0 after a correction.',
});
export const QUEUES = table<QueueKey, Queue>({
  kind: 71,
  name: 'queue of labels',
  keyBytes: (k) => joinKey(k.account, byteOf(k.queue)),
  readKey: (bytes) => readQueue(new KeyReader(bytes)),
  value: record('queue of labels', { first: u64, next: u64, count: u64 }),
  about: 'key: account id, queue (0 made, 1 held). First and next index of its leaves, labels.',
});
export interface Queue {
  readonly first: bigint;
  readonly next: bigint;
  /** Labels, not ranges. */
  readonly count: bigint;
}
export const LABELS = table<LabelKey, { readonly ranges: readonly Range[] }>({
  kind: 72,
  name: 'labels',
  keyBytes: (k) => joinKey(k.account, byteOf(k.queue), k.index),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { ...readQueue(reader), index: reader.u64() };
  },
  value: record('labels', { ranges: list(rangeField, LABEL_RANGES_PER_LEAF) }),
  about: 'key: account id, queue, index. Ranges of labels of one meter and period, oldest first.',
});
const owedField = record('labels owed', { buyer: account, count: u64 });
export type Owed = ValueOf<typeof owedField>;
export interface OwedKey {
  readonly seller: AccountId;
  readonly index: bigint;
}
export const OWED = table<OwedKey, Owed>({
  kind: 73,
  name: 'labels owed',
  keyBytes: (k) => joinKey(k.seller, k.index),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { seller: reader.bytesOf(20), index: reader.u64() };
  },
  value: owedField,
  group: (k) => keyText(k.seller),
  about: 'key: seller, index. Labels that it delivered and has not made yet, oldest first.',
});
export interface PairKey {
  readonly market: string;
  readonly seller: AccountId;
  readonly buyer: AccountId;
}
export const CLEAN_PAIRS = table<PairKey, { readonly openWh: bigint }>({
  kind: 74,
  name: 'clean energy of a pair',
  keyBytes: (k) => joinKey(k.market, k.seller, k.buyer),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), seller: reader.bytesOf(20), buyer: reader.bytesOf(20) };
  },
  value: record('clean energy of a pair', { openWh: i64 }),
  about: 'key: market, seller, buyer. Delivered clean Wh that are no whole kWh yet; absent: 0.',
});
const certificateField = record('certificate', {
  owner: account,
  retired: bool,
  /** Chain ms. */
  madeMs: chainMs,
});
export type Certificate = ValueOf<typeof certificateField>;
export const CERTIFICATES = table<bigint, Certificate>({
  kind: 75,
  name: 'green certificate',
  keyBytes: (serial) => joinKey(serial),
  readKey: (bytes) => new KeyReader(bytes).u64(),
  value: certificateField,
  about: 'key: serial. Owner; whether it is retired; chain ms at which it was made.',
});
export const ORIGINS = table<bigint, { readonly ranges: readonly Range[] }>({
  kind: 76,
  name: 'origin of a certificate',
  keyBytes: (serial) => joinKey(serial),
  readKey: (bytes) => new KeyReader(bytes).u64(),
  value: record('origin', { ranges: list(rangeField, LABELS_PER_CERTIFICATE) }),
  about: 'key: serial. Its 1,000 labels by meter and period; never changes.',
});
export interface HoldingKey {
  readonly owner: AccountId;
  readonly serial: bigint;
}
export const HOLDINGS = table<HoldingKey, { readonly retired: boolean }>({
  kind: 77,
  name: 'certificate of an account',
  keyBytes: (k) => joinKey(k.owner, k.serial),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { owner: reader.bytesOf(20), serial: reader.u64() };
  },
  value: record('holding', { retired: bool }),
  group: (k) => keyText(k.owner),
  about: 'key: account id, serial. The certificates that it has, or has retired.',
});
export const CERTIFIED = table<'', { readonly made: bigint; readonly retired: bigint }>({
  kind: 78,
  name: 'certificates',
  keyBytes: () => new Uint8Array(0),
  readKey: () => '',
  value: record('certificates', { made: u64, retired: u64 }),
  about: 'How many certificates were made (the newest serial), and how many are retired.',
});

export const CERTIFICATE_TABLES = [
  LABEL_METERS,
  QUEUES,
  LABELS,
  OWED,
  CLEAN_PAIRS,
  CERTIFICATES,
  ORIGINS,
  HOLDINGS,
  CERTIFIED,
] as const;
