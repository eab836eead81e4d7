// Clean energy of a settled period (settlement 5.8, market-reputation 1.11, 1.12): what a clean
// seller delivered to a buyer adds up per pair; each whole kWh moves a label and earns both the
// grant. Which markets do so, their modules say.
import type { WattHour } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import { wholeKwh } from '../../../market/src/settle/labels.js';
import type { Chain } from '../chain.js';
import { grant, grantAmount, grantingMarket, grantPair } from '../points/grants.js';
import { PACKED } from '../points/tables.js';
import { ACCOUNTS } from '../schema.js';
import type { World } from '../world.js';
import type { CertifyAt } from './certify.js';
import { makeLabels, type Metered, moveLabels } from './labels.js';
import { CLEAN_PAIRS } from './tables.js';

export interface CleanAt extends CertifyAt {
  readonly chain: Chain;
  readonly market: MarketConfig;
}

const countsPairs = (market: MarketConfig): boolean =>
  market.params.certificates || grantAmount(market, 'cleanKwh') > 0n;

const packs = (chain: Chain, market: MarketConfig): boolean =>
  grantingMarket(chain) === market && grantAmount(market, 'block') > 0n;

/** Whether settlement has anything to do here. */
export const hasCleanStep = (chain: Chain, market: MarketConfig): boolean =>
  countsPairs(market) || packs(chain, market);

const isGreen = (world: World, account: AccountId): boolean =>
  world.get(ACCOUNTS, account)?.green === true;

/** Labels of what a home fed in, or of the difference that a correction makes. */
export function produce(at: CleanAt, metered: Omit<Metered, 'market'>): void {
  if (!at.market.params.certificates || !isGreen(at.world, metered.account)) return;
  makeLabels(at, { ...metered, market: at.market.id });
}

export interface Delivered {
  readonly seller: AccountId;
  readonly buyer: AccountId;
  readonly period: bigint;
  /** Negative: a correction downwards, which moves nothing back. */
  readonly wh: bigint;
}

/** Clean energy delivered by one contract. */
export function deliverClean(at: CleanAt, { seller, buyer, period, wh }: Delivered): void {
  const { world, market } = at;
  if (wh === 0n || !countsPairs(market) || !isGreen(world, seller)) return;
  const key = { market: market.id, seller, buyer };
  const before = world.get(CLEAN_PAIRS, key)?.openWh ?? 0n;
  const { kwh: count, openWh } = wholeKwh(before as WattHour, wh as WattHour);
  if (openWh !== 0n) world.set(CLEAN_PAIRS, key, { openWh });
  else if (before !== 0n) world.delete(CLEAN_PAIRS, key);
  if (count === 0n) return;
  if (market.params.certificates) moveLabels(at, { seller, buyer, count });
  grantPair(at, { seller, buyer, market, period, count });
}

/** Grants of the blocks packed since the last settlement of the granting market. */
export function grantBlocks(at: CleanAt, period: bigint): void {
  const { world, chain, market } = at;
  if (!packs(chain, market)) return;
  for (const { key, value } of world.entries(PACKED)) {
    world.delete(PACKED, key);
    grant(at, { account: key, cause: 'block', market, period, count: value.blocks });
  }
}

/** The block before was packed by `proposer`: it is final, and counts once. */
export function countPacked(world: World, chain: Chain, proposer: AccountId): void {
  const market = grantingMarket(chain);
  if (market === undefined || !packs(chain, market)) return;
  const blocks = world.get(PACKED, proposer)?.blocks ?? 0n;
  world.set(PACKED, proposer, { blocks: blocks + 1n });
}
