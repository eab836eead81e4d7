// issue, redeem, transfer: electricity points (conventions "Money"). Only a centre issues and
// redeems; nobody overdraws.
import { MAX_AMOUNT, type Money } from '../../../core/src/amount.js';
import { equalBytes } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { available } from '../ledger/ledger.js';
import { BALANCES, SUPPLY } from '../schema.js';
import { type CheckContext, isCentre, type TxRule } from './context.js';

const hasBalance = (context: CheckContext, account: AccountId): boolean =>
  context.world.get(BALANCES, account) !== undefined;

export const issue: TxRule<'issue'> = {
  check(context, { body }) {
    if (!isCentre(context)) return 'NOT_ALLOWED';
    if (!hasBalance(context, body.account)) return 'UNKNOWN_ACCOUNT';
    const issued = context.world.get(SUPPLY, '')?.issued ?? 0n;
    return body.amount === 0n || issued + body.amount > MAX_AMOUNT / 2n
      ? 'AMOUNT_RANGE'
      : undefined;
  },
  apply(context, { body }) {
    const to = available(body.account);
    context.ledger.post({ type: 'issue', from: undefined, to, amount: body.amount });
  },
};

export const redeem: TxRule<'redeem'> = {
  check(context, { body }) {
    if (!isCentre(context)) return 'NOT_ALLOWED';
    const balance = context.world.get(BALANCES, body.account);
    if (balance === undefined) return 'UNKNOWN_ACCOUNT';
    if (body.amount === 0n) return 'AMOUNT_RANGE';
    return balance.available < body.amount ? 'INSUFFICIENT_FUNDS' : undefined;
  },
  apply(context, { body }) {
    const from = available(body.account);
    context.ledger.post({ type: 'redeem', from, to: undefined, amount: body.amount });
  },
};

export const transfer: TxRule<'transfer'> = {
  check(context, { body, sender }) {
    if (context.sender.role === 'meter') return 'NOT_ALLOWED';
    if (body.amount === 0n) return 'AMOUNT_RANGE';
    if (equalBytes(body.to, sender) || !hasBalance(context, body.to)) return 'UNKNOWN_ACCOUNT';
    const balance = context.world.get(BALANCES, sender);
    if (balance === undefined) return 'INSUFFICIENT_FUNDS';
    // Before the funds: whoever owes has nothing available, and this is the reason.
    if (balance.arrears > 0n) return 'ARREARS';
    return balance.available < body.amount ? 'INSUFFICIENT_FUNDS' : undefined;
  },
  apply(context, { body, sender }) {
    const amount: Money = body.amount;
    context.ledger.post({
      type: 'transfer',
      from: available(sender),
      to: available(body.to),
      amount,
    });
  },
};
