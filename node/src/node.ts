// The composition root: constructs every part, starts them in order, stops them in reverse. No
// rules. What the parts need of each other is in their own files.
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { installSha256 } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Tx } from '../../core/src/tx.js';
import { createMachine } from '../../consensus/src/machine.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';
import { networkOf } from '../../state/src/draw.js';
import { Beginning } from './beginning.js';
import { BlockCache } from './blocks.js';
import { Committer } from './commit.js';
import type { CryptoBackend, KeyPair } from './crypto/backend.js';
import { nativeSha256 } from './crypto/sha256.js';
import type { Verifier } from './crypto/verifier.js';
import { Executor } from './executor.js';
import { Inbound } from './inbound.js';
import { Intake } from './intake.js';
import { Loop } from './loop.js';
import { Mempool } from './mempool.js';
import { Outbound, peerRef } from './outbound.js';
import { PeerClocks } from './peerClocks.js';
import type { Counters, Links, Log, NodeClock, Stop, Timers } from './ports.js';
import { Reasons } from './reasons.js';
import { SignatureMemory } from './signatures.js';
import { ReviewDuty } from './review.js';
import { openSigner, type Signer } from './signer/signer.js';
import { type Ground, openGround } from './start.js';
import { openStore } from './store/open.js';
import type { BlockStore } from './store/store.js';
import { Sync } from './sync.js';
import { FRAMES, readGossip, type StatusWire } from './wire.js';

/** What the network calls; see net/. */
export interface LinkEvents {
  onFrame(peer: PublicKey, frame: number, bytes: Uint8Array): boolean;
  onTxs(bytes: Uint8Array): 'accept' | 'ignore' | 'reject';
  onRequest(peer: PublicKey, bytes: Uint8Array): Uint8Array;
  onConnected(peer: PublicKey): void;
}

export interface OpenLinks extends Links {
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly genesis: Genesis;
  readonly dataDir: string;
  readonly keyPair: KeyPair;
  readonly backend: CryptoBackend;
  readonly verifier: Verifier;
  readonly clock: NodeClock;
  readonly timers: Timers;
  readonly log: Log;
  readonly counters: Counters;
  readonly stop: Stop;
  /** false: listings are voted on by hand (`busbar contract vote`). */
  readonly review?: boolean;
  /** Opens the network once the node knows who is admitted. */
  readonly openLinks: (admitted: readonly PublicKey[], events: LinkEvents) => Promise<OpenLinks>;
}

/** Parts that stand on the disk and on nothing else. */
interface Foundation {
  readonly store: BlockStore;
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly committer: Committer;
  readonly signer: Signer;
  readonly machine: ReturnType<typeof createMachine>;
  readonly signatures: SignatureMemory;
  readonly blocks: BlockCache;
}

/** Everything of a running node. */
export interface NodeParts extends Foundation {
  readonly options: NodeOptions;
  readonly intake: Intake;
  readonly loop: Loop;
  readonly sync: Sync;
  readonly links: OpenLinks;
  readonly statuses: ReadonlyMap<string, StatusWire>;
  readonly peerClocks: PeerClocks;
  /** Keys that the gate always lets in: validators, centres, peers of genesis. */
  readonly admitted: readonly PublicKey[];
  close(): Promise<void>;
}

/** Keys that may connect (consensus 1.4): validators, centres, the peers of genesis. */
function admittedKeys(executor: Executor, genesis: Genesis): readonly PublicKey[] {
  const network = networkOf(executor.world());
  return [
    ...network.centres.map((c) => c.publicKey),
    ...network.validators.map((v) => v.publicKey),
    ...genesis.peers.map((p) => p.publicKey),
  ];
}

async function layFoundation(options: NodeOptions): Promise<Foundation> {
  const { genesis, dataDir, clock, counters, backend } = options;
  const store = await openStore(dataDir, options.stop);
  const ground: Ground = await openGround(genesis, store);
  const mempool = new Mempool(genesis.consensus.senderQuota);
  // Once per transaction, whether it comes first by itself or in a block.
  const verifyTx = (key: PublicKey, tx: Tx): boolean => {
    if (mempool.isVerified(key, tx)) return true;
    if (!backend.verify(key, tx.signedBytes, tx.signature)) return false;
    mempool.addGuest(tx, key);
    return true;
  };
  const executor = new Executor(ground.at, {
    verify: verifyTx,
    known: (bytes) => mempool.known(bytes),
  });
  if (ground.tip !== undefined) executor.rememberTip({ ...ground.tip, tree: ground.at.tree });
  return {
    store,
    executor,
    mempool,
    committer: new Committer({ executor, store, mempool, clock, counters, ...ground }),
    signer: openSigner(dataDir, options.keyPair),
    machine: createMachine(),
    signatures: new SignatureMemory((k, m, s) => backend.verify(k, m, s)),
    blocks: new BlockCache(),
  };
}

/** Parts that talk to peers; they exist after the links, which call them. */
interface Talking {
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly intake: Intake;
  readonly loop: Loop;
  readonly sync: Sync;
  readonly reasons: Reasons;
  readonly beginning: Beginning;
  readonly review: ReviewDuty;
}

interface Joining {
  readonly options: NodeOptions;
  readonly base: Foundation;
  readonly links: OpenLinks;
  readonly statuses: Map<string, StatusWire>;
  readonly peerClocks: PeerClocks;
}

function makeTalking(joining: Joining): Talking {
  const { options, base, links } = joining;
  const { genesis, timers, log } = options;
  const { rate } = genesis;
  const shared = { ...base, ...options, links, rate };
  const outbound = new Outbound({
    ...shared,
    signsFrom: () => beginning.signsFrom,
    set: () => loop.context.set,
  });
  const push = (input: Parameters<Loop['push']>[0]): void => loop.push(input);
  const sync = new Sync({ ...shared, push });
  const reasons = new Reasons({ ...shared, push });
  const loop: Loop = new Loop({
    ...shared,
    outbound,
    requestSync: (height, peer) => sync.request(height, peer),
    onHeight: () => reasons.look(),
  });
  const intake = new Intake({
    ...shared,
    driftMs: BigInt(genesis.consensus.driftMs * rate),
    onAdded: () => reasons.transactionsWait(),
    isAlone: genesis.validators.length + genesis.centres.length === 1,
  });
  const beginning = new Beginning({ ...base, timers, log, links, outbound, loop, reasons, intake });
  const inbound = makeInbound(joining, { loop, intake, beginning });
  const review = new ReviewDuty({
    ...shared,
    // Blocks come at least this often; twice that is a tip that lags.
    freshMs: BigInt(2 * genesis.consensus.maxIdleMs * rate),
    mayVote: () => !sync.running && base.executor.at.parent.height >= beginning.signsFrom,
    submit: (bytes) => intake.submit(bytes),
  });
  return { outbound, inbound, intake, loop, sync, reasons, beginning, review };
}

function makeInbound(
  { options, base, links, statuses, peerClocks }: Joining,
  { loop, intake, beginning }: Pick<Talking, 'loop' | 'intake' | 'beginning'>,
): Inbound {
  return new Inbound({
    ...base,
    clock: options.clock,
    links,
    chainId: options.genesis.chainId,
    ownKey: base.signer.publicKey,
    context: () => loop.context,
    push: (input) => loop.push(input),
    offerBlock: (bytes) => loop.offerBlock(bytes),
    offerTxs: (txs) => intake.offer(txs),
    onStatus: (peer, status) => {
      statuses.set(toHex(peer), status);
      peerClocks.note(peer, { ownMs: options.clock.chainNowMs(), peerMs: status.clockMs });
      beginning.status(peer, status.tipHeight);
    },
    onOwnVote: (vote) => {
      if (beginning.isForeign(vote))
        options.stop(new ProtocolError('KEY_IN_USE', 'another process signs with this key'));
    },
  });
}

export async function startNode(options: NodeOptions): Promise<NodeParts> {
  installSha256(nativeSha256());
  const base = await layFoundation(options);
  const statuses = new Map<string, StatusWire>();
  const peerClocks = new PeerClocks();
  const admitted = admittedKeys(base.executor, options.genesis);
  let talking: Talking | undefined;
  const links: OpenLinks = await options.openLinks(admitted, {
    onFrame: (peer, frame, bytes) => talking?.inbound.take(peer, frame, bytes) ?? true,
    onTxs: (bytes) => takeGossip(talking?.intake, bytes),
    onRequest: (_peer, bytes) => talking?.sync.serve(bytes) ?? new Uint8Array(0),
    onConnected: (peer) => {
      if (talking === undefined) return;
      links.send(peer, FRAMES.status, talking.outbound.status());
      talking.loop.push({ kind: 'peerConnected', peer: peerRef(peer) });
      talking.intake.greet(peer);
    },
  });
  talking = makeTalking({ options, base, links, statuses, peerClocks });
  const { intake, loop, sync, reasons, beginning, review } = talking;
  const stopReview =
    options.review === false ? undefined : base.committer.onFinal(() => review.look());
  void beginning.run();
  const shutDown = async (): Promise<void> => {
    beginning.stop();
    stopReview?.();
    reasons.stop();
    await loop.stop();
    await links.close();
    await options.verifier.close();
    base.signer.close();
    await base.store.close();
  };
  let closing: Promise<void> | undefined;
  /** Once: who asks again waits for the same end. */
  const close = (): Promise<void> => {
    closing ??= shutDown();
    return closing;
  };
  return { ...base, options, intake, loop, sync, links, statuses, peerClocks, admitted, close };
}

/** A batch from gossip: passed on unless its form is wrong; each transaction is judged alone. */
function takeGossip(intake: Intake | undefined, bytes: Uint8Array): 'accept' | 'ignore' | 'reject' {
  const txs = readGossip(bytes);
  if (txs === undefined) return 'reject';
  intake?.offer(txs);
  return 'accept';
}
