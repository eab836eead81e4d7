// After delivery (market-reputation 1.5, 1.10): confirm pays a contract at once, dispute holds it
// for the regulator, the step receipt pays what is silent, a second one what nobody resolved; rate.
import { type Money, NO_MONEY } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { subsidyOf } from '../../../../market/src/reputation/activity.js';
import { payArrears, recordArrears } from '../../ledger/arrears.js';
import { available, type Ledger, locked } from '../../ledger/ledger.js';
import type { Due } from '../../boundary/cursor.js';
import { deliverClean } from '../../certificates/clean.js';
import { marketOf } from '../../chain.js';
import { type MarketStep, PART_ACCOUNTS, type StepResult } from '../../boundary/step.js';
import type { ApplyContext, CheckContext, TxRule } from '../../tx/context.js';
import { ACCOUNTS, DELIVERIES } from '../../schema.js';
import type { World } from '../../world.js';
import {
  type ContractEntry,
  contractAt,
  contractsOf,
  countContracts,
  deliveryPeriod,
  putContract,
  putDeliveryPeriod,
} from './contracts.js';
import type { Contract } from './records.js';
import { refund } from './refund.js';
import { checkContracts } from './sign.js';
import { type ContractKey, DELIVERY_PERIODS, QUOTES } from './tables.js';

/** `receipt` of bidding round 2 ends the time in which a dispute can be resolved. */
const END_OF_DISPUTES = 2;

/** Steps of settled periods that wait for somebody. */
export function laterSteps(world: World, market: MarketConfig): readonly Due[] {
  return world.entries(DELIVERY_PERIODS, market.id).flatMap(({ key, value }): Due[] => {
    const { receiptMs, waiting, disputed } = value;
    if (receiptMs === 0n) return [];
    const due = { ...key, step: 'receipt' as const, part: 0 };
    const endMs = (receiptMs + market.params.disputeMs) as Due['timeMs'];
    return [
      ...(waiting > 0 ? [{ ...due, biddingRound: 1, timeMs: receiptMs }] : []),
      ...(disputed > 0 ? [{ ...due, biddingRound: END_OF_DISPUTES, timeMs: endMs }] : []),
    ];
  });
}

interface Paying {
  readonly world: World;
  readonly ledger: Ledger;
  readonly chain: ApplyContext['chain'];
  readonly timeMs: ApplyContext['timeMs'];
}

/** Seller and grid are paid separately, labels and grants come with it, all in one step. */
function payContract(at: Paying, { key, contract }: ContractEntry): void {
  const { ledger, world, chain } = at;
  const { market, period, number, buyer, seller, congestion, deliveredWh } = contract;
  const delivery = world.get(DELIVERIES, { market, period, index: number });
  const { energyMoney, wheeling } = present(delivery, 'a delivered contract has its delivery');
  const from = locked(buyer);
  const grid = available(chain.system.grid);
  ledger.post({ type: 'energy', from, to: available(seller), amount: energyMoney });
  ledger.post({ type: 'wheeling', from, to: grid, amount: wheeling });
  const fee = (deliveredWh * congestion) as Money;
  ledger.post({ type: 'congestion', from, to: grid, amount: fee });
  const subsidy = paySubsidy(at, contract);
  putContract(at, key, { ...contract, lock: 0n as Money, subsidy, state: 'SETTLED' });
  const config = present(marketOf(chain, market), 'a contract is of a market');
  deliverClean({ ...at, market: config }, { seller, buyer, period, wh: deliveredWh });
}

/**
 * Of the grid company to a clean seller, until the budget of the period is used up (1.13); gives
 * what it is.
 */
function paySubsidy({ world, ledger, chain }: Paying, contract: Contract): Money {
  const period = deliveryPeriod(world, contract);
  const { subsidy: perKwh, budget } = period;
  const isClean = world.get(ACCOUNTS, contract.seller)?.green === true;
  if (perKwh === 0n || !isClean) return NO_MONEY;
  const due = subsidyOf(contract.deliveredWh, { perKwh, budget });
  const left = (budget - due) as Money;
  putDeliveryPeriod(world, contract, { ...period, budget: left });
  const { grid } = chain.system;
  const [from, to] = [available(grid), available(contract.seller)];
  const amount = ledger.payUpTo({ type: 'subsidy', from, to, amount: due });
  recordArrears(ledger, { debtor: grid, creditor: contract.seller, amount });
  return due;
}

export function receipt(step: MarketStep): StepResult {
  const { world, ledger, due } = step;
  const isSilence = due.biddingRound !== END_OF_DISPUTES;
  const wanted = isSilence ? 'DELIVERED' : 'DISPUTED';
  const rest = contractsOf(world, due).filter(({ contract }) => contract.state === wanted);
  const part = rest.slice(0, PART_ACCOUNTS);
  for (const entry of part) {
    payContract(step, entry);
    if (isSilence) blameBuyer(world, entry.contract);
    countContracts(world, entry.key, isSilence ? { waiting: -1 } : { disputed: -1 });
  }
  payArrears(ledger);
  return { work: Math.max(1, part.length), unfinished: rest.length > part.length };
}

/** Paid by silence: the buyer is marked down (market-reputation 1.5, 1.13). */
function blameBuyer(world: World, { market, period, buyer }: Contract): void {
  const key = { market, period, account: buyer };
  const quote = world.get(QUOTES, key);
  if (quote === undefined) return;
  world.set(QUOTES, key, { ...quote, unsigned: quote.unsigned + 1, notConfirmed: true });
}

const isParty = ({ buyer, seller }: Contract, account: AccountId): boolean =>
  equalBytes(buyer, account) || equalBytes(seller, account);

export const confirm: TxRule<'confirm'> = {
  check(context, { body, sender }) {
    return checkContracts(context, { key: body, ids: body.contracts }, (contract) => {
      if (!equalBytes(contract.buyer, sender)) return 'NOT_ALLOWED';
      return contract.state === 'DELIVERED' ? undefined : 'WRONG_PHASE';
    });
  },
  apply(context, { body }) {
    for (const entry of entriesOf(context, body)) {
      payContract(context, entry);
      countContracts(context.world, entry.key, { waiting: -1 });
    }
  },
};

export const dispute: TxRule<'dispute'> = {
  check(context, { body, sender }) {
    return checkContracts(context, { key: body, ids: body.contracts }, (contract) => {
      if (!isParty(contract, sender)) return 'NOT_ALLOWED';
      return contract.state === 'DELIVERED' ? undefined : 'WRONG_PHASE';
    });
  },
  apply(context, { body }) {
    for (const { key, contract } of entriesOf(context, body)) {
      putContract(context, key, { ...contract, state: 'DISPUTED', disputed: true });
      countContracts(context.world, key, { waiting: -1, disputed: 1 });
    }
  },
};

function entriesOf(
  { world }: ApplyContext,
  { market, period, contracts }: TxOf<'confirm'>['body'],
): readonly ContractEntry[] {
  return contracts.map((id) => {
    const key: ContractKey = { market, period, id };
    return { key, contract: present(contractAt(world, key, id), 'checked') };
  });
}

export const resolve: TxRule<'resolve'> = {
  check(context, { body }) {
    if (context.sender.role !== 'regulator') return 'NOT_ALLOWED';
    return checkContracts(context, { key: body, ids: [body.contract] }, ({ state }) =>
      state === 'DISPUTED' ? undefined : 'WRONG_PHASE',
    );
  },
  apply(context, { body }) {
    const { market, period, contract: id } = body;
    const key: ContractKey = { market, period, id };
    const contract = present(contractAt(context.world, key, id), 'checked');
    if (body.settled) payContract(context, { key, contract });
    else refund(context, { key, contract });
    countContracts(context.world, key, { disputed: -1 });
  },
};

export const rate: TxRule<'rate'> = {
  check(context, { body, sender }) {
    const at = { key: body, ids: [body.contract] };
    return checkContracts(context, at, (contract) => {
      if (!isParty(contract, sender)) return 'NOT_ALLOWED';
      return canRate(context, contract) ? undefined : 'WRONG_PHASE';
    });
  },
  apply(context, { body, sender }) {
    const { market, period, contract: id, good } = body;
    const contract = present(contractAt(context.world, body, id), 'checked');
    const says = equalBytes(contract.buyer, sender)
      ? { sellerIsGood: good }
      : { buyerIsGood: good };
    putContract(context, { market, period, id }, { ...contract, ...says });
  },
};

/** From settlement until the ratings end; the last word counts. */
function canRate({ world, timeMs }: CheckContext, contract: Contract): boolean {
  if (contract.state === 'CANCELLED' || contract.state === 'PROPOSED') return false;
  const { ratingsEndMs } = deliveryPeriod(world, contract);
  return ratingsEndMs > 0n && timeMs < ratingsEndMs;
}
