// Fields that many records are made of: ids, keys, amounts and times, each with its one form in
// canonical bytes (conventions "Encoding"). What a record is made of stands where the record does.
import type { ChainMs, Money, PeriodIndex, Price, WattHour } from './amount.js';
import { amount, bin, str } from './codec/codec.js';
import type { Hash } from './hash.js';
import type { AccountId, PublicKey } from './ids.js';

export const account = bin<AccountId>({ length: 20 });
export const publicKey = bin<PublicKey>({ length: 32 });
export const hash = bin<Hash>({ length: 32 });
export const signature = bin({ length: 64 });
/** Id of a market. */
export const market = str(32);
export const period = amount<PeriodIndex>();
export const chainMs = amount<ChainMs>();
export const energyWh = amount<WattHour>();
export const money = amount<Money>();
export const price = amount<Price>();
