// The two-round auction on the chain (two-round 1-9): round 1 at `clear`, references, quotes of
// the agents by `adjust` transactions, round 2 at the step `adjust`. Reserves never come here.
import type { Price } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { quotesPerPrice } from '../../../market/src/twoRound/adjust.js';
import { clearRound1, clearRound2 } from '../../../market/src/twoRound/clear.js';
import { payArrears } from '../ledger/arrears.js';
import { PERIODS, REFERENCES, periodGroup } from '../schema.js';
import { done, type MarketStep, type StepResult } from '../boundary/step.js';
import { settleDelivered } from '../boundary/settleDelivered.js';
import { type BookAt, bookOf, type BookOrder, bookTrades, putOrder, tradedOff } from './book.js';
import type { ChainMechanism } from './mechanism.js';
import { cancel } from './openOrders.js';
import { bookAt, closeRest, dealsOf, isLate, openOf, voidBook } from './uniform.js';

function clear(step: MarketStep): StepResult {
  const at = bookAt(step);
  const orders = bookOf(step.world, at.key);
  if (isLate(step)) voidBook(step, at, orders);
  else round1(step, at, orders);
  payArrears(step.ledger);
  return done(orders.length);
}

const optionsOf = ({ market }: MarketStep) => ({
  tick: market.params.tick,
  mode: market.params.mode as 'repeat' | 'single',
});

function round1(step: MarketStep, at: BookAt, orders: readonly BookOrder[]): void {
  const { world } = step;
  const { trades, remainingWh, references } = clearRound1(orders.map(openOf), optionsOf(step));
  bookTrades(at, dealsOf(orders, trades));
  orders.forEach((one, i) => {
    const left = present(remainingWh[i], 'a remainder per order');
    const order = tradedOff(at.market, one.order, one.order.energyWh - left);
    putOrder(at, one, left === 0n ? undefined : order);
  });
  for (const { type = '', askMax, bidMin } of references)
    world.set(REFERENCES, { ...at.key, type }, { askMax, bidMin });
  const period = present(world.get(PERIODS, at.key), 'a period with orders has its record');
  world.set(PERIODS, at.key, { ...period, status: 'adjust' });
}

function adjust(step: MarketStep): StepResult {
  const { world } = step;
  const at = bookAt(step);
  const orders = bookOf(world, at.key);
  const references = world.entries(REFERENCES, periodGroup(at.key));
  // Round 2 too late is void by itself: the trades of round 1 stand (consensus 5a.6d).
  if (isLate(step))
    closeRest(
      at,
      orders,
      orders.map(({ order }) => order.energyWh),
    );
  else {
    const { params } = step.market;
    const { trades, remainingWh } = clearRound2(
      {
        orders: orders.map(openOf),
        remainingWh: orders.map(({ order }) => order.energyWh),
        references: references.map(({ key, value }) => ({
          type: key.type,
          askMax: value.askMax as Price | undefined,
          bidMin: value.bidMin as Price | undefined,
        })),
        quotes: (index, number, before) => orders[index]?.order.quotes[number - 1] ?? before,
      },
      {
        ...optionsOf(step),
        maxSteps: params.maxSteps,
        perPrice: quotesPerPrice(step.chain.priceDecimals),
      },
    );
    bookTrades(at, dealsOf(orders, trades));
    closeRest(at, orders, remainingWh);
  }
  for (const { key } of references) world.delete(REFERENCES, key);
  const period = present(world.get(PERIODS, at.key), 'a period with orders has its record');
  world.set(PERIODS, at.key, { ...period, status: 'cleared', live: 0 });
  payArrears(step.ledger);
  return done(orders.length);
}

export const twoRound: ChainMechanism = {
  isAtStake(step, period) {
    if (step === 'adjust') return period.status === 'adjust';
    return period.live > 0 && period.status === 'declare';
  },
  bids: { cancel },
  steps: { clear, adjust, settle: settleDelivered },
};
