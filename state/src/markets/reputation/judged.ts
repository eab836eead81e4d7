// Contracts of a period of reputation as settlement and corrections see them (settlement 3.5,
// market-reputation 1.10): which ones are judged, what a correction makes of one, and how long
// corrections wait. What is due for them: boundary/judge.ts and boundary/again.ts.
import type { Money, Price, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { meanPrice } from '../../../../market/src/settle/rules.js';
import { pay } from '../../boundary/again.js';
import { type Judged, type Judging, rulesOf } from '../../boundary/judge.js';
import type { MarketStep } from '../../boundary/step.js';
import type { PeriodKey, TradeKey } from '../../schema.js';
import type { World } from '../../world.js';
import { contractId, contractsOf, putContract } from './contracts.js';
import type { Contract } from './records.js';
import { CONTRACTS, DELIVERY_PERIODS } from './tables.js';

/** It became ACTIVE, and curtailment has left something of it. */
const isJudged = ({ state, energyWh }: Contract): boolean =>
  state !== 'PROPOSED' && state !== 'CANCELLED' && energyWh > 0n;

/** Only the regulator refunds what was disputed: it counts as not delivered (1.10). */
const isRefunded = ({ state, disputed }: Contract): boolean => state === 'REFUNDED' && disputed;

function judgedOf(contract: Contract): Judged {
  const { market, period, number, seller, buyer, energyWh, priceSum, congestion } = contract;
  const price = meanPrice(priceSum);
  return {
    at: { market, period, index: number },
    seller,
    buyer,
    terms: { energyWh, kind: 'trade', price, congestion, bothWheel: false },
    isRefunded: isRefunded(contract),
  };
}

/** In the order of matching. */
export function judgingOf(step: MarketStep): Judging {
  const { market, period } = step.due;
  const judged = contractsOf(step.world, { market, period })
    .map(({ contract }) => contract)
    .filter(isJudged);
  // P_T as it was signed: what the grid company has published since is for later periods.
  const wheeling = judged[0]?.wheeling ?? (0n as Price);
  return { contracts: judged.map(judgedOf), rules: { ...rulesOf(step), wheeling } };
}

/**
 * Money of a contract moves with its receipt first, and what was wrong in it after that: until
 * nothing of a period waits or is disputed, its corrections do.
 */
export function holdsCorrections(world: World, key: PeriodKey): boolean {
  const period = world.get(DELIVERY_PERIODS, { market: key.market, period: key.period });
  return period !== undefined && period.waiting + period.disputed > 0;
}

/**
 * A contract whose delivery a correction has changed: it says so, and is over as it would have
 * been. A subsidy falls with the energy it was paid for; it does not rise, since the budget of the
 * period went to those that were there.
 */
export function corrected(
  step: MarketStep,
  { index, ...key }: TradeKey,
  deliveredWh: bigint,
): void {
  const at = { ...key, id: contractId(step.chain, key, index) };
  const contract = present(step.world.get(CONTRACTS, at), 'a delivery has its contract');
  const old = contract.deliveredWh;
  if (deliveredWh === old) return;
  const kept = deliveredWh < old ? (contract.subsidy * deliveredWh) / old : contract.subsidy;
  const { grid } = step.chain.system;
  pay(step, { from: contract.seller, to: grid, amount: contract.subsidy - kept });
  putContract(step, at, {
    ...contract,
    deliveredWh: deliveredWh as WattHour,
    subsidy: kept as Money,
    state: deliveredWh > 0n ? 'SETTLED' : 'REFUNDED',
  });
}
