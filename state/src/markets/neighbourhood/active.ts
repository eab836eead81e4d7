// active: contracts that both parties activated are settled with the interval; the others are
// cancelled, their locks go back and the side that failed is flagged (market-neighbourhood 1.1,
// 1.2). A long step: contracts in the order of matching.
import { type Money, subMoney, type WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { Side } from '../../../../core/src/tx.js';
import { finishPart, settlingOf } from '../../boundary/progress.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from '../../boundary/step.js';
import { payArrears } from '../../ledger/arrears.js';
import { type PeriodKey, PERIODS, POSITIONS, TRADES } from '../../schema.js';
import { releaseLock } from '../../tx/locks.js';
import { flag } from './conduct.js';
import { lockOf, termsOf, type TermsEntry } from './contracts.js';
import type { Terms } from './records.js';
import { TERMS } from './tables.js';

export function active(step: MarketStep): StepResult {
  const { world, due, ledger } = step;
  const key: PeriodKey = { market: due.market, period: due.period };
  const progress = settlingOf(world, key);
  const rest = termsOf(world, key).filter(({ terms }) => terms.number >= progress.trade);
  const part = rest.slice(0, PART_ACCOUNTS);
  const cancelled = part.filter(({ terms }) => !terms.sellerActivated || !terms.buyerActivated);
  for (const entry of part)
    world.set(TERMS, entry.key, {
      ...entry.terms,
      state: cancelled.includes(entry) ? 'CANCELLED' : 'ACTIVE',
    });
  for (const entry of cancelled) cancel(step, key, entry);
  if (cancelled.length > 0) {
    const period = present(world.get(PERIODS, key), 'contracts have their period');
    world.set(PERIODS, key, { ...period, trades: period.trades - cancelled.length });
  }
  payArrears(ledger);
  const unfinished = rest.length > part.length;
  const next = (part.at(-1)?.terms.number ?? 0n) + 1n;
  const carry = { ...progress, trade: next };
  return finishPart(world, key, { after: undefined, unfinished, work: part.length, carry });
}

function cancel(step: MarketStep, key: PeriodKey, { terms }: TermsEntry): void {
  const { world, ledger } = step;
  const { seller, buyer, energyWh, sellerActivated, buyerActivated } = terms;
  world.delete(TRADES, { ...key, index: terms.number });
  takeBack(step, key, { account: seller, side: 'sell', terms });
  takeBack(step, key, { account: buyer, side: 'buy', terms });
  if (!sellerActivated) flag(world, { market: key.market, account: seller }, key.period);
  if (!buyerActivated) flag(world, { market: key.market, account: buyer }, key.period);
  const fields = [key.market, key.period, 'NOT_ACTIVATED', energyWh];
  for (const account of [seller, buyer]) ledger.line({ kind: 'refused', account, fields });
}

interface OfSide {
  readonly account: AccountId;
  readonly side: Side;
  readonly terms: Terms;
}

/** A contract leaves the position of a party, with its lock. */
function takeBack(
  { world, market, ledger }: MarketStep,
  key: PeriodKey,
  { account, side, terms }: OfSide,
): void {
  const at = { ...key, account };
  const position = present(world.get(POSITIONS, at), 'a contract has its positions');
  const { energyWh } = terms;
  const price = side === 'sell' ? terms.sellPrice : terms.buyPrice;
  const lock = lockOf(market, { side, energyWh, price });
  releaseLock(ledger, account, lock);
  const tradedWh = (position.tradedWh - energyWh) as WattHour;
  world.set(POSITIONS, at, {
    ...position,
    tradedWh,
    amount: subMoney(position.amount, (energyWh * price) as Money),
    lock: subMoney(position.lock, lock),
    outcome: tradedWh === 0n ? 'CANCELLED' : 'PARTLY',
  });
}
