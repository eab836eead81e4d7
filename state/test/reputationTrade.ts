// What the people of a test chain send in a market of reputation, and its times.
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { Side, Tx } from '../../core/src/tx.js';
import { contractsOf } from '../src/markets/reputation/contracts.js';
import { HOUR, type Person, person, type TestChain, testGenesis } from './harness.js';
import { NONCE } from './trade.js';

export const MARKET = 'spot';
const MINUTE = 60_000n;

/** Moments of a bidding round of a period, chain ms; n from 1. */
export function timesOf(period: bigint, n: number) {
  const start = (period - 1n) * HOUR + MINUTE + BigInt(n - 1) * 10n * MINUTE;
  return {
    start,
    closeOrders: start + 3n * MINUTE,
    mark: start + 3n * MINUTE + 30_000n,
    board: start + 5n * MINUTE,
    clear: start + 7n * MINUTE,
    signed: start + 10n * MINUTE,
  };
}

export const endOf = (period: bigint): bigint => (period + 1n) * HOUR;
export const settleOf = (period: bigint): bigint => endOf(period) + 10n * MINUTE;
export const receiptOf = (period: bigint): bigint => endOf(period) + 30n * MINUTE;

export interface RepGenesis {
  readonly params?: object;
  readonly modules?: object;
  readonly feeder?: object;
  /** Node of a home; none where it is not named. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Homes whose export is clean. */
  readonly green?: readonly string[];
  readonly balance?: string;
  /** Of rewards. */
  readonly pool?: string;
  readonly consensus?: object;
}

/** Homes of 10 kW with an hourly market of reputation; feed-in 0.080, retail 0.300. */
export function repGenesis(homes: readonly string[], more: RepGenesis = {}): object {
  const { nodes = {}, params = {}, modules = {}, feeder, balance = '100', green = [] } = more;
  const { pool = '100', consensus = {} } = more;
  return testGenesis(homes, {
    ...(feeder && { feeder }),
    consensus,
    pools: { reward: pool },
    regulator: { publicKey: toHex(person('regulator').key) },
    accounts: homes.map((name, i) => ({
      publicKey: toHex(person(name).key),
      balance,
      pMaxImport: '10',
      pMaxExport: '10',
      green: green.includes(name),
      ...(nodes[name] && { node: nodes[name] }),
      meter: {
        number: String(i).padStart(12, '0'),
        publicKey: toHex(person(`${name} meter`).key),
        market: MARKET,
      },
    })),
    markets: [
      {
        id: MARKET,
        mechanism: 'reputation',
        params: { feedIn: '0.08', retail: '0.30', ...params },
        modules,
      },
    ],
  });
}

export interface RepBid {
  readonly who: Person;
  readonly side: Side;
  readonly wh: bigint;
  /** Units of 10^-3 per kWh. */
  readonly price: bigint;
  readonly period: bigint;
  readonly biddingRound?: number;
}

function bodyOf({ side, wh, price, period, biddingRound = 1 }: RepBid) {
  return {
    market: MARKET,
    period: period as PeriodIndex,
    biddingRound,
    side,
    energyWh: wh as WattHour,
    price: price as Price,
    nonce: NONCE,
  };
}

export function sealRep(chain: TestChain, bid: RepBid): Tx {
  const opening = bodyOf(bid);
  const { chainId } = chain.at.chain;
  const hash = sealedBidHash({ ...opening, chainId, account: chain.id(bid.who) });
  const { market, period, biddingRound } = opening;
  const sealed = { side: undefined, energyWh: undefined };
  return chain.tx(bid.who, 'sealBid', { market, period, biddingRound, hash, ...sealed });
}

export const revealRep = (chain: TestChain, bid: RepBid): Tx =>
  chain.tx(bid.who, 'revealBid', { ...bodyOf(bid), activate: false });

export interface RepChoice {
  readonly who: Person;
  readonly period: bigint;
  readonly biddingRound: number;
  readonly partners?: readonly Person[];
  readonly wh?: bigint;
  readonly decline?: boolean;
}

export const chooseRep = (chain: TestChain, c: RepChoice): Tx =>
  chain.tx(c.who, 'choose', {
    market: MARKET,
    period: c.period as PeriodIndex,
    biddingRound: c.biddingRound,
    energyWh: c.wh as WattHour | undefined,
    partners: (c.partners ?? []).map((who) => chain.id(who)),
    decline: c.decline ?? false,
  });

type Many = 'sign' | 'confirm' | 'dispute';

/** One transaction over contracts by their numbers. */
export const aboutContracts = (
  chain: TestChain,
  who: Person,
  at: { readonly kind: Many; readonly period: bigint; readonly numbers: readonly number[] },
): Tx =>
  chain.tx(who, at.kind, {
    market: MARKET,
    period: at.period as PeriodIndex,
    contracts: at.numbers.map((number) => idOf(chain, at.period, number)),
  });

export const dealsOf = (chain: TestChain, period: bigint) =>
  contractsOf(chain.world(), { market: MARKET, period: period as PeriodIndex });

export function idOf(chain: TestChain, period: bigint, number: number): Hash {
  const found = dealsOf(chain, period).find(({ contract }) => contract.number === BigInt(number));
  return found?.key.id ?? (new Uint8Array(32) as Hash);
}

export const signAll = (chain: TestChain, period: bigint, number: number, who: readonly Person[]) =>
  who.map((one) => aboutContracts(chain, one, { kind: 'sign', period, numbers: [number] }));
