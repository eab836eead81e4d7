// One order to one settled trade (market-call 1 to 21 on chain), by two homes: seal, reveal,
// clearing, payment, readings of both ends of the delivery, settlement. On a machine that is too
// slow for a window it says 'late' instead of failing: the caller tries with other homes.
import type { RpcClient } from '../../cli/src/network/client.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { Side } from '../../core/src/tx.js';
import {
  finalTime,
  moneyOf,
  type Money3,
  periodOf,
  settle,
  untilPhase,
  untilTime,
} from './desk.js';
import { until } from './devNetwork.js';
import { type Bid, type Hand, MARKET, windowFrom } from './hand.js';

export interface Pair {
  readonly seller: Hand;
  readonly buyer: Hand;
}

export interface Terms {
  readonly energyWh: bigint;
  readonly ask: bigint;
  readonly bid: bigint;
}

/** Wh through the meters during the delivery period. */
export interface Metered {
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

export interface Balances {
  readonly seller: Money3;
  readonly buyer: Money3;
}

export interface Matched {
  readonly period: bigint;
  readonly before: Balances;
  readonly sealed: Balances;
  readonly revealed: Balances;
  readonly cleared: Balances;
  readonly paid: Balances;
  readonly trades: readonly { readonly price: string; readonly energyWh: string }[];
}

/** Refusals that say no more than that the window had passed. */
const LATE = new Set(['WRONG_PHASE', 'WRONG_PERIOD', 'EXPIRED', 'NO_ORDER', 'READING_ORDER']);
/** Chain ms of the declaration that have to be left for a start; at rate 60: 3 s. */
const ROOM_MS = 180_000n;

async function must(client: RpcClient, made: Parameters<typeof settle>[1]): Promise<void> {
  const fate = await settle(client, made);
  if (LATE.has(fate)) throw late(fate);
  if (fate !== 'final') throw new ProtocolError('CHECK_FAILED', `refused: ${fate}`);
}

const late = (what: string): ProtocolError => new ProtocolError('NOT_READY', `too late: ${what}`);

async function orLate<T>(run: () => Promise<T>): Promise<T | 'late'> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'NOT_READY') return 'late';
    throw error;
  }
}

const balancesOf = async (client: RpcClient, { seller, buyer }: Pair): Promise<Balances> => ({
  seller: await moneyOf(client, seller.owner.account),
  buyer: await moneyOf(client, buyer.owner.account),
});

/** A period that still takes orders for a while. */
async function openPeriod(client: RpcClient): Promise<bigint> {
  return until('a declaration begins', async () => {
    const { phase, period, phases, time } = await periodOf(client);
    const end = BigInt(phases.find(({ name }) => name === 'declare')?.end ?? '0');
    return phase === 'declare' && BigInt(time) + ROOM_MS <= end ? BigInt(period) : undefined;
  });
}

/** From the seal to the payment. `at.seller`, `at.buyer`: the nodes that each talks to. */
export function match(
  pair: Pair,
  terms: Terms,
  at: { readonly seller: RpcClient; readonly buyer: RpcClient },
): Promise<Matched | 'late'> {
  const client = at.seller;
  return orLate(async () => {
    const before = await balancesOf(client, pair);
    const period = await openPeriod(client);
    const bidOf = (side: Side, price: bigint): Bid => ({
      period,
      side,
      energyWh: terms.energyWh,
      price,
    });
    const sell = bidOf('sell', terms.ask);
    const buy = bidOf('buy', terms.bid);
    const window = windowFrom(await finalTime(client));
    await Promise.all([
      must(at.seller, pair.seller.seal(sell, window)),
      must(at.buyer, pair.buyer.seal(buy, window)),
    ]);
    const sealed = await balancesOf(client, pair);
    await untilPhase(at.seller, period, ['reveal', 'clearing', 'matched', 'delivery']);
    await untilPhase(at.buyer, period, ['reveal', 'clearing', 'matched', 'delivery']);
    await Promise.all([
      must(at.seller, pair.seller.reveal(sell, window)),
      must(at.buyer, pair.buyer.reveal(buy, window)),
    ]);
    const revealed = await balancesOf(client, pair);
    await untilPhase(client, period, ['matched', 'delivery', 'readings', 'settled']);
    const cleared = await balancesOf(client, pair);
    const { clearing, void: isVoid, steps } = await periodOf(client, period);
    if (isVoid) throw late('void');
    await untilTime(client, BigInt(steps.pay ?? '0'));
    const paid = await balancesOf(client, pair);
    const trades = clearing?.trades ?? [];
    return { period, before, sealed, revealed, cleared, paid, trades };
  });
}

export interface Delivery {
  readonly seller: Metered;
  readonly buyer: Metered;
  /** The node that both talk to. */
  readonly client: RpcClient;
}

/** Readings of both ends of the delivery, then the settlement; balances after it. */
export function deliver(
  pair: Pair,
  period: bigint,
  { client, ...metered }: Delivery,
): Promise<Balances | 'late'> {
  return orLate(async () => {
    const { parameters } = await periodOf(client, period);
    const periodMs = BigInt(parameters.periodMs);
    const read = async (endMs: bigint, of: (who: 'seller' | 'buyer') => Metered): Promise<void> => {
      await untilTime(client, endMs);
      const window = windowFrom(await finalTime(client));
      const sequence = endMs / periodMs;
      await Promise.all(
        (['seller', 'buyer'] as const).map((who) =>
          must(client, pair[who].read({ endMs, sequence, ...of(who) }, window)),
        ),
      );
    };
    await read(period * periodMs, () => ({ importWh: 0n, exportWh: 0n }));
    await read((period + 1n) * periodMs, (who) => metered[who]);
    await until(`period ${period} is settled`, async () =>
      (await periodOf(client, period)).phase === 'settled' ? true : undefined,
    );
    const { lines } = await client.call('market_settlement', {
      market: MARKET,
      period: `${period}`,
    });
    const own = [pair.seller, pair.buyer].map(({ owner }) => owner.account);
    const quality = lines.filter(({ account }) => own.includes(account)).map((l) => l.quality);
    if (quality.some((word) => word !== 'metered')) throw late('a reading was missed');
    return balancesOf(client, pair);
  });
}
