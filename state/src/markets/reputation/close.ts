// close (market-reputation 1.3 CLOSE, 1.5, 1.8, 1.13): what still stands goes to the grid, the
// deals of the period give the equilibrium price and the next floor price, and delivery periods
// whose ratings have ended enter the window as a whole.
import { addMoney, type Money, NO_MONEY, type Price } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { keyText } from '../../../../core/src/bytes.js';
import { equilibriumOf, isAlarm } from '../../../../market/src/reputation/cep.js';
import { energyMoney, floorOf } from '../../../../market/src/reputation/quote.js';
import { rankingRewards } from '../../../../market/src/reputation/activity.js';
import { available } from '../../ledger/ledger.js';
import { gradedNodes } from './nodes.js';
import { payArrears } from '../../ledger/arrears.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { PERIODS, type Position, POSITIONS } from '../../schema.js';
import { contractsByParty, contractsOf, NO_WH } from './contracts.js';
import { dropQuote, type QuoteEntry, quotesOf } from './quotes.js';
import type { Contract, Prices } from './records.js';
import { PRICES } from './tables.js';
import { enterWindow } from './window.js';

export function close(step: MarketStep): StepResult {
  const { world, due } = step;
  const at = { market: due.market, period: due.period };
  const deals = contractsOf(world, at).filter(({ contract }) => contract.state === 'ACTIVE');
  const byParty = contractsByParty(deals);
  const entries = quotesOf(world, at);
  for (const entry of entries) endQuote(step, entry, byParty.get(keyText(entry.key.account)) ?? []);
  priceDeals(
    step,
    deals.map(({ contract }) => contract),
  );
  const counted = enterWindow(step);
  rewardRanks(step);
  const period = present(world.get(PERIODS, at), 'a period with quotes has its record');
  world.set(PERIODS, at, { ...period, status: 'cleared', live: 0, trades: deals.length });
  payArrears(step.ledger);
  return done(entries.length + deals.length + counted);
}

/** At once, over the grades 10, 30, 60 with weights 3:2:1 (market-reputation 1.13). */
function rewardRanks(step: MarketStep): void {
  const { ledger, chain, market } = step;
  const reward = market.params.rankingReward as Money;
  if (reward === 0n) return;
  const nodes = gradedNodes(step);
  const pool = ledger.spendable(chain.system.reward);
  const grades = nodes.map(({ grade }) => grade);
  const from = available(chain.system.reward);
  rankingRewards(grades, { reward, pool }).forEach((amount, i) => {
    const { account } = present(nodes[i], 'a reward per node');
    ledger.post({ type: 'reward', from, to: available(account), amount });
  });
}

const NO_PRICES: Prices = {
  floor: undefined,
  deals: [],
  cep: undefined,
  isAlarm: false,
  entered: [],
};

const pricesOf = ({ world, market }: Pick<MarketStep, 'world' | 'market'>): Prices =>
  world.get(PRICES, market.id) ?? NO_PRICES;

/** A period without a deal has no floor (market-reputation 1.4). */
function priceDeals(step: MarketStep, deals: readonly Contract[]): void {
  const { cepDeals, cepBeta, cepAlarmPpm, tick } = step.market.params;
  const before = pricesOf(step);
  const sums = deals.map(({ priceSum }) => priceSum);
  const all = [...before.deals, ...sums].slice(-cepDeals);
  const [num = '', den = ''] = cepBeta.split('/');
  const beta = { num: BigInt(num), den: BigInt(den) };
  const cep = equilibriumOf(all, { deals: cepDeals, beta, tick });
  step.world.set(PRICES, step.market.id, {
    ...before,
    floor: floorOf(sums),
    deals: all,
    cep,
    isAlarm: isAlarm(cep, before.cep as Price | undefined, cepAlarmPpm),
  });
}

/** What is left of a quote is for the grid; the position says what came of it. */
function endQuote(step: MarketStep, entry: QuoteEntry, own: readonly Contract[]): void {
  const { key, quote } = entry;
  dropQuote(step, entry, { choice: undefined });
  if (quote.side === undefined) return;
  let [tradedWh, amount] = [NO_WH, NO_MONEY as Money];
  for (const { energyWh, priceSum } of own) {
    tradedWh = (tradedWh + energyWh) as typeof tradedWh;
    amount = addMoney(amount, energyMoney(priceSum, energyWh));
  }
  const { side, id, declaredWh } = quote;
  const isWhole = tradedWh === declaredWh;
  const outcome = tradedWh === 0n ? 'UNMATCHED' : isWhole ? 'TRADED' : 'PARTLY';
  const position = { side, order: id, declaredWh, tradedWh, amount, lock: NO_MONEY, outcome };
  step.world.set(POSITIONS, key, position satisfies Position);
}
