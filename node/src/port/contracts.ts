// contract_get, account_contracts and credit_history over a NodeView: trades of every market that
// pays by delivery, contracts and listings of the bilateral ones.
import { equalBytes } from '../../../core/src/bytes.js';
import { asHash, type Hash } from '../../../core/src/hash.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import { contractIdOf, contractKeyOf } from '../../../core/src/listing.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { ScanQuery } from '../../../rpc/src/results/account.js';
import type {
  ContractResult,
  ContractsView,
  ContractView,
  CreditHistoryView,
  ListingView,
} from '../../../rpc/src/results/contract.js';
import { listingOf } from '../../../state/src/markets/bilateral/listing.js';
import {
  ACCOUNTS,
  CLOSED,
  CREDITS,
  DELIVERIES,
  periodGroup,
  type PeriodKey,
  PERIODS,
  POSITIONS,
  SETTLEMENTS,
  type Trade,
  type TradeKey,
  TRADES,
} from '../../../state/src/schema.js';
import {
  CONTRACTS,
  type Listing,
  LISTINGS,
  rightGroup,
  RIGHTS,
} from '../../../state/src/markets/bilateral/tables.js';
import type { NodeView } from '../view.js';
import { atTip, notHere } from './read.js';
import { signedOf } from './reputation.js';

type ContractPart = Pick<NodePort, 'contract' | 'contracts' | 'creditHistory'>;

export function contractsPart(view: NodeView): ContractPart {
  return {
    contract: (id) => contractResult(view, asHash(id)),
    contracts: (query) => contractsView(view, query),
    creditHistory: (query) => historyView(view, query),
  };
}

interface Found {
  readonly key: TradeKey;
  readonly trade: Trade;
}

function contractView(view: NodeView, { key, trade }: Found): ContractView {
  const world = view.world();
  const { market, period, index } = key;
  const { chainId } = view.chain;
  const row = world.get(CONTRACTS, key);
  const delivery = world.get(DELIVERIES, key);
  const after = row?.after;
  return {
    id: contractIdOf(chainId, key),
    kind: row?.kind ?? 'trade',
    state: world.get(CLOSED, { market, period }) === undefined ? 'open' : 'settled',
    ...{ market, period, index },
    seller: printAccount(trade.seller),
    buyer: printAccount(trade.buyer),
    energyWh: trade.energyWh,
    price: trade.price,
    after: after === undefined ? null : contractIdOf(chainId, { market, period, index: after }),
    listing: row?.listing ?? null,
    rights: world
      .entries(RIGHTS, rightGroup(key))
      .map(({ key: { id }, value: { energyWh, price, until } }) => {
        return { id, energyWh, price, until };
      }),
    delivery: delivery ?? null,
  };
}

function listingView(id: Hash, listing: Listing): ListingView {
  const { seller, buyer, committee, ballots, replaces, ...rest } = listing;
  const { startMs: _start, place: _place, ...shown } = rest;
  return {
    id,
    ...shown,
    seller: printAccount(seller),
    buyer: printAccount(buyer),
    replaces: replaces ?? null,
    committee: committee.map(printAccount),
    ballots: ballots.map(({ validator, bits }) => ({ validator: printAccount(validator), bits })),
  };
}

function contractResult(view: NodeView, id: Hash): ContractResult {
  const world = view.world();
  const at = atTip(view);
  const own = listingOf(world, id);
  if (own !== undefined) return { contract: null, listing: listingView(id, own), at };
  const markets = view.chain.markets.map((market) => market.id);
  const key = contractKeyOf(view.chain.chainId, markets, id) as TradeKey | undefined;
  const trade = key && world.get(TRADES, key);
  if (key === undefined || trade === undefined) return notHere('the contract');
  const from = world.get(CONTRACTS, key)?.listing;
  const listing = from && listingOf(world, from);
  return {
    contract: contractView(view, { key, trade }),
    listing: from && listing ? listingView(from, listing) : null,
    at,
  };
}

/** Periods with a record in which the account has a position, newest first, below the cursor. */
function periodsOf(view: NodeView, query: ScanQuery, from: typeof PERIODS): readonly PeriodKey[] {
  const world = view.world();
  const account = query.account as AccountId;
  const below = query.cursor === undefined ? query.to : BigInt(query.cursor.split(':')[0] ?? '0');
  return world
    .entries(from)
    .map(({ key }) => key)
    .filter(({ period }) => below === undefined || period < below)
    .filter(({ period }) => query.from === undefined || period >= query.from)
    .filter((key) => world.get(POSITIONS, { ...key, account }) !== undefined)
    .sort((a, b) => (a.period > b.period ? -1 : a.period < b.period ? 1 : 0));
}

/** Whole periods until a page is full, and where to go on. */
function pageOf<T>(keys: readonly PeriodKey[], itemsOf: (key: PeriodKey) => readonly T[]) {
  const items: T[] = [];
  let last: bigint | undefined;
  for (const key of keys) {
    if (items.length >= RPC_PAGE && key.period !== last) return { items, cursor: String(last) };
    items.push(...itemsOf(key));
    last = key.period;
  }
  return { items };
}

function contractsView(view: NodeView, query: ScanQuery): ContractsView {
  const world = view.world();
  const account = query.account;
  const isParty = (of: { readonly seller: Uint8Array; readonly buyer: Uint8Array }): boolean =>
    equalBytes(of.seller, account) || equalBytes(of.buyer, account);
  const periods = [...periodsOf(view, query, PERIODS), ...periodsOf(view, query, CLOSED)];
  const keys = periods.sort((a, b) => (a.period > b.period ? -1 : a.period < b.period ? 1 : 0));
  const { items, cursor } = pageOf(keys, (key) => [
    ...world
      .entries(TRADES, periodGroup(key))
      .filter(({ value }) => isParty(value))
      .map(({ key: at, value }) => ({ trade: contractView(view, { key: at, trade: value }) })),
    ...signedOf({ world, chain: view.chain }, { ...key, account: account as AccountId }).map(
      (signed) => ({ signed }),
    ),
  ]);
  const listings =
    query.cursor === undefined ? world.entries(LISTINGS).filter((e) => isParty(e.value)) : [];
  return {
    contracts: items.flatMap((item) => ('trade' in item ? [item.trade] : [])),
    signed: items.flatMap((item) => ('signed' in item ? [item.signed] : [])),
    listings: listings.map(({ key, value }) => listingView(key.id, value)),
    ...(cursor !== undefined && { cursor }),
    at: atTip(view),
  };
}

function historyView(view: NodeView, query: ScanQuery): CreditHistoryView {
  const world = view.world();
  const account = query.account as AccountId;
  const owner = world.get(ACCOUNTS, account) ?? notHere('the account');
  const { items, cursor } = pageOf(periodsOf(view, query, CLOSED), (key) => {
    const line = world.get(SETTLEMENTS, { ...key, account });
    if (line === undefined || line.tradedWh === 0n) return [];
    const { credit, tradedWh: contractWh, shortfallWh, penalty, penaltyShare } = line;
    return [{ ...key, credit, contractWh, shortfallWh, penalty, penaltyShare }];
  });
  const { D, i, n } = world.get(CREDITS, account) ?? { D: 0, i: 0, n: 0 };
  return {
    credit: { C: owner.credit, D, i, n },
    periods: items,
    ...(cursor !== undefined && { cursor }),
    at: atTip(view),
  };
}
