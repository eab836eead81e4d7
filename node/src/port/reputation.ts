// What a market of reputation shows of a period beyond other markets: board, flags, fees, and the
// contracts of an account with what they wait for (interfaces "market_period").
import type { PeriodIndex } from '../../../core/src/amount.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { Hash } from '../../../core/src/hash.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { MarketQuery } from '../../../rpc/src/results/market.js';
import type {
  BiddingView,
  ContractView,
  ReputationView,
} from '../../../rpc/src/results/reputation.js';
import { windowOf } from '../../../state/src/boundary/timing.js';
import { type Chain, marketOf } from '../../../state/src/chain.js';
import { contractsOf, deliveryPeriod } from '../../../state/src/markets/reputation/contracts.js';
import { wheelingOf } from '../../../state/src/markets/reputation/network.js';
import {
  type QuoteEntry,
  quotesOf,
  sealsOf,
  stands,
} from '../../../state/src/markets/reputation/quotes.js';
import type { Contract } from '../../../state/src/markets/reputation/records.js';
import { BIDDINGS, CONTRACTS, PRICES } from '../../../state/src/markets/reputation/tables.js';
import { ACCOUNTS, type OrderKey, periodGroup, type PeriodKey } from '../../../state/src/schema.js';
import type { World } from '../../../state/src/world.js';
import type { NodeView } from '../view.js';
import { atTip } from './read.js';

interface At {
  readonly world: World;
  readonly chain: Chain;
  readonly market: MarketConfig;
  readonly key: PeriodKey;
}

export function reputationView(
  at: At,
  { account, cursor }: Pick<MarketQuery, 'account' | 'cursor'>,
): ReputationView {
  const { world, market, key } = at;
  const prices = world.get(PRICES, market.id);
  const own = contractsOf(world, key).filter(
    ({ contract }) => account !== undefined && concerns(at, contract, account),
  );
  const from = Number(cursor?.split(':')[0] ?? '0');
  const page = own.slice(from, from + RPC_PAGE);
  return {
    board: boardView(quotesOf(world, key).filter(({ quote }) => stands(quote))),
    rounds: roundsView(at),
    wheeling: wheelingOf(world, market, key.period),
    floor: prices?.floor ?? null,
    cep: prices?.cep ?? null,
    cepAlarm: prices?.isAlarm ?? false,
    seals: account === undefined ? [] : sealsView(at, account as AccountId),
    contracts: page.map((one) => contractView(at, one.key.id, one.contract)),
    ...(from + page.length < own.length && { cursor: String(from + page.length) }),
  };
}

function sealsView({ world, market, key }: At, account: AccountId): ReputationView['seals'] {
  return sealsOf(world, market, { ...key, account }).map(({ key: { biddingRound }, seal }) => {
    const { id, hash, revealed } = seal;
    return { biddingRound, id, hash, revealed };
  });
}

/** The grid company signs every contract, and the regulator ends its dispute. */
const concerns = (
  { world, chain }: At,
  { seller, buyer }: Contract,
  account: Uint8Array,
): boolean =>
  [seller, buyer, chain.system.grid].some((party) => equalBytes(party, account)) ||
  world.get(ACCOUNTS, account as AccountId)?.role === 'regulator';

function boardView(entries: readonly QuoteEntry[]): ReputationView['board'] {
  const side = (name: 'sell' | 'buy') =>
    entries
      .filter(({ quote }) => quote.side === name)
      .sort((a, b) => (a.quote.price < b.quote.price === (name === 'sell') ? -1 : 1))
      .slice(0, RPC_PAGE)
      .map(({ key, quote }) => ({
        account: printAccount(key.account),
        energyWh: quote.restWh,
        price: quote.price,
        grade: quote.grade,
        range: quote.range,
      }));
  return { buyers: side('buy'), sellers: side('sell') };
}

function roundsView({ world, chain, market, key }: At): readonly BiddingView[] {
  const names = chain.grids.get(market.id)?.lines.map(({ id }) => id) ?? [];
  return world.entries(BIDDINGS, periodGroup(key)).map(({ key: at, value }) => ({
    biddingRound: at.biddingRound,
    void: value.void,
    flags: value.flagged.map((line) => names[line] ?? ''),
    fees: value.fees.flatMap((fee, line) => (fee > 0n ? [{ line: names[line] ?? '', fee }] : [])),
  }));
}

type Waiting = Pick<ContractView, 'waits' | 'deadline'>;

function waitingOf({ world, market, key }: At, contract: Contract): Waiting {
  const { receiptMs } = deliveryPeriod(world, key);
  switch (contract.state) {
    case 'PROPOSED': {
      const window = windowOf(market, key.period, 'sign', contract.biddingRound);
      return { waits: 'sign', deadline: window?.endMs ?? null };
    }
    case 'DELIVERED':
      return { waits: 'confirm', deadline: receiptMs };
    case 'DISPUTED':
      return { waits: 'resolve', deadline: receiptMs + market.params.disputeMs };
    default:
      return { waits: null, deadline: null };
  }
}

function contractView(at: At, id: Uint8Array, contract: Contract): ContractView {
  const { market, period, number, biddingRound, state, lock } = contract;
  const { energyWh, curtailedWh, deliveredWh, priceSum, wheeling, congestion } = contract;
  const { signedBuyer: buyer, signedSeller: seller, signedGrid: grid } = contract;
  return {
    ...{ id, market, period, number, biddingRound, state, lock },
    ...{ energyWh, curtailedWh, deliveredWh, priceSum, wheeling, congestion },
    seller: printAccount(contract.seller),
    buyer: printAccount(contract.buyer),
    signed: { buyer, seller, grid },
    ...waitingOf(at, contract),
  };
}

/** Contracts of a period to which an account is a party, in the order of matching. */
export function signedOf(
  { world, chain }: Pick<At, 'world' | 'chain'>,
  { account, ...key }: OrderKey,
): readonly ContractView[] {
  const market = marketOf(chain, key.market);
  if (market?.mechanism !== 'reputation') return [];
  return contractsOf(world, key)
    .filter(({ contract: { seller, buyer } }) =>
      [seller, buyer].some((party) => equalBytes(party, account)),
    )
    .map((one) => contractView({ world, chain, market, key }, one.key.id, one.contract));
}

export function contractPart(view: NodeView): Pick<NodePort, 'signedContract'> {
  return {
    signedContract(id) {
      const [world, chain] = [view.world(), view.chain];
      const none = { market: '', period: 0n as PeriodIndex };
      const contract = world.get(CONTRACTS, { ...none, id: id as Hash });
      const market = contract && marketOf(chain, contract.market);
      if (contract === undefined || market === undefined) return undefined;
      const key = { market: contract.market, period: contract.period };
      const at = { world, chain, market, key };
      return { contract: contractView(at, id, contract), at: atTip(view) };
    },
  };
}
