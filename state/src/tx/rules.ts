// All transaction kinds in one table, and what every transaction must pass before its own rule:
// window, sender, replay, signature. Cheapest first (reliability D26).
import type { ChainMs } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { verifyStrict } from '../../../core/src/ed25519.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { Tx, TxKind } from '../../../core/src/tx.js';
import type { Chain } from '../chain.js';
import type { Ledger } from '../ledger/ledger.js';
import { ACCOUNTS } from '../schema.js';
import { ballot } from '../markets/bilateral/ballot.js';
import { confirmListing } from '../markets/bilateral/confirm.js';
import { isCountersigned, list } from '../markets/bilateral/list.js';
import { offer } from '../markets/bilateral/offer.js';
import { offerRight, takeRight } from '../markets/bilateral/sellOn.js';
import type { World } from '../world.js';
import { activate } from '../markets/neighbourhood/activate.js';
import { auction } from '../markets/neighbourhood/auction.js';
import { flex } from '../markets/neighbourhood/flex.js';
import { forecast } from '../markets/neighbourhood/forecast.js';
import { choose } from '../markets/reputation/choose.js';
import { curtail, gridData } from '../markets/reputation/gridCompany.js';
import { confirm, dispute, rate, resolve } from '../markets/reputation/receipt.js';
import { sign } from '../markets/reputation/sign.js';
import { admit, readmit, suspend } from './admit.js';
import { cancel, revealBid, sealBid } from './bids.js';
import { isSuspended, type TxRule, type VerifyTx } from './context.js';
import { retireCertificate, transferCertificate } from './certificates.js';
import { correct } from './correct.js';
import { bindMeter, enrol } from './meters.js';
import { offerPoints, releasePoints, takePoints } from './pointOffers.js';
import { issue, redeem, transfer } from './points.js';
import { adjust, order, reduce } from './order.js';
import { reading } from './reading.js';
import { type BlockIds, isReplay } from './replay.js';

type Rules = { readonly [K in TxKind]: TxRule<K> };

const RULES: Rules = {
  admit,
  suspend,
  readmit,
  enrol,
  bindMeter,
  issue,
  redeem,
  transfer,
  sealBid,
  revealBid,
  order,
  reduce,
  adjust,
  cancel,
  reading,
  correct,
  activate,
  forecast,
  flex,
  auction,
  choose,
  sign,
  confirm,
  dispute,
  resolve,
  rate,
  gridData,
  curtail,
  offer,
  list,
  ballot,
  confirmListing,
  offerRight,
  takeRight,
  offerPoints,
  takePoints,
  releasePoints,
  transferCertificate,
  retireCertificate,
};

const ruleOf = (kind: TxKind): TxRule<TxKind> => RULES[kind] as unknown as TxRule<TxKind>;

export type { VerifyTx };

export interface TxEnv {
  readonly world: World;
  readonly chain: Chain;
  /** Time of the block, or the chain clock of the node that asks. */
  readonly timeMs: ChainMs;
  readonly verify: VerifyTx;
  /** Of the block that the transaction is tried in. */
  readonly ids?: BlockIds;
}

/** What a suspended account has begun it ends (market-reputation 1.14). */
const GOES_ON: ReadonlySet<TxKind> = new Set([
  'revealBid',
  'sign',
  'confirm',
  'dispute',
  'rate',
  'releasePoints',
]);

/** Why the transaction cannot stand in a block of that time on this state, or undefined. */
export function checkTx(env: TxEnv, tx: Tx): ErrorCode | undefined {
  const { world, chain, timeMs } = env;
  const { maxTxWindowMs, maxTxBytes } = chain.consensus;
  if (tx.bytes.length > maxTxBytes) return 'TOO_LARGE';
  if (tx.validUntil < tx.validFrom) return 'EXPIRED';
  if (tx.validUntil - tx.validFrom > BigInt(maxTxWindowMs)) return 'WINDOW_TOO_LONG';
  if (timeMs < tx.validFrom) return 'NOT_YET_VALID';
  if (timeMs > tx.validUntil) return 'EXPIRED';
  const sender = world.get(ACCOUNTS, tx.sender);
  if (sender === undefined) return 'UNKNOWN_SENDER';
  if (isReplay(world, env.ids, tx)) return 'DUPLICATE_TX';
  if (!env.verify(sender.publicKey, tx)) return 'BAD_SIGNATURE';
  if (isSuspended(sender, timeMs) && !GOES_ON.has(tx.kind)) return 'SUSPENDED';
  return ruleOf(tx.kind).check({ chain, world, timeMs, sender, verify: env.verify }, tx);
}

/** Writes what the transaction does. Only after checkTx found nothing, on the same state. */
export function applyTx(
  env: TxEnv & { ids: BlockIds; ledger: Ledger; place: bigint },
  tx: Tx,
): void {
  const { world, chain, timeMs, verify, ledger, place } = env;
  const sender = present(world.get(ACCOUNTS, tx.sender), 'checked');
  env.ids.add(tx);
  ruleOf(tx.kind).apply({ world, chain, timeMs, verify, ledger, place, sender }, tx);
}

export interface Admission {
  readonly world: World;
  readonly chain: Chain;
  /** Chain clock of the node. */
  readonly nowMs: bigint;
  /** Time of the final block whose state `world` is. */
  readonly tipMs: bigint;
  /** A window may begin this far ahead of the clock (consensus 3.7). */
  readonly driftMs: bigint;
}

const believed: VerifyTx = () => true;

/**
 * Why a node does not take a transaction into its mempool: what would refuse it in a block stamped
 * now. The signature is the caller's. A reveal has to be valid by the final state too: nobody may
 * pass on a price before `closeOrders` is final (settlement 2.2).
 */
export function admissionRefusal(a: Admission, tx: Tx): ErrorCode | undefined {
  const soon = tx.validFrom > a.nowMs && tx.validFrom <= a.nowMs + a.driftMs;
  const timeMs = (soon ? tx.validFrom : a.nowMs) as ChainMs;
  const env = { world: a.world, chain: a.chain, verify: believed, timeMs };
  const refusal = checkTx(env, tx);
  if (refusal !== undefined) return refusal;
  // The signature inside a listing is nobody's but the sender's to check (the shell has checked its
  // own): it is looked at here, before the listing takes anybody's time.
  if (tx.kind === 'list')
    return isCountersigned(env, tx, verifyStrict) ? undefined : 'BAD_SIGNATURE';
  if (tx.kind !== 'revealBid') return undefined;
  const window = { validFrom: a.tipMs as ChainMs, validUntil: a.tipMs as ChainMs };
  return checkTx({ ...env, timeMs: a.tipMs as ChainMs }, { ...tx, ...window }) === 'WRONG_PHASE'
    ? 'WRONG_PHASE'
    : undefined;
}
