// What people of a test chain send in a bilateral market: listings signed by both, ballots of the
// committee, confirmations; and a chain that is audited after every block.
import assert from 'node:assert/strict';
import type { ChainMs, PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { contractIdOf, listingBytes, type ListingTerms } from '../../core/src/listing.js';
import type { Tx } from '../../core/src/tx.js';
import { listingOf } from '../src/markets/bilateral/listing.js';
import { Audit } from './audit.js';
import { PERIOD, person, QUICK, type Signing, TestChain, testGenesis } from './harness.js';
import { readingOf } from './trade.js';

export const MARKET = 'pairs';
export const START = 2_000_000_000n;

export interface Options {
  readonly homes: readonly string[];
  readonly validators?: number;
  readonly params?: object;
  readonly modules?: object;
  readonly offsets?: object;
  /** Other markets. */
  readonly more?: readonly object[];
  /** Market of each meter. */
  readonly meters?: string;
  readonly balance?: string;
  readonly signing?: Signing;
  readonly change?: (genesis: Record<string, unknown>) => object;
}

export function pairsGenesis(o: Options): object {
  const base = testGenesis(o.homes) as { accounts: { meter: object }[] } & Record<string, unknown>;
  const accounts = base.accounts.map((account) => ({
    ...account,
    meter: { ...account.meter, market: o.meters ?? MARKET },
    balance: o.balance ?? '2000',
    pMaxImport: '4000',
    pMaxExport: '4000',
  }));
  const validators = Array.from({ length: o.validators ?? 4 }, (_, i) => ({
    name: `v${i}`,
    organisation: `o${i}`,
    publicKey: toHex(person(`v${i}`).key),
  }));
  const market = {
    id: MARKET,
    mechanism: 'bilateral',
    params: { feedIn: '0.5', retail: '0.75', ...o.params },
    modules: o.modules ?? {},
    ...(o.offsets && { offsets: o.offsets }),
  };
  const markets = [market, ...(o.more ?? [])];
  const genesis = { ...base, accounts, validators, pools: { reward: '0' }, markets };
  return o.change ? o.change(genesis) : genesis;
}

export const chainOf = (o: Options): TestChain =>
  new TestChain(pairsGenesis(o), o.signing ?? QUICK);

/** A chain of which every block is audited: money, escrow, lines. */
export class Pairs {
  readonly chain: TestChain;
  private readonly audit: Audit;

  constructor(options: Options) {
    this.chain = chainOf(options);
    this.audit = new Audit(this.chain);
  }

  /** A block that takes every candidate. */
  take(timeMs: bigint, txs: readonly Tx[] = []): void {
    const built = this.chain.block(timeMs, txs);
    assert.deepEqual(
      built.refused.map(({ tx, code }) => `${tx.kind} ${code}`),
      [],
    );
    this.audit.check(built);
  }

  /** Codes of what a block at that time would refuse. */
  refusals(timeMs: bigint, txs: readonly Tx[]): readonly string[] {
    return this.chain.build(timeMs, txs).refused.map(({ code }) => code);
  }

  terms(t: Terms): ListingTerms {
    return {
      market: MARKET,
      period: t.period as PeriodIndex,
      seller: this.chain.id(person(t.seller)),
      buyer: this.chain.id(person(t.buyer)),
      count: t.count ?? 1,
      energyWh: BigInt(Math.round(t.kwh * 1000)) as WattHour,
      price: BigInt(t.price) as Price,
      replaces: t.replaces,
      noteHash: new Uint8Array(32).fill(5) as Hash,
    };
  }

  /** Sent by the seller, unless `by` says who. */
  list(t: Terms): Tx {
    const terms = this.terms(t);
    const { chainId } = this.chain.at.chain;
    const by = t.by ?? t.seller;
    const other = person(by === t.seller ? t.buyer : t.seller);
    const signature = this.chain.signBytes(other, listingBytes(chainId, terms));
    return this.chain.tx(person(by), 'list', { ...terms, signature });
  }

  ballot(validator: string, listing: Tx, bits = 1): Tx {
    const { period } = listing.body as ListingTerms;
    const body = { market: MARKET, period, phase: 'A' as const, contract: listing.id, bits };
    return this.chain.tx(person(validator), 'ballot', { ...body, readings: undefined });
  }

  confirm(who: string, listing: Tx): Tx {
    const { period } = listing.body as ListingTerms;
    return this.chain.tx(person(who), 'confirmListing', {
      market: MARKET,
      period,
      listing: listing.id,
    });
  }

  offerRight(r: {
    who: string;
    contract: Hash;
    period: bigint;
    kwh: number;
    price: number;
    until?: bigint;
    market?: string;
  }): Tx {
    return this.chain.tx(person(r.who), 'offerRight', {
      market: r.market ?? MARKET,
      period: r.period as PeriodIndex,
      contract: r.contract,
      energyWh: BigInt(Math.round(r.kwh * 1000)) as WattHour,
      price: BigInt(r.price) as Price,
      until: (r.until ?? r.period * PERIOD) as ChainMs,
    });
  }

  takeRight(who: string, offer: Tx): Tx {
    const { market, period } = offer.body as { market: string; period: PeriodIndex };
    return this.chain.tx(person(who), 'takeRight', { market, period, offer: offer.id });
  }

  contractId(period: bigint, index: bigint, market = MARKET): Hash {
    return contractIdOf(this.chain.at.chain.chainId, { market, period, index });
  }

  state(listing: Tx): string | undefined {
    return listingOf(this.chain.world(), listing.id)?.state;
  }

  /** Listed, approved by all of the first `validators`, confirmed by both: three blocks. */
  agree(timeMs: bigint, t: Terms, validators = 4): Tx {
    const listing = this.list(t);
    this.take(timeMs, [listing]);
    const committee = Array.from({ length: validators }, (_, i) => this.ballot(`v${i}`, listing));
    this.take(timeMs + 1000n, committee);
    this.take(timeMs + 2000n, [this.confirm(t.seller, listing), this.confirm(t.buyer, listing)]);
    assert.equal(this.state(listing), 'CONTRACT');
    return listing;
  }

  private readonly registers = new Map<string, [imp: bigint, exp: bigint]>();

  /** Readings at the start of a period, as the registers stand. */
  begin(period: bigint, homes: readonly string[]): void {
    this.take(period * PERIOD);
    this.take(period * PERIOD + 1000n, this.readings(period * PERIOD, homes));
  }

  /** Readings at its end after what was metered, and the blocks of markReading and settle. */
  deliver(period: bigint, metered: Readonly<Record<string, readonly [imp: number, exp: number]>>) {
    for (const [home, [imp, exp]] of Object.entries(metered)) {
      const [i, e] = this.registers.get(home) ?? [0n, 0n];
      const wh = (kwh: number): bigint => BigInt(Math.round(kwh * 1000));
      this.registers.set(home, [i + wh(imp), e + wh(exp)]);
    }
    const end = (period + 1n) * PERIOD;
    this.take(end);
    this.take(end + 1000n, this.readings(end, Object.keys(metered)));
    this.take(end + 300_000n);
    this.take(end + 600_000n);
  }

  private readings(end: bigint, homes: readonly string[]): Tx[] {
    return homes.map((home) => {
      const [imp, exp] = this.registers.get(home) ?? [0n, 0n];
      return readingOf(this.chain, home, { end, imp, exp });
    });
  }

  /** Available money gained or lost since the start. */
  gain(who: string): bigint {
    return this.chain.balance(person(who)).available - START;
  }

  locked(who: string): bigint {
    return this.chain.balance(person(who)).locked;
  }
}

export interface Terms {
  readonly seller: string;
  readonly buyer: string;
  readonly kwh: number;
  /** Thousandths per kWh. */
  readonly price: number;
  readonly period: bigint;
  readonly count?: number;
  readonly replaces?: Hash;
  readonly by?: string;
}
