// A block's effect on the state: boundary steps, then transactions, then what must always be true,
// then the roots. The same code builds a block and checks one (execute before voting).
import type { ChainMs } from '../../core/src/amount.js';
import { present } from '../../core/src/assert.js';
import {
  type Block,
  commitHashOf,
  encodeBlock,
  type Receipt,
  txRootOf,
} from '../../core/src/block.js';
import { equalBytes } from '../../core/src/bytes.js';
import { nextBeacon } from '../../core/src/draw.js';
import type { ErrorCode } from '../../core/src/errors.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import { encodeHeader, type Header, headerHash, HEADER_VERSION } from '../../core/src/header.js';
import type { PublicKey } from '../../core/src/ids.js';
import { MAX_TXS_PER_BLOCK } from '../../core/src/limits.js';
import { appendPeak, rootOfPeaks } from '../../core/src/merkle.js';
import { receiptRootOf, sortLines } from '../../core/src/receipt.js';
import { treePath } from '../../core/src/treeProof.js';
import { decodeTx, type Tx } from '../../core/src/tx.js';
import { type BoundaryRun, runBoundaries } from './boundary/run.js';
import { countPacked } from './certificates/clean.js';
import type { Chain } from './chain.js';
import { setRootsOf } from './draw.js';
import { assertInvariants } from './invariants.js';
import { Ledger } from './ledger/ledger.js';
import { payArrears } from './ledger/arrears.js';
import { drawDuties } from './markets/bilateral/duty.js';
import { HISTORY, KEYS } from './schema.js';
import { rootOf, type TreeNode, updateTree } from './tree/tree.js';
import { BlockIds } from './tx/replay.js';
import { applyTx, checkTx, type TxEnv, type VerifyTx } from './tx/rules.js';
import { type BaseState, type LeafWrite, World } from './world.js';

/** What execution knows of the block before. */
export interface Parent {
  readonly hash: Hash;
  readonly height: bigint;
  readonly timeMs: ChainMs;
  /** b of the parent's header, and the herald value that this block carries. */
  readonly beacon: Hash;
  /** undefined: genesis, which nobody packed. */
  readonly proposer: PublicKey | undefined;
}

export interface StateAt {
  readonly base: BaseState;
  readonly tree: TreeNode;
  readonly chain: Chain;
  readonly parent: Parent;
}

/** A block with everything it does, before anything of it is kept. */
export interface Executed {
  readonly block: Block;
  readonly world: World;
  readonly tree: TreeNode;
  readonly writes: readonly LeafWrite[];
  readonly receipts: readonly Receipt[];
  readonly txs: readonly Tx[];
}

export interface BuildRequest {
  readonly round: number;
  readonly timeMs: ChainMs;
  readonly proposer: PublicKey;
  readonly parentCertificate: Uint8Array;
  readonly candidates: Iterable<Tx>;
  readonly verify: VerifyTx;
}

export interface Built extends Executed {
  /** Candidates that do not succeed in this place. */
  readonly refused: readonly { readonly tx: Tx; readonly code: ErrorCode }[];
}

/** Ordinary bytes and boundary work that a fresh block of a round may hold (consensus 5a.2b). */
function limitsOf(chain: Chain, round: number) {
  const shrink = 2 ** Math.min(round, 6);
  const { maxBlockBytes, maxBoundaryWork, maxBoundarySteps } = chain.consensus;
  return {
    maxBytes: Math.floor(maxBlockBytes / shrink),
    boundary: { maxSteps: maxBoundarySteps, maxWork: Math.floor(maxBoundaryWork / shrink) },
  };
}

interface Opening {
  readonly world: World;
  readonly height: bigint;
  readonly run: BoundaryRun;
  readonly historyRoot: Hash;
}

/** Everything of a block before its first ordinary transaction. */
function open(at: StateAt, round: number, timeMs: ChainMs): Opening {
  const world = new World(at.base);
  const history = present(world.get(HISTORY, ''), 'history is there from genesis');
  const grown =
    at.parent.height === 0n
      ? { count: history.count, roots: history.peaks }
      : appendPeak({ count: history.count, roots: history.peaks }, at.parent.hash);
  world.set(HISTORY, '', { count: grown.count, peaks: grown.roots });
  drawDuties(world, at.chain, at.parent);
  const packer = at.parent.proposer && world.get(KEYS, at.parent.proposer);
  if (packer !== undefined) countPacked(world, at.chain, packer.account);
  const limits = limitsOf(at.chain, round).boundary;
  const parentMs = at.parent.timeMs;
  const run = runBoundaries(world, at.chain, { parentMs, timeMs, limits });
  return { world, height: at.parent.height + 1n, run, historyRoot: rootOfPeaks(grown) };
}

/** Tries one transaction in its place: its receipt, or the code that refuses it. */
function perform(env: TxEnv & { ids: BlockIds }, tx: Tx, place: bigint): Receipt | ErrorCode {
  const refusal = checkTx(env, tx);
  if (refusal !== undefined) return refusal;
  const { market } = tx.body;
  const period = 'period' in tx.body ? tx.body.period : 0n;
  const ledger = new Ledger(env.world, env.chain, { market, period, id: tx.id });
  const { world, chain, timeMs, verify, ids } = env;
  applyTx({ world, chain, timeMs, verify, ids, ledger, place }, tx);
  payArrears(ledger);
  const lines = sortLines(ledger.lines).map((line) => line.bytes);
  return { id: tx.id, code: 'OK', lines };
}

const placeOf = (height: bigint, index: number): bigint => (height << 32n) | BigInt(index);

/** Makes a block of what is due and of as many candidates as fit and succeed. */
export function buildBlock(at: StateAt, request: BuildRequest): Built {
  const { round, timeMs, verify } = request;
  const opening = open(at, round, timeMs);
  const { world, run } = opening;
  const ids = new BlockIds();
  const env = { world, chain: at.chain, timeMs, verify, ids };
  const txs: Tx[] = [];
  const receipts: Receipt[] = [...run.receipts];
  const refused: { tx: Tx; code: ErrorCode }[] = [];
  let room = run.leftOver ? 0 : limitsOf(at.chain, round).maxBytes;
  for (const tx of request.candidates) {
    if (tx.bytes.length > room || txs.length >= MAX_TXS_PER_BLOCK) break;
    const result = perform(env, tx, placeOf(opening.height, run.systemTxs.length + txs.length));
    if (typeof result === 'string') {
      refused.push({ tx, code: result });
      continue;
    }
    txs.push(tx);
    receipts.push(result);
    room -= tx.bytes.length;
  }
  ids.writeTo(world, opening.height);
  return { ...seal(at, opening, { ...request, txs, receipts }), refused };
}

interface Sealing {
  readonly round: number;
  readonly timeMs: ChainMs;
  readonly proposer: PublicKey;
  readonly parentCertificate: Uint8Array;
  readonly txs: readonly Tx[];
  readonly receipts: readonly Receipt[];
}

/** Invariants, roots, header. */
function seal(at: StateAt, opening: Opening, s: Sealing): Executed {
  const { world, run, height } = opening;
  assertInvariants(world);
  const writes = world.leafWrites();
  const tree = updateTree(at.tree, writes.map(updateOf));
  const body = {
    parentCertificate: s.parentCertificate,
    systemTxs: run.systemTxs,
    txs: s.txs.map((tx) => tx.bytes),
  };
  const head: Header = {
    tag: 'header',
    version: HEADER_VERSION,
    chainId: at.chain.chainId,
    height,
    round: s.round,
    time: s.timeMs,
    proposer: s.proposer,
    parentHash: at.parent.hash,
    commitHash: commitHashOf(s.parentCertificate),
    txRoot: txRootOf(body),
    receiptRoot: receiptRootOf(s.receipts),
    stateRoot: rootOf(tree),
    ...setRootsOf(new World(at.base), at.chain, at.parent.timeMs),
    paramsRoot: at.chain.paramsRoot,
    historyRoot: opening.historyRoot,
    beacon: nextBeacon(at.parent.beacon, NO_HERALD_VALUE),
    beaconProof: NO_HERALD_VALUE,
  };
  const block = encodeBlock({ ...body, header: encodeHeader(head) }, head);
  return { block, world, tree, writes, receipts: s.receipts, txs: s.txs };
}

/** v(h) is empty at every height of this version (consensus 4.5a). */
const NO_HERALD_VALUE = new Uint8Array(0);

const updateOf = ({ kind, key, value }: LeafWrite) => ({
  path: treePath(kind, key),
  value: value && { bytes: value, hash: sha256(value) },
});

/** What execution asks of its shell about transactions. */
export interface TxDesk {
  readonly verify: VerifyTx;
  /** The transaction of these bytes, where it was decoded before. */
  readonly known?: (bytes: Uint8Array) => Tx | undefined;
}

/** Executes somebody's block; the code says why it is not valid. */
export function executeBlock(
  at: StateAt,
  block: Block,
  { verify, known }: TxDesk,
): Executed | { readonly code: ErrorCode; readonly detail: string } {
  const { head } = block;
  const wrong = checkHead(at, head);
  if (wrong !== undefined) return wrong;
  const opening = open(at, head.round, head.time);
  const { world, run } = opening;
  const same =
    run.systemTxs.length === block.systemTxs.length &&
    run.systemTxs.every((bytes, i) => equalBytes(bytes, block.systemTxs[i] as Uint8Array));
  if (!same) return { code: 'BOUNDARY_MISMATCH', detail: `due: ${run.systemTxs.length}` };
  const limit = run.leftOver ? 0 : limitsOf(at.chain, head.round).maxBytes;
  const size = block.txs.reduce((sum, tx) => sum + tx.length, 0);
  if (size > limit) return { code: 'TOO_LARGE', detail: `${size} bytes of transactions` };
  const ids = new BlockIds();
  const env = { world, chain: at.chain, timeMs: head.time, verify, ids };
  const txs: Tx[] = [];
  const receipts: Receipt[] = [...run.receipts];
  for (const bytes of block.txs) {
    const tx = known?.(bytes) ?? decodeTx(at.chain.chainId, bytes);
    if (tx === undefined) return { code: 'BAD_ENCODING', detail: `transaction ${txs.length}` };
    const result = perform(env, tx, placeOf(opening.height, run.systemTxs.length + txs.length));
    if (typeof result === 'string') return { code: 'TX_FAILS', detail: `${tx.kind}: ${result}` };
    txs.push(tx);
    receipts.push(result);
  }
  ids.writeTo(world, opening.height);
  const { round, time: timeMs, proposer } = head;
  const { parentCertificate } = block;
  const executed = seal(at, opening, { round, timeMs, proposer, parentCertificate, txs, receipts });
  if (!equalBytes(executed.block.hash, block.hash))
    return { code: 'BAD_ROOT', detail: differingField(executed.block.head, head) };
  return { ...executed, block };
}

function checkHead(at: StateAt, head: Header): { code: ErrorCode; detail: string } | undefined {
  if (head.version !== HEADER_VERSION)
    return { code: 'UNKNOWN_VERSION', detail: `${head.version}` };
  if (!equalBytes(head.chainId, at.chain.chainId)) return { code: 'WRONG_CHAIN', detail: '' };
  if (head.height !== at.parent.height + 1n || !equalBytes(head.parentHash, at.parent.hash))
    return { code: 'BAD_BLOCK', detail: 'does not follow the tip' };
  if (head.time <= at.parent.timeMs) return { code: 'BAD_TIME', detail: 'not after its parent' };
  return undefined;
}

function differingField(own: Header, given: Header): string {
  const keys = Object.keys(own) as (keyof Header)[];
  const differs = (key: keyof Header): boolean => {
    const [a, b] = [own[key], given[key]];
    return a instanceof Uint8Array && b instanceof Uint8Array ? !equalBytes(a, b) : a !== b;
  };
  return keys.find(differs) ?? 'encoding';
}

/** What the next block stands on. */
export const parentOf = (block: Pick<Block, 'header' | 'head'>): Parent => ({
  hash: headerHash(block.header),
  height: block.head.height,
  timeMs: block.head.time,
  beacon: block.head.beacon,
  proposer: block.head.proposer,
});
