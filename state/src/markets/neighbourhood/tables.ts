// Kinds 60-63 of the state: what a neighbourhood market keeps (market-neighbourhood 1.1-1.7).
import type { PeriodIndex } from '../../../../core/src/amount.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { OrderKey, PeriodKey } from '../../schema.js';
import { joinKey, KeyReader, type Table } from '../../world.js';
import {
  type Conduct,
  conductField,
  type Flex,
  flexField,
  requestField,
  type SealedRequest,
  type Terms,
  termsField,
} from './records.js';

const table = <K, V>(t: Table<K, V>): Table<K, V> => t;
const groupOf = (k: PeriodKey): string => `${k.market}/${k.period}`;
const readPeriod = (reader: KeyReader): PeriodKey => ({
  market: reader.text(),
  period: reader.u64() as PeriodIndex,
});
const orderBytes = (k: OrderKey): Uint8Array => joinKey(k.market, k.period, k.account);
const readOrder = (bytes: Uint8Array): OrderKey => {
  const reader = new KeyReader(bytes);
  return { ...readPeriod(reader), account: reader.rest() };
};

export const REQUESTS = table<OrderKey, SealedRequest>({
  kind: 60,
  name: 'request',
  keyBytes: orderBytes,
  readKey: readOrder,
  value: requestField,
  group: groupOf,
  about: 'key: market, period, account. A sealed or opened request, until it is cleared.',
});
export const FLEXES = table<OrderKey, Flex>({
  kind: 61,
  name: 'flexible energy',
  keyBytes: orderBytes,
  readKey: readOrder,
  value: flexField,
  group: groupOf,
  about: 'key: market, period, account. What plays for the internal price, until it is cleared.',
});
export interface TermsKey extends PeriodKey {
  readonly id: Hash;
}
export const TERMS = table<TermsKey, Terms>({
  kind: 62,
  name: 'interval contract',
  keyBytes: (k) => joinKey(k.market, k.period, k.id),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { ...readPeriod(reader), id: reader.rest() };
  },
  value: termsField,
  group: groupOf,
  about: 'key: market, period, contract id. Prices, auctioneer and activations of a contract.',
});
export interface ConductKey {
  readonly market: string;
  readonly account: AccountId;
}
export const CONDUCT = table<ConductKey, Conduct>({
  kind: 63,
  name: 'conduct',
  keyBytes: (k) => joinKey(k.market, k.account),
  readKey: (bytes) => {
    const reader = new KeyReader(bytes);
    return { market: reader.text(), account: reader.rest() };
  },
  value: conductField,
  about:
    'key: market, account. Information tokens, flags and forecasts (market-neighbourhood 1.2).',
});

export const NEIGHBOURHOOD_TABLES = [REQUESTS, FLEXES, TERMS, CONDUCT] as const;
