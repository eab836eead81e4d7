// Arrears (settlement 3.2): what somebody could not pay is owed to the creditor, and paid from
// whatever the debtor gains, oldest first. Nobody is paid from nowhere.
import {
  addMoney,
  least,
  MAX_AMOUNT,
  type Money,
  type PeriodIndex,
  subMoney,
} from '../../../core/src/amount.js';
import { assert, present } from '../../../core/src/assert.js';
import type { AccountId } from '../../../core/src/ids.js';
import { ARREARS, arrearGroup, BALANCES, SUPPLY } from '../schema.js';
import { available, type Ledger } from './ledger.js';

export interface Debt {
  readonly debtor: AccountId;
  readonly creditor: AccountId;
  readonly amount: Money;
}

/**
 * Records what is owed; a debt of nothing is none. What would carry the sum beyond every amount is
 * left out: settlement never fails (settlement 3.4).
 */
export function recordArrears(ledger: Ledger, debt: Debt): void {
  assert(debt.amount >= 0n, 'arrears: negative');
  const balance = ledger.balance(debt.debtor);
  const amount = least(debt.amount, (MAX_AMOUNT - balance.arrears) as Money);
  if (amount === 0n) return;
  const { world, cause } = ledger;
  const supply = present(world.get(SUPPLY, ''), 'supply is there from genesis');
  world.set(SUPPLY, '', { ...supply, nextArrear: supply.nextArrear + 1n });
  world.set(
    ARREARS,
    { debtor: debt.debtor, number: supply.nextArrear },
    { ...debt, amount, market: cause.market, period: cause.period as PeriodIndex },
  );
  const arrears = addMoney(balance.arrears as Money, amount);
  world.set(BALANCES, debt.debtor, { ...balance, arrears });
}

/** At the end of a step: gains go to old debts, and the gains of creditors to theirs. */
export function payArrears(ledger: Ledger): void {
  for (let gainers = ledger.takeGainers(); gainers.length > 0; gainers = ledger.takeGainers()) {
    for (const debtor of gainers) payDebtsOf(ledger, debtor);
  }
}

function payDebtsOf(ledger: Ledger, debtor: AccountId): void {
  if (ledger.balance(debtor).arrears === 0n) return;
  for (const { key, value } of ledger.world.entries(ARREARS, arrearGroup(debtor))) {
    const paid = least(value.amount, ledger.spendable(debtor));
    if (paid === 0n) return;
    const balance = ledger.balance(debtor);
    ledger.world.set(BALANCES, debtor, {
      ...balance,
      arrears: subMoney(balance.arrears as Money, paid),
    });
    ledger.post({
      type: 'arrears-paid',
      from: available(debtor),
      to: available(value.creditor),
      amount: paid,
    });
    const rest = subMoney(value.amount, paid);
    if (rest === 0n) ledger.world.delete(ARREARS, key);
    else ledger.world.set(ARREARS, key, { ...value, amount: rest });
  }
}
