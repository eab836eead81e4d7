// What was delivered of each trade where energy is paid by contract (market-call 15): no money of
// it depends on that, but labels and grants do (settlement 5.2, 5.8). Allocation as everywhere.
import { NO_ENERGY, NO_MONEY, type WattHour } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { keyText } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { allocate } from '../../../market/src/settle/allocate.js';
import {
  type Delivery,
  DELIVERIES,
  periodGroup,
  SETTLEMENTS,
  type Trade,
  TRADES,
} from '../schema.js';
import type { MarketStep } from './step.js';

const NOTHING: Delivery = {
  deliveredWh: NO_ENERGY,
  shortSellerWh: NO_ENERGY,
  shortBuyerWh: NO_ENERGY,
  energyMoney: NO_MONEY,
  surplus: NO_MONEY,
  penaltySeller: NO_MONEY,
  penaltyBuyer: NO_MONEY,
  wheeling: NO_MONEY,
};

export interface Again {
  readonly trade: Trade;
  /** Against what stood there before. */
  readonly differenceWh: bigint;
}

/** Delivers the trades of a period by the settlement lines as they are; gives what changed. */
export function deliverByContract({ world, market, due }: MarketStep): readonly Again[] {
  const group = periodGroup({ market: due.market, period: due.period });
  const lines = world.entries(SETTLEMENTS, group);
  const places = new Map(lines.map(({ key }, i) => [keyText(key.account), i]));
  const placeOf = (account: AccountId): number =>
    present(places.get(keyText(account)), 'the meters of a trade are settled');
  const trades = world.entries(TRADES, group);
  const allocations = allocate({
    registers: lines.map(({ value }) => value),
    contracts: trades.map(({ value: { seller, buyer, energyWh } }) => ({
      seller: placeOf(seller),
      buyer: placeOf(buyer),
      energyWh,
      kind: 'trade' as const,
    })),
    allocation: market.params.allocation as 'fifo',
  });
  return trades.flatMap(({ key, value: trade }, i): readonly Again[] => {
    const { deliveredWh, shortSellerWh, shortBuyerWh } = present(allocations[i], 'one each');
    const before = world.get(DELIVERIES, key)?.deliveredWh ?? NO_ENERGY;
    world.set(DELIVERIES, key, {
      ...NOTHING,
      deliveredWh: deliveredWh as WattHour,
      shortSellerWh: shortSellerWh as WattHour,
      shortBuyerWh: shortBuyerWh as WattHour,
    });
    const differenceWh = deliveredWh - before;
    return differenceWh === 0n ? [] : [{ trade, differenceWh }];
  });
}
