// Contracts of the reputation market as the state keeps them (market-reputation 1.10): ids, order,
// locks, and the line that tells of each state.
import type { Money, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { keyText } from '../../../../core/src/bytes.js';
import { encodeWire } from '../../../../core/src/codec/codec.js';
import { type Hash, sha256 } from '../../../../core/src/hash.js';

import type { Chain } from '../../chain.js';
import type { Ledger } from '../../ledger/ledger.js';
import { periodGroup, type PeriodKey } from '../../schema.js';
import type { World } from '../../world.js';
import type { Contract, DeliveryPeriod } from './records.js';
import { type ContractKey, CONTRACTS, DELIVERY_PERIODS } from './tables.js';

export interface ContractEntry {
  readonly key: ContractKey;
  readonly contract: Contract;
}

/** SHA-256 of ["contract", chainId, market, period, number]. */
export const contractId = (chain: Chain, key: PeriodKey, number: bigint): Hash =>
  sha256(encodeWire(['contract', chain.chainId, key.market, key.period, number]));

/** All of a period in the order of matching. */
export const contractsOf = (world: World, key: PeriodKey): readonly ContractEntry[] =>
  world
    .entries(CONTRACTS, periodGroup(key))
    .map((entry) => ({ key: entry.key, contract: entry.value }))
    .sort((a, b) => (a.contract.number < b.contract.number ? -1 : 1));

/** By account (as text), in the order of matching. */
export function contractsByParty(
  entries: readonly ContractEntry[],
): ReadonlyMap<string, readonly Contract[]> {
  const byParty = new Map<string, Contract[]>();
  for (const { contract } of entries)
    for (const party of [contract.seller, contract.buyer]) {
      const of = byParty.get(keyText(party));
      if (of === undefined) byParty.set(keyText(party), [contract]);
      else of.push(contract);
    }
  return byParty;
}

/** The contract of that id, where it is of that period. */
export function contractAt(world: World, key: PeriodKey, id: Hash): Contract | undefined {
  const contract = world.get(CONTRACTS, { ...key, id });
  const isOf = contract?.market === key.market && contract.period === key.period;
  return isOf ? contract : undefined;
}

/** What of the buyer's lock stood in its quote: energy x (own quote + P_T). */
export const quotePart = ({ energyWh, bid, wheeling }: Contract): Money =>
  (energyWh * (bid + wheeling)) as Money;

/** Whole lock of a buyer for an energy. */
export const buyerLock = (
  { bid, wheeling, congestion }: Pick<Contract, 'bid' | 'wheeling' | 'congestion'>,
  energyWh: bigint,
): Money => (energyWh * (bid + wheeling + congestion)) as Money;

export interface Change {
  readonly world: World;
  readonly ledger: Ledger;
}

/** Writes a contract, and a line to each party where its state is another than before. */
export function putContract({ world, ledger }: Change, key: ContractKey, next: Contract): void {
  const before = world.get(CONTRACTS, key);
  world.set(CONTRACTS, key, next);
  if (before?.state === next.state) return;
  for (const side of ['sell', 'buy'] as const) {
    const [account, other] =
      side === 'sell' ? [next.seller, next.buyer] : [next.buyer, next.seller];
    const parts = [next.state, side, other, next.energyWh, next.deliveredWh];
    const prices = [next.priceSum, next.wheeling, next.congestion, next.biddingRound];
    const fields = [key.market, key.period, key.id, ...parts, ...prices];
    ledger.line({ kind: 'deal', account, fields });
  }
}

const NEW_PERIOD: DeliveryPeriod = {
  contracts: 0n,
  waiting: 0,
  disputed: 0,
  receiptMs: 0n as DeliveryPeriod['receiptMs'],
  ratingsEndMs: 0n as DeliveryPeriod['ratingsEndMs'],
  subsidy: 0n as DeliveryPeriod['subsidy'],
  budget: 0n as DeliveryPeriod['budget'],
  isCounted: false,
};

export const deliveryPeriod = (world: World, key: PeriodKey): DeliveryPeriod =>
  world.get(DELIVERY_PERIODS, key) ?? NEW_PERIOD;

/** Counts of a period that has contracts. */
export function countContracts(
  world: World,
  key: PeriodKey,
  change: { readonly waiting?: number; readonly disputed?: number },
): void {
  const period = present(world.get(DELIVERY_PERIODS, key), 'a contract has its period');
  const { waiting = 0, disputed = 0 } = change;
  putDeliveryPeriod(world, key, {
    ...period,
    waiting: period.waiting + waiting,
    disputed: period.disputed + disputed,
  });
}

/** It goes when it is in the window and nothing of it is open. */
export function putDeliveryPeriod(world: World, key: PeriodKey, next: DeliveryPeriod): void {
  const at = { market: key.market, period: key.period };
  const isOver = next.isCounted && next.waiting === 0 && next.disputed === 0;
  if (isOver) world.delete(DELIVERY_PERIODS, at);
  else world.set(DELIVERY_PERIODS, at, next);
}

export const NO_WH = 0n as WattHour;
