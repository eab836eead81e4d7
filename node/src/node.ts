// The composition root: constructs every part, starts them in order, stops them in reverse. No
// rules. What the parts need of each other is in their own files.
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { installSha256 } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import { createMachine } from '../../consensus/src/machine.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';
import { networkOf } from '../../state/src/draw.js';
import type { Tx } from '../../core/src/tx.js';
import { BlockCache } from './blocks.js';
import { Committer } from './commit.js';
import type { CryptoBackend, KeyPair } from './crypto/backend.js';
import { nativeSha256 } from './crypto/sha256.js';
import type { Verifier } from './crypto/verifier.js';
import { Executor } from './executor.js';
import { Inbound } from './inbound.js';
import { Intake } from './intake.js';
import { isNewer, Listener, resumeOf } from './listen.js';
import { Loop } from './loop.js';
import { Mempool } from './mempool.js';
import { Outbound, peerRef } from './outbound.js';
import type { Counters, Links, Log, NodeClock, Stop, Timers } from './ports.js';
import { Reasons } from './reasons.js';
import { SignatureMemory } from './signatures.js';
import { openSigner, type Signer } from './signer/signer.js';
import { openGround } from './start.js';
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
  /** Opens the network once the node knows who is admitted. */
  readonly openLinks: (admitted: readonly PublicKey[], events: LinkEvents) => Promise<OpenLinks>;
}

/** Everything of a running node. */
export interface NodeParts {
  readonly options: NodeOptions;
  readonly store: BlockStore;
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly committer: Committer;
  readonly intake: Intake;
  readonly loop: Loop;
  readonly sync: Sync;
  readonly links: OpenLinks;
  readonly machine: ReturnType<typeof createMachine>;
  readonly signer: Signer;
  readonly statuses: ReadonlyMap<string, StatusWire>;
  /** Keys that the gate always lets in: validators, centres, peers of genesis. */
  readonly admitted: readonly PublicKey[];
  close(): Promise<void>;
}

/** Keys that may connect (consensus 1.4): validators, centres, the peers of genesis. */
export function admittedKeys(executor: Executor, genesis: Genesis): readonly PublicKey[] {
  const network = networkOf(executor.world());
  return [
    ...network.centres.map((c) => c.publicKey),
    ...network.validators.map((v) => v.publicKey),
    ...genesis.peers.map((p) => p.publicKey),
  ];
}

export async function startNode(options: NodeOptions): Promise<NodeParts> {
  installSha256(nativeSha256());
  const { genesis, dataDir, clock, timers, log, counters, stop, verifier } = options;
  const store = await openStore(dataDir, stop);
  const ground = await openGround(genesis, store);
  const mempool = new Mempool(genesis.consensus.senderQuota);
  const verifyTx = (key: PublicKey, tx: Tx): boolean =>
    mempool.isVerified(key, tx) || options.backend.verify(key, tx.signedBytes, tx.signature);
  const executor = new Executor(ground.at, verifyTx);
  if (ground.tip !== undefined) executor.rememberTip({ ...ground.tip, tree: ground.at.tree });
  const signer = openSigner(dataDir, options.keyPair);
  const committer = new Committer({ executor, store, mempool, clock, counters, ...ground });
  const machine = createMachine();
  const signatures = new SignatureMemory((k, m, s) => options.backend.verify(k, m, s));
  const blocks = new BlockCache();
  const statuses = new Map<string, StatusWire>();
  const listener = new Listener({
    timers,
    validators: genesis.validators.map((v) => v.publicKey),
    ownKey: signer.publicKey,
  });
  let signsFrom = 1n << 62n;
  const late: {
    outbound?: Outbound;
    inbound?: Inbound;
    intake?: Intake;
    loop?: Loop;
    sync?: Sync;
  } = {};
  const links = await options.openLinks(admittedKeys(executor, genesis), {
    onFrame: (peer, frame, bytes) => late.inbound?.take(peer, frame, bytes) ?? true,
    onTxs: (bytes) => takeGossip(late.intake, bytes),
    onRequest: (_peer, bytes) => late.sync?.serve(bytes) ?? new Uint8Array(0),
    onConnected: (peer) => {
      if (late.outbound !== undefined) links.send(peer, FRAMES.status, late.outbound.status());
      late.loop?.push({ kind: 'peerConnected', peer: peerRef(peer) });
    },
  });
  const outbound = new Outbound({
    signer,
    machine,
    executor,
    blocks,
    links,
    clock,
    signatures,
    log,
    signsFrom: () => signsFrom,
    set: () => loop.context.set,
  });
  const rate = genesis.rate;
  const sync = new Sync({ executor, store, links, timers, log, push: (s) => loop.push(s) });
  const reasons = new Reasons({
    executor,
    mempool,
    clock,
    timers,
    rate,
    push: (input) => loop.push(input),
  });
  const loop = new Loop({
    machine,
    executor,
    blocks,
    mempool,
    committer,
    outbound,
    signatures,
    clock,
    timers,
    rate,
    log,
    counters,
    stop,
    requestSync: (height, peer) => sync.request(height, peer),
    onHeight: () => reasons.look(),
  });
  const intake = new Intake({
    executor,
    mempool,
    verifier,
    links,
    store,
    clock,
    counters,
    driftMs: BigInt(genesis.consensus.driftMs * rate),
    onAdded: () => reasons.transactionsWait(),
  });
  const last = signer.last;
  const inbound = new Inbound({
    chainId: genesis.chainId,
    machine,
    context: () => loop.context,
    signatures,
    blocks,
    store,
    links,
    clock,
    push: (input) => loop.push(input),
    offerBlock: (bytes) => loop.offerBlock(bytes),
    offerTxs: (txs) => intake.offer(txs),
    onStatus: (peer, status) => {
      statuses.set(toHex(peer), status);
      listener.status(peer, status.tipHeight);
    },
    onOwnVote: (vote) => {
      if (listening && isNewer(vote, last)) {
        const error = new ProtocolError('KEY_IN_USE', 'another process signs with this key');
        stop(error);
      }
    },
    ownKey: signer.publicKey,
  });
  let listening = true;
  Object.assign(late, { outbound, inbound, intake, loop, sync });

  /** Listens, then begins the height after the tip where the files say it was left. */
  async function begin(): Promise<void> {
    for (const peer of links.connected()) links.send(peer, FRAMES.status, outbound.status());
    const names = genesis.validators.map((v) => toHex(v.publicKey));
    const votes = names.includes(toHex(signer.publicKey));
    if (names.length > 1 && votes) await listener.wait();
    listening = false;
    const tip = executor.at.parent.height;
    const state = signer.stateAt(tip);
    // A fresh directory on a chain that has not begun has signed nothing. Anything else is in doubt.
    const fresh = state === 'missing' && tip === 0n && listener.highestTip() === 0n;
    if (fresh) signer.found(0n);
    if (fresh || state === 'good') signsFrom = 0n;
    else if (votes) log.warn({ state }, 'sign-state in doubt: follows without voting');
    loop.startHeight();
    loop.push({ kind: 'resume', ...resumeOf(signer, blocks) });
    reasons.look();
    for (const { bytes } of await store.readJournal()) void intake.submit(bytes);
    if (!fresh && state !== 'good') await waitForSafeHeight();
  }

  /** consensus 8.4: non-voting until T + 3, T told by a quorum of the set. */
  async function waitForSafeHeight(): Promise<void> {
    let safe = listener.safeHeight();
    while (safe === undefined) {
      await new Promise<void>((resolve) => timers.after(500, resolve));
      safe = listener.safeHeight();
    }
    const known = signer.last?.height ?? 0n;
    const from = known >= safe ? known + 1n : safe;
    signer.found(from - 1n);
    signsFrom = from;
    log.info({ from: `${from}` }, 'votes again from this height on');
  }
  void begin();

  const close = async (): Promise<void> => {
    reasons.stop();
    loop.stop();
    await links.close();
    await verifier.close();
    signer.close();
    await store.close();
  };
  return {
    options,
    store,
    executor,
    mempool,
    committer,
    intake,
    loop,
    sync,
    links,
    machine,
    signer,
    statuses,
    admitted: admittedKeys(executor, genesis),
    close,
  };
}

/** A batch from gossip: passed on unless its form is wrong; each transaction is judged alone. */
function takeGossip(intake: Intake | undefined, bytes: Uint8Array): 'accept' | 'ignore' | 'reject' {
  const txs = readGossip(bytes);
  if (txs === undefined) return 'reject';
  intake?.offer(txs);
  return 'accept';
}
