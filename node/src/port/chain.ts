// chain_* and proof_get over a NodeView.
import { decodeBlock } from '../../../core/src/block.js';
import { present } from '../../../core/src/assert.js';
import type { Header } from '../../../core/src/header.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import { hasParam, type MarketConfig, OFFSETS, type ParamName } from '../../../core/src/markets.js';
import { offsetOf } from '../../../state/src/boundary/timing.js';
import { treePath } from '../../../core/src/treeProof.js';
import { decodeCertificate } from '../../../core/src/vote.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type {
  BlockQuery,
  BlockView,
  CertificateView,
  HeaderFields,
  HeaderView,
  LeafProof,
  MarketConfigView,
  ParamView,
  ParametersView,
  SupplyView,
} from '../../../rpc/src/results/chain.js';
import { networkOf } from '../../../state/src/draw.js';
import { BALANCES, SUPPLY } from '../../../state/src/schema.js';
import { grantedOf } from '../../../state/src/points/grants.js';
import type { World } from '../../../state/src/world.js';
import { proveTree } from '../../../state/src/tree/prove.js';
import { findLeaf, type TreeNode } from '../../../state/src/tree/tree.js';
import type { NodeView } from '../view.js';
import { atTip, blockBytesOf, headerOf, heightOf, notHere, provable } from './read.js';
import { showReceipt, showSystemTx, showTx } from './show.js';

type ChainPart = Pick<
  NodePort,
  'header' | 'block' | 'parameters' | 'supply' | 'validators' | 'committee' | 'proof'
>;

const NO_BYTES = new Uint8Array(0);

export function chainPart(view: NodeView): ChainPart {
  return {
    header(ref, raw) {
      const height = heightOf(view, ref);
      const { head, hash, bytes } = headerOf(view, height);
      const certificateBytes = view.certificateBytes(height) ?? NO_BYTES;
      const result: HeaderView = { ...fieldsOf(head), hash, at: atTip(view) };
      return raw ? { ...result, headerBytes: bytes, certificateBytes } : result;
    },
    block: (query) => blockView(view, query),
    parameters: () => parametersView(view),
    supply: supplyReader(view),
    validators(height) {
      const of = height ?? view.tip().height + 1n;
      const set = view.validators(of) ?? notHere('the set of that height');
      const listed = new Map(
        networkOf(view.world()).validators.map((v) => [v.publicKey.join(), v.beaconKey]),
      );
      const validators = set.map((v) => ({
        id: printAccount(v.id),
        publicKey: v.publicKey,
        beaconKey: listed.get(v.publicKey.join()) ?? NO_BYTES,
        name: v.name,
        organisation: v.organisation,
        status: v.suspended ? ('suspended' as const) : ('active' as const),
        eligible: v.eligible,
        credit: v.credit,
        correct: v.correct,
        wrong: v.wrong,
      }));
      return { height: of, validators, at: atTip(view) };
    },
    committee(height, round) {
      const committee = view.committee(height, round) ?? notHere('the committee of that height');
      const print = (id: Uint8Array): string => printAccount(id as AccountId);
      return {
        ...committee,
        eligible: committee.eligible.map(({ id, weight }) => ({ id: print(id), weight })),
        members: committee.members.map(print),
        at: atTip(view),
      };
    },
    proof({ kind, key, height }) {
      const { tree, headerBytes, certificateBytes } = provable(view, height);
      const at = { height: height ?? view.tip().height, status: 'final' as const };
      return { ...proveLeaf(tree, kind, key), headerBytes, certificateBytes, at };
    },
  };
}

export function proveLeaf(tree: TreeNode, kind: number, key: Uint8Array): LeafProof {
  const path = treePath(kind, key);
  return { kind, key, value: findLeaf(tree, path)?.value ?? null, proof: proveTree(tree, path) };
}

function fieldsOf(head: Header): HeaderFields {
  const { tag: _, ...fields } = head;
  return fields;
}

function certificateView(bytes: Uint8Array | undefined): CertificateView | null {
  const certificate = bytes && decodeCertificate(bytes);
  return certificate ?? null;
}

function blockView(view: NodeView, { ref, raw, from }: BlockQuery): BlockView {
  const height = heightOf(view, ref);
  const block = present(decodeBlock(blockBytesOf(view, height)), 'a stored block decodes');
  const certificateBytes = view.certificateBytes(height);
  const count = block.systemTxs.length + block.txs.length;
  const to = Math.min(count, from + RPC_PAGE);
  const steps = block.systemTxs.slice(from, to).map(showSystemTx);
  const skipped = block.systemTxs.length;
  const txs = block.txs
    .slice(Math.max(0, from - skipped), Math.max(0, to - skipped))
    .map((bytes) => showTx(view.chain.chainId, bytes));
  const transactions = [...steps, ...txs];
  const ids = new Set(transactions.map((tx) => tx.id.join()));
  const receipts = (view.receiptsOf(height) ?? []).filter((r) => ids.has(r.id.join()));
  return {
    hash: block.hash,
    header: fieldsOf(block.head),
    transactionCount: count,
    transactions,
    receipts: receipts.map(showReceipt),
    commitCertificate: certificateView(certificateBytes),
    committeeCertificate: certificateView(view.committeeCertificateBytes(height)),
    ...(to < count && { cursor: String(to) }),
    ...(raw && {
      headerBytes: block.header,
      certificateBytes: certificateBytes ?? NO_BYTES,
      blockBytes: block.bytes,
    }),
    at: atTip(view),
  };
}

/** A market by the names of parameters 3 and 4; amounts in base units. */
export function marketView(market: MarketConfig): MarketConfigView {
  const { id, mechanism, periodMs, params } = market;
  const offsets = OFFSETS[mechanism].map(({ name }) => [name, offsetOf(market, name)] as const);
  const own = Object.entries(params).filter(([name]) => hasParam(mechanism, name as ParamName));
  return {
    id,
    mechanism,
    periodMs,
    offsets: Object.fromEntries(offsets),
    params: Object.fromEntries(own.map(([name, value]) => [name, paramView(value)])),
  };
}

const paramView = (value: MarketConfig['params'][ParamName]): ParamView =>
  typeof value === 'object'
    ? (value.map((one) => (typeof one === 'string' ? one : [one.from, one.to])) as ParamView)
    : value;

function parametersView(view: NodeView): ParametersView {
  const { genesis, chain } = view;
  const { currency, priceDecimals, wallStartMs, chainStartMs, rate } = genesis;
  return {
    version: chain.version,
    chainId: chain.chainId,
    name: genesis.name,
    demo: genesis.demo,
    money: { currency, priceDecimals, gridCreditLimit: chain.gridCreditLimit },
    clock: { wallStartMs, chainStartMs, rate },
    consensus: chain.consensus,
    markets: chain.markets.map(marketView),
    paramsRoot: chain.paramsRoot,
    at: atTip(view),
  };
}

function poolsOf({ chain }: NodeView, world: World): SupplyView['pools'] {
  const { reward, grants, reserve, fees } = chain.system;
  const has = (id: AccountId): bigint => world.get(BALANCES, id)?.available ?? 0n;
  return { reward: has(reward), grants: has(grants), reserve: has(reserve), fees: has(fees) };
}

/** The sums go over all accounts: once per height. */
function supplyReader(view: NodeView): () => SupplyView {
  let newest: SupplyView | undefined;
  return () => {
    const at = atTip(view);
    if (newest?.at.height === at.height) return newest;
    const world = view.world();
    const { issued, redeemed } = present(world.get(SUPPLY, ''), 'supply is there from genesis');
    let [accounts, arrears] = [0n, 0n];
    for (const { value } of world.entries(BALANCES)) {
      accounts += value.available + value.locked;
      arrears += value.arrears;
    }
    const grants = grantedOf(world);
    newest = { issued, redeemed, accounts, arrears, pools: poolsOf(view, world), grants, at };
    return newest;
  };
}
