// The node as its readers see it (view.ts): answers from the decided state, the store and the
// mempool.
import { decodeReceipts, type Receipt } from '../../core/src/block.js';
import { equalBytes, toHex } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import { committeeOf, seedOf } from '../../consensus/src/committee.js';
import { networkOf, validatorsOf } from '../../state/src/draw.js';
import { rootOf } from '../../state/src/tree/tree.js';
import { drawWeight } from '../../core/src/draw.js';
import { nextHeight } from './height.js';
import type { NodeParts } from './node.js';
import type { CommitteeView, NodeView, PeerView, Tip, TxStatus, WhyView } from './view.js';

export interface ViewOptions {
  readonly name: string;
  readonly roles: readonly string[];
  readonly version: string;
  readonly addressOf: (peer: PublicKey) => string;
}

export function viewOf(parts: NodeParts, options: ViewOptions): NodeView {
  const { executor, committer, store, mempool, intake, sync } = parts;
  const { genesis, clock } = parts.options;
  return {
    genesis,
    chain: executor.at.chain,
    ...options,
    tip: () => tipOf(parts),
    confirmedHeight: () => committer.confirmedHeight,
    chainNowMs: () => clock.chainNowMs(),
    syncing: () => sync.running,
    degraded: () => degradedOf(parts),
    peers: () => parts.links.connected().map((key) => peerView(parts, options, key)),
    why: () => whyOf(parts),
    world: () => executor.world(),
    stateOf: (height) => executor.stateOf(height),
    blockBytes: (height) => store.block(height),
    certificateBytes: (height) => store.certificate(height),
    committeeCertificateBytes: (height) => store.committeeCertificate(height),
    receiptsOf: (height) => receiptsOf(parts, height),
    heightOf: (hash) => store.heightOf(hash),
    submitTx: (bytes) => intake.submit(bytes),
    txStatus: (id) => txStatus(parts, mempool.refusedWith(id), id),
    validators: (height) =>
      height >= 1n && height <= executor.at.parent.height + 1n
        ? validatorsOf(executor.world(), executor.at.chain, executor.at.parent.timeMs)
        : undefined,
    committee: (height, round) => committeeView(parts, height, round),
    onFinal: (listener) => committer.onFinal(listener),
  };
}

function tipOf({ executor }: NodeParts): Tip {
  const { parent, tree } = executor.at;
  const { height, hash, timeMs } = parent;
  return { height, hash, stateRoot: rootOf(tree), timeMs };
}

function degradedOf(parts: NodeParts): readonly ErrorCode[] {
  const codes: ErrorCode[] = [];
  if (parts.signer.stateAt(parts.executor.at.parent.height) !== 'good') codes.push('SIGN_STATE');
  return codes;
}

function peerView(parts: NodeParts, options: ViewOptions, publicKey: PublicKey): PeerView {
  const network = networkOf(parts.executor.world());
  const centre = network.centres.findIndex((c) => equalBytes(c.publicKey, publicKey));
  const isValidator = network.validators.some((v) => equalBytes(v.publicKey, publicKey));
  const role =
    centre === 0 ? 'centre' : centre > 0 ? 'standby' : isValidator ? 'validator' : 'full';
  const height = parts.statuses.get(toHex(publicKey))?.tipHeight ?? 0n;
  return { publicKey, role, height, address: options.addressOf(publicKey) };
}

/** Why no block is made: what the machine waits for, and who is missing. */
function whyOf(parts: NodeParts): WhyView {
  const why = parts.machine.why();
  const causes: { code: string; detail: string }[] = [];
  const quorum = parts.loop.context.set.length;
  causes.push({
    code: why.waitsFor,
    detail:
      `height ${why.height}, round ${why.round}, ${why.step}: ` +
      `${why.votes} of ${why.quorum} votes`,
  });
  if (why.missing.length > 0 && why.missing.length < quorum)
    causes.push({ code: 'missing', detail: `validators ${why.missing.join(', ')}` });
  if (why.lastRefusal !== undefined)
    causes.push({ code: why.lastRefusal.code, detail: `nil in round ${why.lastRefusal.round}` });
  for (const code of degradedOf(parts))
    causes.push({
      code,
      detail: 'busbar keys assert-unused --height H, if no copy of the key runs',
    });
  return { blocked: why.round > 0 || why.alarmed, causes };
}

function receiptsOf({ store }: NodeParts, height: bigint): readonly Receipt[] | undefined {
  const bytes = store.receipts(height);
  return bytes && decodeReceipts(bytes);
}

function txStatus(parts: NodeParts, refused: ErrorCode | undefined, id: Hash): TxStatus {
  const location = parts.store.locationOf(id);
  // A block is on the disk a moment before it is the tip: it is final when the state shows it.
  if (location !== undefined && location.height <= parts.executor.at.parent.height) {
    const receipt = receiptsOf(parts, location.height)?.find((r) => equalBytes(r.id, id));
    return { status: 'final', ...location, receipt };
  }
  if (parts.mempool.has(id)) return { status: 'pending' };
  return refused === undefined ? { status: 'unknown' } : { status: 'rejected', code: refused };
}

/** Only of the height under way: older draws need the credit of their time. */
function committeeView(parts: NodeParts, height: bigint, round: number): CommitteeView | undefined {
  const next = nextHeight(parts.executor.at);
  if (height !== next.height) return undefined;
  const at = { height, round };
  return {
    ...at,
    seed: seedOf(next.draw.beacon, height, round),
    size: committeeOf(next.draw, height, round).length,
    eligible: next.validators
      .filter((v) => v.eligible)
      .map((v) => ({ id: v.id, weight: drawWeight(v) })),
    members: committeeOf(next.draw, height, round).map(
      (place) => next.validators[place]?.id ?? new Uint8Array(),
    ),
  };
}
