// Signs and sends what consensus asks for. A signature leaves only after its sign-state is on the
// disk (consensus 6.1); what was sent is kept for this height so that it can be sent again (3.6c).
import type { Block } from '../../core/src/block.js';
import { encode } from '../../core/src/codec/codec.js';
import { ProtocolError } from '../../core/src/errors.js';
import { fromHex, toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { HEADER_VERSION } from '../../core/src/header.js';
import type { PublicKey } from '../../core/src/ids.js';
import {
  type Certificate,
  encodeCertificate,
  openBytes,
  PREVOTE,
  proposalBytes,
  voteBytes,
} from '../../core/src/vote.js';
import type { Resend, SignOpen, SignProposal, SignVote } from '../../consensus/src/effect.js';
import type { CertificateKind, Input, LockRecord } from '../../consensus/src/input.js';
import type { ConsensusMachine } from '../../consensus/src/port.js';
import type { BlockCache } from './blocks.js';
import type { Executor } from './executor.js';
import { placeOf } from './height.js';
import { summaryOf } from './loop.js';
import type { Links, Log, NodeClock } from './ports.js';
import type { SignatureMemory } from './signatures.js';
import type { Signer } from './signer/signer.js';
import {
  blockMessage,
  certificateMessage,
  FRAMES,
  getBlockMessage,
  openMessage,
  proposalMessage,
  type ProposalWire,
  type StatusWire,
  statusMessage,
  voteMessage,
} from './wire.js';

export interface OutboundNeeds {
  readonly signer: Signer;
  readonly machine: ConsensusMachine;
  readonly executor: Executor;
  readonly blocks: BlockCache;
  readonly links: Links;
  readonly clock: NodeClock;
  readonly signatures: SignatureMemory;
  readonly log: Log;
  /** First height at which this node may sign (8.4). */
  readonly signsFrom: () => bigint;
  /** Places in the set of the height under way. */
  readonly set: () => Parameters<typeof placeOf>[0];
}

export class Outbound {
  readonly #needs: OutboundNeeds;
  /** Own proposals of the height, by round. */
  readonly #proposals = new Map<number, ProposalWire>();
  #open: Uint8Array | undefined;
  #height = 0n;

  constructor(needs: OutboundNeeds) {
    this.#needs = needs;
  }

  get publicKey(): PublicKey {
    return this.#needs.signer.publicKey;
  }

  maySign(height: bigint): boolean {
    return height >= this.#needs.signsFrom();
  }

  #chainId(): Hash {
    return this.#needs.executor.at.chain.chainId;
  }

  #newHeight(height: bigint): void {
    if (this.#height === height) return;
    this.#height = height;
    this.#proposals.clear();
    this.#open = undefined;
  }

  /** undefined where the sign-state refuses: then nothing is sent. */
  #sign(place: Parameters<Signer['signVote']>[0], bytes: Uint8Array): Uint8Array | undefined {
    try {
      const signature = this.#needs.signer.signVote(place, bytes);
      this.#needs.signatures.trust(this.publicKey, bytes, signature);
      return signature;
    } catch (cause) {
      if (!(cause instanceof ProtocolError) || cause.code === 'STORE_WRITE') throw cause;
      const { height, round, step } = place;
      this.#needs.log.warn({ code: cause.code, height: `${height}`, round, step }, 'not signed');
      return undefined;
    }
  }

  proposal(effect: SignProposal): Input | undefined {
    const { height, round, validRound, blockHash, proofOfLock } = effect;
    const { links, blocks, clock } = this.#needs;
    const block = blocks.get(blockHash);
    if (block === undefined) return undefined;
    this.#newHeight(height);
    const bytes = proposalBytes(this.#chainId(), { height, round, validRound, blockHash });
    const signature = this.#sign({ height, round, step: 'proposal', blockHash }, bytes);
    if (signature === undefined) return undefined;
    const wire: ProposalWire = {
      height,
      round,
      validRound,
      header: block.header,
      proofOfLock: proofOfLock && encodeCertificate(proofOfLock),
      signer: this.publicKey,
      signature,
    };
    this.#proposals.set(round, wire);
    links.broadcast(FRAMES.proposal, encode(proposalMessage, wire));
    links.broadcast(FRAMES.block, encode(blockMessage, { bytes: block.bytes }));
    return {
      kind: 'proposal',
      height,
      round,
      validRound,
      header: summaryOf(block),
      ...(proofOfLock === undefined ? {} : { proofOfLock }),
      signer: this.publicKey,
      chainNowMs: clock.chainNowMs(),
    };
  }

  vote(effect: SignVote): Input | undefined {
    const { height, round, step, blockHash } = effect;
    const validatorIndex = placeOf(this.#needs.set(), this.publicKey);
    if (validatorIndex === undefined) return undefined;
    this.#newHeight(height);
    const bytes = voteBytes(this.#chainId(), { step, height, round, blockHash });
    const name = step === PREVOTE ? 'prevote' : 'precommit';
    const signature = this.#sign({ height, round, step: name, blockHash }, bytes);
    if (signature === undefined) return undefined;
    const vote = { step, height, round, blockHash, validatorIndex, signature };
    this.#needs.links.broadcast(FRAMES.vote, encode(voteMessage, vote));
    return { kind: 'vote', vote };
  }

  open(effect: SignOpen): Input | undefined {
    const { height, ids } = effect;
    const validatorIndex = placeOf(this.#needs.set(), this.publicKey);
    if (validatorIndex === undefined) return undefined;
    this.#newHeight(height);
    const signature = this.#needs.signer.signOther(openBytes(this.#chainId(), height, ids));
    this.#open = encode(openMessage, { height, validatorIndex, ids, signature });
    this.#needs.links.broadcast(FRAMES.open, this.#open);
    return { kind: 'open', height, validatorIndex, ids };
  }

  lock(lock: LockRecord, block: Block): void {
    const { height, round, blockHash, proof } = lock;
    const blockBytes = block.bytes;
    const proofBytes = encodeCertificate(proof);
    this.#needs.signer.writeLock({ height, round, blockHash, blockBytes, proofBytes });
  }

  certificate(kind: CertificateKind, certificate: Certificate): void {
    const bytes = encode(certificateMessage, { kind, certificate: encodeCertificate(certificate) });
    this.#needs.links.broadcast(FRAMES.certificate, bytes);
  }

  askForBlock(hash: Hash): void {
    this.#needs.links.broadcast(FRAMES.getBlock, encode(getBlockMessage, { hash }));
  }

  status(): Uint8Array {
    const { machine, executor, clock } = this.#needs;
    const { height, round, step, lockRound } = machine.snapshot();
    const { parent } = executor.at;
    const status: StatusWire = {
      tipHeight: parent.height,
      tipHash: parent.hash,
      height,
      round,
      step,
      lockRound,
      version: HEADER_VERSION,
      clockMs: clock.chainNowMs(),
    };
    return encode(statusMessage, status);
  }

  /** To one peer or to all: status, then what was sent at this height. */
  resend(effect: Resend): undefined {
    const { links } = this.#needs;
    const to = effect.to === undefined ? undefined : fromHex(effect.to, 32);
    const send = (frame: number, bytes: Uint8Array): void => {
      if (to === undefined) links.broadcast(frame, bytes);
      else links.send(to as PublicKey, frame, bytes);
    };
    send(FRAMES.status, this.status());
    if (effect.height !== this.#height) return undefined;
    if (effect.open && this.#open !== undefined) send(FRAMES.open, this.#open);
    const proposal = effect.proposal && this.#proposals.get(effect.proposal.round);
    if (effect.proposal !== undefined && proposal !== undefined) {
      // Its bytes only on request: who lacks them asks.
      send(FRAMES.proposal, encode(proposalMessage, proposal));
    }
    for (const vote of effect.votes) send(FRAMES.vote, encode(voteMessage, vote));
    for (const { certificateKind, certificate } of effect.certificates) {
      const bytes = encodeCertificate(certificate);
      send(
        FRAMES.certificate,
        encode(certificateMessage, { kind: certificateKind, certificate: bytes }),
      );
    }
    return undefined;
  }
}

/** How the machine names a peer. */
export const peerRef = (key: PublicKey): string => toHex(key);
