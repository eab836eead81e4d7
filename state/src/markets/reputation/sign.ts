// sign, and the step signed (market-reputation 1.10): the third of three signatures makes a
// contract ACTIVE; a contract that lacks one when the phase ends is CANCELLED, its locks return to
// the quotes, and who did not sign is out of the period and marked down.
import type { Money, WattHour } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes, keyText } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { Hash } from '../../../../core/src/hash.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { payArrears } from '../../ledger/arrears.js';
import { available, locked } from '../../ledger/ledger.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { windowOf } from '../../boundary/timing.js';
import type { CheckContext, TxRule } from '../../tx/context.js';
import { type OrderKey, type PeriodKey, PERIODS } from '../../schema.js';
import {
  type ContractEntry,
  contractAt,
  contractsOf,
  putContract,
  quotePart,
} from './contracts.js';
import { reputationMarket } from './market.js';
import { dropQuote } from './quotes.js';
import type { Contract } from './records.js';
import { QUOTES } from './tables.js';

/** Contracts of a transaction: each once, there, and fit by `fits`. */
export function checkContracts(
  context: CheckContext,
  at: { readonly key: PeriodKey; readonly ids: readonly Hash[] },
  fits: (contract: Contract) => ErrorCode | undefined,
): ErrorCode | undefined {
  const market = reputationMarket(context, at.key.market);
  if (typeof market === 'string') return market;
  if (at.ids.length === 0 || new Set(at.ids.map(keyText)).size !== at.ids.length)
    return 'BAD_ENCODING';
  for (const id of at.ids) {
    const contract = contractAt(context.world, at.key, id);
    const refusal = contract === undefined ? 'NOT_FOUND' : fits(contract);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

type Signature = 'signedBuyer' | 'signedSeller' | 'signedGrid';

/** Which signature an account gives; undefined: it is no party. */
function signatureOf(
  contract: Contract,
  account: AccountId,
  grid: AccountId,
): Signature | undefined {
  if (equalBytes(contract.buyer, account)) return 'signedBuyer';
  if (equalBytes(contract.seller, account)) return 'signedSeller';
  return equalBytes(grid, account) ? 'signedGrid' : undefined;
}

export const sign: TxRule<'sign'> = {
  check(context, { body, sender }) {
    const { grid } = context.chain.system;
    return checkContracts(context, { key: body, ids: body.contracts }, (contract) => {
      const own = signatureOf(contract, sender, grid);
      if (own === undefined) return 'NOT_ALLOWED';
      const market = present(
        context.chain.markets.find(({ id }) => id === body.market),
        'checked',
      );
      const window = windowOf(market, body.period, 'sign', contract.biddingRound);
      const isOpen = contract.state === 'PROPOSED' && context.timeMs < (window?.endMs ?? 0n);
      return isOpen && !contract[own] ? undefined : 'WRONG_PHASE';
    });
  },

  apply(context, { body, sender }) {
    const { market, period } = body;
    for (const id of body.contracts) {
      const contract = present(contractAt(context.world, body, id), 'checked');
      const own = present(signatureOf(contract, sender, context.chain.system.grid), 'checked');
      const signed = { ...contract, [own]: true };
      const isWhole = signed.signedBuyer && signed.signedSeller && signed.signedGrid;
      const state = isWhole ? 'ACTIVE' : contract.state;
      putContract(context, { market, period, id }, { ...signed, state });
    }
  },
};

export function signed(step: MarketStep): StepResult {
  const open = contractsOf(step.world, step.due).filter(
    ({ contract }) => contract.state === 'PROPOSED',
  );
  for (const entry of open) cancelContract(step, entry);
  const key = { market: step.due.market, period: step.due.period };
  const period = present(step.world.get(PERIODS, key), 'a contract has its period');
  step.world.set(PERIODS, key, { ...period, trades: 0 });
  payArrears(step.ledger);
  return done(open.length);
}

function cancelContract(step: MarketStep, { key, contract }: ContractEntry): void {
  const { ledger } = step;
  const { energyWh, congestion, buyer } = contract;
  const fee = (energyWh * congestion) as Money;
  ledger.post({ type: 'unlock', from: locked(buyer), to: available(buyer), amount: fee });
  const none = { lock: 0n as Money, sellerLock: 0n as Money };
  putContract(step, key, { ...contract, ...none, state: 'CANCELLED' });
  giveBack(step, buyer, { contract, lock: quotePart(contract), hasSigned: contract.signedBuyer });
  const lock = contract.sellerLock;
  giveBack(step, contract.seller, { contract, lock, hasSigned: contract.signedSeller });
}

interface Returned {
  readonly contract: Contract;
  readonly lock: Money;
  readonly hasSigned: boolean;
}

/** Energy and lock go back to the quote; where the account is out, its quote ends with them. */
function giveBack(
  step: MarketStep,
  account: AccountId,
  { contract, lock, hasSigned }: Returned,
): void {
  const { world, due } = step;
  const key: OrderKey = { market: due.market, period: due.period, account };
  const quote = present(world.get(QUOTES, key), 'a contract came of a quote');
  const restWh = (quote.restWh + contract.energyWh) as WattHour;
  const whole = { ...quote, restWh, lock: (quote.lock + lock) as Money };
  const unsigned = quote.unsigned + (hasSigned ? 0 : 1);
  if (hasSigned && !quote.out) world.set(QUOTES, key, whole);
  else dropQuote(step, { key, quote: whole }, { out: true, unsigned });
}
