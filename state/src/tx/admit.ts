// admit, suspend, readmit: a centre lets accounts in and out (consensus 1.3, 1.5).
import type { ChainMs } from '../../../core/src/amount.js';
import type { AccountId } from '../../../core/src/ids.js';
import { accountIdOf } from '../../../core/src/ids.js';
import { checkKey } from '../../../core/src/ed25519.js';
import { FULL_CREDIT } from '../../../core/src/draw.js';
import { type Account, ACCOUNTS, BALANCES, CREDITS, KEYS } from '../schema.js';
import { grant, grantingMarket } from '../points/grants.js';
import { registerNode } from '../markets/reputation/nodes.js';
import type { World } from '../world.js';
import { accountOf, isCentre, type TxRule } from './context.js';
import { connectionFits } from './locks.js';

/** Opens an account with nothing on it. */
export function openAccount(world: World, id: AccountId, account: Account): void {
  world.set(ACCOUNTS, id, account);
  world.set(KEYS, account.publicKey, { account: id });
  world.set(BALANCES, id, { available: 0n, locked: 0n, arrears: 0n });
}

export const admit: TxRule<'admit'> = {
  check(context, tx) {
    const { body } = tx;
    if (!isCentre(context)) return 'NOT_ALLOWED';
    if (!checkKey(body.publicKey)) return 'BAD_KEY';
    if (context.world.get(KEYS, body.publicKey) !== undefined) return 'ALREADY_ADMITTED';
    for (const watts of [body.pMaxImportW, body.pMaxExportW])
      if (!connectionFits(context.chain.markets, watts)) return 'AMOUNT_RANGE';
    if (body.expiresMs !== 0n && body.expiresMs <= context.timeMs) return 'EXPIRED';
    return undefined;
  },
  apply(context, { body }) {
    const id = accountIdOf(context.chain.chainId, body.publicKey);
    openAccount(context.world, id, {
      publicKey: body.publicKey,
      role: body.role,
      status: 'active',
      organisation: body.organisation,
      pMaxImportW: body.pMaxImportW,
      pMaxExportW: body.pMaxExportW,
      green: body.green,
      node: body.node,
      expiresMs: body.expiresMs,
      commitment: body.commitment,
      partner: undefined,
      credit: FULL_CREDIT,
      correct: 0,
      wrong: 0,
    });
    const { world, chain, place } = context;
    registerNode(world, chain, { account: id, place });
    const market = grantingMarket(chain);
    const due = { account: id, cause: 'registration', period: 0n, count: 1n } as const;
    if (market !== undefined) grant(context, { ...due, market });
  },
};

export const suspend: TxRule<'suspend'> = {
  check(context, { body }) {
    if (!isCentre(context)) return 'NOT_ALLOWED';
    const account = accountOf(context, body.account);
    if (account === undefined) return 'UNKNOWN_ACCOUNT';
    if (account.role === 'centre' || account.role === 'grid') return 'NOT_ALLOWED';
    return account.status === 'suspended' ? 'SUSPENDED' : undefined;
  },
  apply(context, { body }) {
    const account = accountOf(context, body.account) as Account;
    context.world.set(ACCOUNTS, body.account, { ...account, status: 'suspended' });
  },
};

export const readmit: TxRule<'readmit'> = {
  check(context, { body }) {
    if (!isCentre(context)) return 'NOT_ALLOWED';
    const account = accountOf(context, body.account);
    if (account === undefined) return 'UNKNOWN_ACCOUNT';
    if (account.status === 'active') return 'ALREADY_ADMITTED';
    const readmitMs = context.world.get(CREDITS, body.account)?.readmitMs ?? 0n;
    return context.timeMs < readmitMs ? 'SUSPENDED' : undefined;
  },
  apply(context, { body }) {
    const { world, chain } = context;
    const account = accountOf(context, body.account) as Account;
    const counters = world.get(CREDITS, body.account);
    const fell = counters !== undefined && counters.readmitMs > 0n;
    const credit = fell ? chain.consensus.readmitCredit : account.credit;
    world.set(ACCOUNTS, body.account, { ...account, status: 'active', credit });
    // i is kept: the next default suspends at once (market-bilateral G6).
    if (fell)
      world.set(CREDITS, body.account, { ...counters, D: 0, n: 0, readmitMs: 0n as ChainMs });
  },
};
