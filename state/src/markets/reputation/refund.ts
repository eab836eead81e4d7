// A disputed contract that the regulator refunds (market-reputation 1.10): it counts as not
// delivered, and both meters are settled again with the grid (settlement 3.5). The lines get a new
// version, from which later corrections go on.
import type { Money, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { keep } from '../../boundary/again.js';
import { orderKey } from '../../boundary/homes.js';
import type { MarketStep } from '../../boundary/step.js';
import { marketOf } from '../../chain.js';
import { available, locked } from '../../ledger/ledger.js';
import { DELIVERIES, type Settlement, SETTLEMENTS } from '../../schema.js';
import type { ApplyContext } from '../../tx/context.js';
import { type ContractEntry, NO_WH, putContract } from './contracts.js';
import type { Contract } from './records.js';

const NO_MONEY = 0n as Money;

/** What is settled in a period, at the time of a transaction. */
function stepOf(context: ApplyContext, { market: id, period }: Contract): MarketStep {
  const { world, chain, ledger, timeMs } = context;
  const market = present(marketOf(chain, id), 'checked');
  const at = { step: 'correct' as const, biddingRound: 1, part: 0 };
  return { world, chain, ledger, market, timeMs, due: { market: id, period, timeMs, ...at } };
}

export function refund(context: ApplyContext, { key, contract }: ContractEntry): void {
  const { buyer, seller, deliveredWh, congestion, lock } = contract;
  const { ledger, world } = context;
  ledger.post({ type: 'unlock', from: locked(buyer), to: available(buyer), amount: lock });
  const none = { lock: NO_MONEY, deliveredWh: NO_WH };
  putContract(context, key, { ...contract, ...none, state: 'REFUNDED' });
  const step = stepOf(context, contract);
  const at = { market: key.market, period: key.period, index: contract.number };
  const delivery = present(world.get(DELIVERIES, at), 'a delivered contract has its delivery');
  const { energyMoney, wheeling } = delivery;
  const nothing = { deliveredWh: 0n as WattHour, energyMoney: NO_MONEY, wheeling: NO_MONEY };
  world.set(DELIVERIES, at, { ...delivery, ...nothing });
  const { retail, feedIn } = step.market.params;
  again(step, buyer, (line) => ({
    energyMoney: line.energyMoney + energyMoney,
    fees: (line.fees - wheeling - deliveredWh * congestion) as Money,
    gridCharge: (line.gridCharge + deliveredWh * retail) as Money,
  }));
  again(step, seller, (line) => ({
    energyMoney: line.energyMoney - energyMoney,
    gridCredit: (line.gridCredit + deliveredWh * feedIn) as Money,
  }));
}

function again(
  step: MarketStep,
  account: AccountId,
  changeOf: (line: Settlement) => Partial<Settlement>,
): void {
  const line = present(step.world.get(SETTLEMENTS, orderKey(step, account)), 'a settled home');
  keep(step, account, { ...line, ...changeOf(line) });
}
