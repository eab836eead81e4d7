// pay: the buyers' locks go to the sellers' locked balances, where they stay until the balancing of
// the delivery period (settlement 2, market-call 12). A long step: buyers in ascending id.
import { addMoney, cost, subMoney } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { compareBytes } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { locked } from '../ledger/ledger.js';
import { type OrderKey, periodGroup, PERIODS, POSITIONS, type Trade, TRADES } from '../schema.js';
import { keyText } from '../../../core/src/bytes.js';
import { finishPart, settlingOf } from './progress.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from './step.js';

export function pay(step: MarketStep): StepResult {
  const { world, due } = step;
  const key = { market: due.market, period: due.period };
  const after = settlingOf(world, key).after;
  const byBuyer = tradesByBuyer(step);
  const buyers = [...byBuyer.values()]
    .map((trades) => present(trades[0], 'a buyer has a trade').buyer)
    .filter((buyer) => after === undefined || compareBytes(buyer, after) > 0)
    .sort(compareBytes);
  const part = buyers.slice(0, PART_ACCOUNTS);
  for (const buyer of part) {
    for (const trade of byBuyer.get(keyText(buyer)) ?? []) payTrade(step, trade);
  }
  const unfinished = buyers.length > part.length;
  if (!unfinished) {
    const period = present(world.get(PERIODS, key), 'a paid period has its record');
    world.set(PERIODS, key, { ...period, status: 'paid' });
  }
  return finishPart(world, key, { after: part[part.length - 1], unfinished, work: part.length });
}

function tradesByBuyer({ world, due }: MarketStep): Map<string, Trade[]> {
  const group = periodGroup({ market: due.market, period: due.period });
  const byBuyer = new Map<string, Trade[]>();
  for (const { value } of world.entries(TRADES, group)) {
    const trades = byBuyer.get(keyText(value.buyer));
    if (trades === undefined) byBuyer.set(keyText(value.buyer), [value]);
    else trades.push(value);
  }
  return byBuyer;
}

function payTrade({ world, ledger, due }: MarketStep, trade: Trade): void {
  const amount = cost(trade.energyWh, trade.price);
  ledger.post({ type: 'energy', from: locked(trade.buyer), to: locked(trade.seller), amount });
  const at = (account: AccountId): OrderKey => ({
    market: due.market,
    period: due.period,
    account,
  });
  const buyer = present(world.get(POSITIONS, at(trade.buyer)), 'a trade has its positions');
  world.set(POSITIONS, at(trade.buyer), { ...buyer, lock: subMoney(buyer.lock, amount) });
  const seller = present(world.get(POSITIONS, at(trade.seller)), 'a trade has its positions');
  world.set(POSITIONS, at(trade.seller), { ...seller, lock: addMoney(seller.lock, amount) });
}
