// settle of a neighbourhood market: as every market with payment "delivered"; with the last phase
// of each home its actual record, which costs a token, and the flag of a mismatch with what it had
// declared (market-neighbourhood 1.2).
import { compareBytes } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { isMismatch } from '../../../../market/src/neighbourhood/conduct.js';
import { twoPrices } from '../../../../market/src/settle/rules.js';
import { homesOf, orderKey } from '../../boundary/homes.js';
import { settlingOf } from '../../boundary/progress.js';
import type { Judging } from '../../boundary/judge.js';
import { BARRIER, servedAt, settleDelivered } from '../../boundary/settleDelivered.js';
import type { MarketStep, StepResult } from '../../boundary/step.js';
import { POSITIONS, SETTLEMENTS } from '../../schema.js';
import { flag, spend, takeForecast } from './conduct.js';
import { contractId } from './contracts.js';
import { TERMS } from './tables.js';

/** Each side has its own price by its contract (market-neighbourhood 1.4). */
export const judgingOf = (step: MarketStep): Judging =>
  servedAt(step, (key, trade) => {
    const terms = step.world.get(TERMS, { ...key, id: contractId(step.chain, key, key.index) });
    const sellPrice = terms?.sellPrice ?? trade.price;
    return twoPrices(2n * sellPrice, 2n * trade.price);
  });

export function settle(step: MarketStep): StepResult {
  const key = { market: step.due.market, period: step.due.period };
  const before = settlingOf(step.world, key);
  const result = settleDelivered(step, judgingOf);
  if (before.barrier !== BARRIER.close) return result;
  const after = result.unfinished ? settlingOf(step.world, key).after : undefined;
  for (const { account } of homesOf(step)) {
    const isDone = before.after !== undefined && compareBytes(account, before.after) <= 0;
    const isAhead = after !== undefined && compareBytes(account, after) > 0;
    if (!isDone && !isAhead) record(step, account);
  }
  return result;
}

/** The actual record of a home, where its meter spoke. */
function record(step: MarketStep, account: AccountId): void {
  const { world, market, due, timeMs } = step;
  const key = { market: due.market, account };
  const declaredWh = takeForecast(world, key, due.period) ?? declaredBy(step, account);
  const line = world.get(SETTLEMENTS, orderKey(step, account));
  if (line === undefined || line.quality === 'substitute') return;
  spend(world, market, { ...key, timeMs });
  if (declaredWh === undefined) return;
  const { mismatchAtPpm, mismatchMinWh } = market.params;
  const actualWh = line.importWh - line.exportWh;
  if (isMismatch(actualWh, declaredWh, { mismatchAtPpm, mismatchMinWh }))
    flag(world, key, due.period);
}

/** What was opened, with its sign; nothing where no bid was. */
function declaredBy(step: MarketStep, account: AccountId): bigint | undefined {
  const position = step.world.get(POSITIONS, orderKey(step, account));
  if (position === undefined || position.outcome === 'VOID') return undefined;
  return position.side === 'buy' ? position.declaredWh : -position.declaredWh;
}
