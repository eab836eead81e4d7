// What must be true of labels and certificates after every block, looked at from outside: stored
// leaves and receipts only (market-reputation 1.12; settlement 6).
import assert from 'node:assert/strict';
import { toHex } from '../../core/src/bytes.js';
import type { MarketConfig } from '../../core/src/markets.js';
import {
  CERTIFICATES,
  CERTIFIED,
  CLEAN_PAIRS,
  HOLDINGS,
  LABEL_METERS,
  LABELS,
  ORIGINS,
  OWED,
  QUEUES,
  type Range,
} from '../src/certificates/tables.js';
import { CONTRACTS } from '../src/markets/reputation/tables.js';
import {
  ACCOUNTS,
  CLOSED,
  DELIVERIES,
  METERS,
  periodGroup,
  SETTLING,
  TRADES,
} from '../src/schema.js';
import type { TestChain } from './harness.js';
import type { ReadLine } from './trade.js';

const add = (sums: Map<string, bigint>, name: string, more: bigint): void => {
  sums.set(name, (sums.get(name) ?? 0n) + more);
};
const nonZero = (sums: ReadonlyMap<string, bigint>): Map<string, bigint> =>
  new Map([...sums].filter(([, sum]) => sum !== 0n).sort());

/** Follows labels and certificates through the receipts of a chain. */
export class LabelAudit {
  private readonly chain: TestChain;
  private readonly markets: readonly MarketConfig[];
  /** By market, period and account: what was settled as exported, Wh. */
  private readonly exported = new Map<string, { account: string; wh: bigint }>();
  /** By contract: what was delivered, Wh. Leaves of old periods go. */
  private readonly delivered = new Map<string, { pair: string; wh: bigint }>();
  /** Labels by account, as lines tell. */
  private readonly made = new Map<string, bigint>();
  private readonly held = new Map<string, bigint>();
  /** Labels by seller and buyer. */
  private readonly sold = new Map<string, bigint>();
  private readonly certificates = new Map<bigint, { owner: string; retired: boolean }>();

  constructor(chain: TestChain) {
    this.chain = chain;
    this.markets = chain.at.chain.markets.filter(({ params }) => params.certificates);
  }

  check(lines: readonly ReadLine[]): void {
    if (this.markets.length === 0) return;
    for (const line of lines) this.follow(line);
    const world = this.chain.world();
    this.checkPlaces();
    this.checkCounts();
    this.checkCertificates();
    // Between two parts of a settlement labels are made and not moved yet.
    if (world.entries(SETTLING).length > 0) return;
    this.checkMetered();
    this.checkDelivered();
  }

  private follow({ kind, account, fields }: ReadLine): void {
    const name = toHex(account);
    if (kind === 'settlement') {
      const key = `${fields.market}/${fields.period}/${name}`;
      if (this.markets.some(({ id }) => id === fields.market))
        this.exported.set(key, { account: name, wh: fields.exportWh as bigint });
    }
    if (kind === 'label') this.followLabels(name, fields);
    if (kind === 'certificate') this.followCertificate(name, fields);
  }

  private followLabels(name: string, fields: ReadLine['fields']): void {
    const count = (fields.to as bigint) - (fields.from as bigint) + 1n;
    assert.ok(count > 0n, 'a range has labels');
    if (fields.event === 'made') add(this.made, name, count);
    if (fields.event === 'bought') add(this.held, name, count);
    if (fields.event !== 'sold') return;
    add(this.made, name, -count);
    add(this.sold, `${name}/${toHex(fields.counterparty as Uint8Array)}`, count);
  }

  private followCertificate(owner: string, { event, serial }: ReadLine['fields']): void {
    const at = serial as bigint;
    const before = this.certificates.get(at);
    assert.equal(before === undefined, event === 'made', 'made once, and before all else');
    assert.ok(!before?.retired, 'a retired certificate does nothing more');
    if (event === 'made') add(this.held, owner, -1000n);
    if (event === 'sent') return;
    if (event === 'retired') assert.equal(before?.owner, owner);
    this.certificates.set(at, { owner, retired: event === 'retired' });
  }

  /** Every label that a meter has made is in one queue or one certificate. */
  private checkPlaces(): void {
    const world = this.chain.world();
    const byMeter = new Map<string, Range[]>();
    const put = (range: Range): void => {
      const name = toHex(range.meter);
      byMeter.set(name, [...(byMeter.get(name) ?? []), range]);
    };
    for (const { value } of world.entries(LABELS)) for (const range of value.ranges) put(range);
    for (const { value } of world.entries(ORIGINS)) for (const range of value.ranges) put(range);
    for (const { key, value } of world.entries(LABEL_METERS)) {
      const ranges = byMeter.get(toHex(key)) ?? [];
      let serial = 0n;
      for (const { from, to } of ranges.sort((a, b) => (a.from < b.from ? -1 : 1))) {
        assert.equal(from, serial + 1n, 'no label is lost or there twice');
        serial = to;
      }
      assert.equal(serial, value.minted, 'all labels of the meter');
      byMeter.delete(toHex(key));
    }
    assert.equal(byMeter.size, 0, 'labels of a meter that has made none');
  }

  private checkCounts(): void {
    const world = this.chain.world();
    const stored = { made: new Map<string, bigint>(), held: new Map<string, bigint>() };
    const leaves = new Map<string, bigint>();
    for (const { key, value } of world.entries(LABELS)) {
      const owner = toHex(key.account);
      assert.ok(value.ranges.length > 0, 'no leaf is empty');
      for (const { from, to } of value.ranges) add(stored[key.queue], owner, to - from + 1n);
      add(leaves, `${key.queue}/${owner}`, 1n);
    }
    for (const { key, value } of world.entries(QUEUES)) {
      const owner = toHex(key.account);
      assert.equal(stored[key.queue].get(owner) ?? 0n, value.count, 'a queue knows its size');
      const count = leaves.get(`${key.queue}/${owner}`) ?? 0n;
      assert.equal(count, value.next - value.first, 'a queue has no gaps');
    }
    assert.deepEqual(nonZero(stored.made), nonZero(this.made), 'labels of the own meter');
    assert.deepEqual(nonZero(stored.held), nonZero(this.held), 'labels bought');
    for (const count of stored.held.values()) assert.ok(count < 1000n, 'certified');
    for (const { key } of world.entries(OWED))
      assert.equal(stored.made.get(toHex(key.seller)) ?? 0n, 0n, 'owes labels, and keeps some');
  }

  private checkCertificates(): void {
    const world = this.chain.world();
    const stored = world.entries(CERTIFICATES).map(({ key, value }) => {
      const { ranges } = world.get(ORIGINS, key) ?? { ranges: [] };
      const count = ranges.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
      assert.equal(count, 1000n, 'a certificate is 1,000 kWh');
      return [key, { owner: toHex(value.owner), retired: value.retired }] as const;
    });
    assert.deepEqual(new Map(stored), this.certificates, 'certificates as lines tell');
    const holdings = world
      .entries(HOLDINGS)
      .map(({ key, value }) => [key.serial, { owner: toHex(key.owner), ...value }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(holdings, [...stored], 'who has which');
    const retired = stored.filter(([, one]) => one.retired).length;
    const counts = world.get(CERTIFIED, '') ?? { made: 0n, retired: 0n };
    assert.deepEqual(counts, { made: BigInt(stored.length), retired: BigInt(retired) });
  }

  /** No watt-hour that a clean meter fed in is lost or counted twice. */
  private checkMetered(): void {
    const world = this.chain.world();
    const metered = new Map<string, bigint>();
    for (const { account, wh } of this.exported.values()) add(metered, account, wh);
    for (const { key, value } of world.entries(METERS)) {
      const owner = toHex(value.participant);
      const labels = world.get(LABEL_METERS, key) ?? { openWh: 0n, minted: 0n };
      const isGreen = world.get(ACCOUNTS, value.participant)?.green === true;
      const wh = isGreen ? (metered.get(owner) ?? 0n) : 0n;
      assert.equal(labels.minted * 1000n + labels.openWh, wh, 'labels of what was metered');
    }
  }

  /** Each whole kWh that a clean seller delivered has moved a label, or is owed one. */
  private checkDelivered(): void {
    const world = this.chain.world();
    for (const { id, mechanism } of this.markets) {
      if (mechanism === 'reputation') this.followSigned(id);
      else this.followTrades(id);
    }
    const wanted = new Map<string, bigint>();
    for (const { pair, wh } of this.delivered.values()) add(wanted, pair, wh);
    const moved = new Map<string, bigint>();
    for (const [pair, count] of this.sold) add(moved, pair, 1000n * count);
    for (const { key, value } of world.entries(OWED))
      add(moved, `${toHex(key.seller)}/${toHex(value.buyer)}`, 1000n * value.count);
    for (const { key, value } of world.entries(CLEAN_PAIRS))
      if (this.markets.some(({ id }) => id === key.market))
        add(moved, `${toHex(key.seller)}/${toHex(key.buyer)}`, value.openWh);
    assert.deepEqual(nonZero(moved), nonZero(wanted), 'a label for each kWh delivered');
  }

  private note(key: string, seller: Uint8Array, of: { buyer: Uint8Array; wh: bigint }): void {
    const isGreen = this.chain.world().get(ACCOUNTS, seller as never)?.green === true;
    const pair = `${toHex(seller)}/${toHex(of.buyer)}`;
    if (isGreen) this.delivered.set(key, { pair, wh: of.wh });
  }

  private followTrades(market: string): void {
    const world = this.chain.world();
    for (const { key } of world.entries(CLOSED, market))
      for (const { key: at, value } of world.entries(TRADES, periodGroup(key))) {
        const wh = world.get(DELIVERIES, at)?.deliveredWh ?? 0n;
        this.note(`${market}/${at.period}/${at.index}`, value.seller, { buyer: value.buyer, wh });
      }
  }

  private followSigned(market: string): void {
    for (const { keyBytes, value } of this.chain.world().entries(CONTRACTS)) {
      if (value.market !== market || value.state !== 'SETTLED') continue;
      this.note(toHex(keyBytes), value.seller, { buyer: value.buyer, wh: value.deliveredWh });
    }
  }
}
