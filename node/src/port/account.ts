// account_get over a NodeView.
import type { ChainMs } from '../../../core/src/amount.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { compareBytes } from '../../../core/src/bytes.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { AccountQuery, AccountView, MeterView } from '../../../rpc/src/results/account.js';
import { tradingPeriod } from '../../../state/src/boundary/timing.js';
import { marketOf } from '../../../state/src/chain.js';
import { ATTITUDE_PERIODS } from '../../../state/src/markets/reputation/window.js';
import { NEW_STANDING } from '../../../state/src/markets/reputation/nodes.js';
import { STANDINGS } from '../../../state/src/markets/reputation/tables.js';
import {
  type Account,
  ACCOUNTS,
  BALANCES,
  type Credits,
  CREDITS,
  type Meter,
  METERS,
} from '../../../state/src/schema.js';
import { isSuspended, marketOfMeter } from '../../../state/src/tx/context.js';
import type { NodeView } from '../view.js';
import { proveLeaf } from './chain.js';
import { atTip, headerOf, leavesAt, notHere, provable, type ReadLeaf } from './read.js';

export function meterView(id: AccountId, meter: Meter): MeterView {
  return { ...meter, id: printAccount(id), participant: printAccount(meter.participant) };
}

/** The meter of an account: its own record, or that of its participant's meter. */
function meterOf(read: ReadLeaf, id: AccountId, account: Account | undefined) {
  if (account === undefined) return undefined;
  const of = account.role === 'meter' ? id : account.partner;
  const meter = of && read(METERS, of);
  return of && meter && { id: of, meter };
}

/** Market of the meter for the period that takes orders at a time. */
function marketNow(view: NodeView, meter: Meter, timeMs: bigint): string {
  const market = marketOf(view.chain, meter.market);
  if (market === undefined) return meter.market;
  const startMs = tradingPeriod(market, timeMs as never) * market.periodMs;
  return marketOfMeter(view.chain, meter, startMs);
}

function proofOf(view: NodeView, { account, height }: AccountQuery): AccountView['proof'] {
  const { tree, headerBytes, certificateBytes } = provable(view, height);
  return {
    account: proveLeaf(tree, ACCOUNTS.kind, account),
    balance: proveLeaf(tree, BALANCES.kind, account),
    headerBytes,
    certificateBytes,
  };
}

const NO_CREDITS: Credits = { D: 0, i: 0, n: 0, readmitMs: 0n as ChainMs };

const profileOf = (account: Account, { D, i, n }: Credits, timeMs: bigint) => ({
  publicKey: account.publicKey,
  roles: [account.role],
  status: isSuspended(account, timeMs) ? ('suspended' as const) : ('active' as const),
  organisation: account.organisation,
  credit: { C: account.credit, D, i, n, correct: account.correct, wrong: account.wrong },
  connection: {
    pMaxImportW: account.pMaxImportW,
    pMaxExportW: account.pMaxExportW,
    green: account.green,
    node: account.node,
  },
  expiresMs: account.expiresMs,
});

/** The chain's own accounts have a balance and no key (settlement 1.1). */
const systemProfile = (name: string) => ({
  publicKey: null,
  roles: [name],
  status: 'system' as const,
  organisation: '',
  credit: null,
  connection: null,
  expiresMs: 0n,
});

function systemName(view: NodeView, id: AccountId): string {
  const { system } = view.chain;
  const names = { reward: 'pool:reward', grants: 'pool:grants', reserve: 'pool:reserve' };
  for (const [name, printed] of Object.entries(names))
    if (compareBytes(system[name as keyof typeof names], id) === 0) return printed;
  return compareBytes(system.fees, id) === 0 ? 'fees' : 'unknown';
}

/** Of the market of its meter, where that ranks its nodes. */
function standingOf(read: ReadLeaf, account: AccountId, market: MarketConfig | undefined) {
  const standing =
    market?.mechanism === 'reputation'
      ? (read(STANDINGS, { market: market.id, account }) ?? NEW_STANDING)
      : undefined;
  const last = standing?.window.slice(-ATTITUDE_PERIODS) ?? [];
  const activity = BigInt(last.reduce((sum, entry) => sum + entry.activity, 0));
  return {
    reputation: standing?.reputation ?? null,
    activity: standing === undefined ? null : activity,
  };
}

export function accountPart(view: NodeView): Pick<NodePort, 'account'> {
  return {
    account(query) {
      const id = query.account as AccountId;
      const { height } = query;
      const read = leavesAt(view, height);
      const balance = read(BALANCES, id) ?? notHere('the account');
      const account = read(ACCOUNTS, id);
      const tip = view.tip();
      const older = height !== undefined && height !== tip.height;
      const timeMs = older ? headerOf(view, height).head.time : tip.timeMs;
      const own = meterOf(read, id, account);
      const credits = read(CREDITS, id) ?? NO_CREDITS;
      const profile = account
        ? profileOf(account, credits, timeMs)
        : systemProfile(systemName(view, id));
      return {
        account: printAccount(id),
        ...profile,
        ...balance,
        ...standingOf(read, id, own && marketOf(view.chain, marketNow(view, own.meter, timeMs))),
        meter: own ? meterView(own.id, own.meter) : null,
        market: own ? marketNow(view, own.meter, timeMs) : null,
        ...(query.proof && { proof: proofOf(view, query) }),
        at: { ...atTip(view), height: height ?? tip.height },
      } as AccountView;
    },
  };
}
