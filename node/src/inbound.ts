// Frames of peers become inputs: bounded decode, then whether the machine wants it at all, then the
// signature (cheapest first, reliability D26). A frame of a wrong form says the peer is broken.
import { equalBytes, toHex } from '../../core/src/bytes.js';
import { encode, type Field } from '../../core/src/codec/codec.js';
import { decodeHeader, headerHash } from '../../core/src/header.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Hash } from '../../core/src/hash.js';
import {
  type Certificate,
  checkCertificate,
  decodeCertificate,
  openBytes,
  PRECOMMIT,
  PREVOTE,
  proposalBytes,
  voteBytes,
  type VoteStep,
} from '../../core/src/vote.js';
import type { CertificateKind, Input } from '../../consensus/src/input.js';
import type { ConsensusMachine } from '../../consensus/src/port.js';
import { isInChain } from '../../state/src/tx/replay.js';
import type { BlockCache } from './blocks.js';
import type { Executor } from './executor.js';
import type { HeightContext } from './height.js';
import { peerRef } from './outbound.js';
import type { Mempool } from './mempool.js';
import type { Links, NodeClock } from './ports.js';
import type { SignatureMemory } from './signatures.js';
import type { BlockStore } from './store/store.js';
import {
  blockMessage,
  certificateMessage,
  FRAMES,
  getBlockMessage,
  getTxsMessage,
  openMessage,
  proposalMessage,
  type ProposalWire,
  readMessage,
  type StatusWire,
  statusMessage,
  txsMessage,
  voteMessage,
} from './wire.js';

export interface InboundNeeds {
  readonly chainId: Hash;
  readonly machine: ConsensusMachine;
  readonly context: () => HeightContext;
  readonly signatures: SignatureMemory;
  readonly blocks: BlockCache;
  readonly store: BlockStore;
  readonly executor: Pick<Executor, 'world'>;
  readonly mempool: Mempool;
  readonly links: Links;
  readonly clock: NodeClock;
  readonly push: (input: Input) => void;
  readonly offerBlock: (bytes: Uint8Array) => void;
  readonly offerTxs: (txs: readonly Uint8Array[]) => void;
  readonly onStatus: (peer: PublicKey, status: StatusWire) => void;
  /** A signature of this node's own key arrived (consensus 8.3). */
  readonly onOwnVote: (vote: { height: bigint; round: number; step: VoteStep }) => void;
  readonly ownKey: PublicKey;
}

export class Inbound {
  readonly #needs: InboundNeeds;

  constructor(needs: InboundNeeds) {
    this.#needs = needs;
  }

  /** False where the frame is not of the agreed form: the caller drops the peer. */
  take(peer: PublicKey, frame: number, bytes: Uint8Array): boolean {
    switch (frame) {
      case FRAMES.proposal:
        return this.#read(proposalMessage, bytes, (m) => this.#proposal(m));
      case FRAMES.vote:
        return this.#read(voteMessage, bytes, (m) => this.#vote(peer, m));
      case FRAMES.certificate:
        return this.#read(certificateMessage, bytes, (m) =>
          this.#certificate(peer, m.kind, m.certificate),
        );
      case FRAMES.open:
        return this.#read(openMessage, bytes, (m) => this.#open(peer, m));
      case FRAMES.status:
        return this.#read(statusMessage, bytes, (m) => this.#status(peer, m));
      case FRAMES.block:
        return this.#read(blockMessage, bytes, (m) => this.#needs.offerBlock(m.bytes));
      case FRAMES.getBlock:
        return this.#read(getBlockMessage, bytes, (m) => this.#giveBlock(peer, m.hash));
      case FRAMES.getTxs:
        return this.#read(getTxsMessage, bytes, (m) => this.#giveTxs(peer, m.ids));
      case FRAMES.txs:
        return this.#read(txsMessage, bytes, (m) => this.#needs.offerTxs(m.txs));
      default:
        return false;
    }
  }

  #read<T>(form: Field<T>, bytes: Uint8Array, then: (message: T) => void): boolean {
    const message = readMessage(form, bytes);
    if (message === undefined) return false;
    then(message);
    return true;
  }

  #proposal(m: ProposalWire): void {
    const { machine, signatures, chainId, clock, push } = this.#needs;
    const head = decodeHeader(m.header);
    if (head === undefined || head.height !== m.height) return;
    if (!machine.wants({ kind: 'proposal', height: m.height, round: m.round })) return;
    const proposer = machine.proposer(m.height, m.round);
    if (proposer !== undefined && !equalBytes(proposer, m.signer)) return;
    const blockHash = headerHash(m.header);
    const { height, round, validRound } = m;
    const signed = proposalBytes(chainId, { height, round, validRound, blockHash });
    if (!signatures.verify(m.signer, signed, m.signature)) return;
    const proof = m.proofOfLock && this.#lockProof(m.proofOfLock, m, blockHash);
    if (m.proofOfLock !== undefined && proof === undefined) return;
    push({
      kind: 'proposal',
      height,
      round,
      validRound,
      header: {
        hash: blockHash,
        height: head.height,
        round: head.round,
        timeMs: head.time,
        proposer: head.proposer,
        parentHash: head.parentHash,
      },
      ...(proof === undefined ? {} : { proofOfLock: proof }),
      signer: m.signer,
      chainNowMs: clock.chainNowMs(),
    });
  }

  #lockProof(bytes: Uint8Array, m: ProposalWire, blockHash: Hash): Certificate | undefined {
    const proof = decodeCertificate(bytes);
    if (proof === undefined || proof.height !== m.height || proof.round + 1 !== m.validRound)
      return undefined;
    const right = proof.step === PREVOTE && equalBytes(proof.blockHash, blockHash);
    return right && this.#verified(proof) ? proof : undefined;
  }

  /** Whether each signature is good; whether they are enough is the machine's question. */
  #verified(c: Certificate): boolean {
    const { chainId, context, signatures } = this.#needs;
    const { height, round, blockHash } = c;
    const subject = { step: c.step as VoteStep, height, round, blockHash };
    const { set } = context();
    const check = { chainId, set, subject, verify: signatures.verify, threshold: 1 };
    return checkCertificate(c, check) === undefined;
  }

  #vote(
    peer: PublicKey,
    m: (typeof voteMessage extends Field<infer T> ? T : never) & object,
  ): void {
    const { machine, context, signatures, chainId, push, ownKey, onOwnVote } = this.#needs;
    if (m.step !== PREVOTE && m.step !== PRECOMMIT) return;
    const vote = { ...m, step: m.step as VoteStep };
    const member = context().set[m.validatorIndex];
    if (member === undefined) return;
    const isOwn = equalBytes(member.publicKey, ownKey);
    if (!isOwn && !machine.wants({ kind: 'vote', ...vote })) return;
    if (!signatures.verify(member.publicKey, voteBytes(chainId, vote), m.signature)) return;
    if (isOwn) onOwnVote(vote);
    push({ kind: 'vote', vote, peer: peerRef(peer) });
  }

  #certificate(peer: PublicKey, kind: CertificateKind, bytes: Uint8Array): void {
    const { machine, push } = this.#needs;
    const certificate = decodeCertificate(bytes);
    if (certificate === undefined) return;
    if (certificate.step !== (kind === 'commit' ? PRECOMMIT : PREVOTE)) return;
    if (!machine.wants({ kind: 'certificate', certificateKind: kind, ...certificate })) return;
    if (!this.#verified(certificate)) return;
    push({ kind: 'certificate', certificateKind: kind, certificate, peer: peerRef(peer) });
  }

  #open(
    peer: PublicKey,
    m: (typeof openMessage extends Field<infer T> ? T : never) & object,
  ): void {
    const { context, signatures, chainId, push } = this.#needs;
    const { set, height } = context();
    const member = set[m.validatorIndex];
    if (member === undefined || m.height < height || m.height > height + 1n) return;
    const signed = openBytes(chainId, m.height, m.ids);
    if (!signatures.verify(member.publicKey, signed, m.signature)) return;
    const { validatorIndex, ids } = m;
    push({ kind: 'open', height: m.height, validatorIndex, ids });
    this.#askForTxs(peer, ids);
  }

  /** What the opener waits for and this node lacks: whoever proposes has to have it. */
  #askForTxs(peer: PublicKey, named: readonly Hash[]): void {
    const { mempool, executor, links } = this.#needs;
    const world = executor.world();
    const ids = named.filter((id) => !mempool.has(id) && !isInChain(world, id));
    if (ids.length > 0) links.send(peer, FRAMES.getTxs, encode(getTxsMessage, { ids }));
  }

  #giveTxs(peer: PublicKey, ids: readonly Hash[]): void {
    const { mempool, links } = this.#needs;
    const txs = ids.flatMap((id) => mempool.get(id)?.bytes ?? []);
    if (txs.length > 0) links.send(peer, FRAMES.txs, encode(txsMessage, { txs }));
  }

  #status(peer: PublicKey, m: StatusWire): void {
    this.#needs.onStatus(peer, m);
    const { tipHeight, height, round, step, lockRound } = m;
    const ref = peerRef(peer);
    this.#needs.push({ kind: 'status', peer: ref, tipHeight, height, round, step, lockRound });
  }

  #giveBlock(peer: PublicKey, hash: Hash): void {
    const { blocks, store, links } = this.#needs;
    const height = store.heightOf(hash);
    const bytes =
      blocks.get(hash)?.bytes ?? (height === undefined ? undefined : store.block(height));
    if (bytes !== undefined) links.send(peer, FRAMES.block, encode(blockMessage, { bytes }));
  }
}

export const nameOfKey = (key: PublicKey): string => toHex(key).slice(0, 8);
