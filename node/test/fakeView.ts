// A NodeView over the test chain of state/: blocks are final as soon as they are made, signed by
// the validators of the test genesis; submitted transactions wait for the next block.
import { present } from '../../core/src/assert.js';
import type { ChainMs } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import { sign, verifyStrict } from '../../core/src/ed25519.js';
import { ZERO_HASH } from '../../core/src/hash.js';
import { decodeTx, type Tx } from '../../core/src/tx.js';
import {
  type Certificate,
  encodeCertificate,
  packCertificate,
  PRECOMMIT,
  type VoteSubject,
  voteBytes,
} from '../../core/src/vote.js';
import { validatorsOf } from '../../state/src/draw.js';
import { readGenesis } from '../../state/src/genesis/genesis.js';
import { rootOf } from '../../state/src/tree/tree.js';
import type { Built } from '../../state/src/transition.js';
import { checkTx } from '../../state/src/tx/rules.js';
import { person, TestChain } from '../../state/test/harness.js';
import type { FinalBlock, NodeView, StateOfHeight, SubmitResult, TxStatus } from '../src/view.js';

interface Stored {
  readonly built: Built;
  readonly certificate: Certificate;
  readonly state: StateOfHeight;
}

export class FakeView implements NodeView {
  readonly test: TestChain;
  readonly genesis;
  readonly name = 'v1';
  readonly roles = ['validator', 'centre'] as const;
  readonly version = '0.0.0-test';
  private readonly stored: Stored[] = [];
  private readonly pending = new Map<string, Tx>();
  private readonly listeners = new Set<(final: FinalBlock) => void>();
  isSyncing = false;
  /** Blocks below this are gone, as on a pruned node. */
  prunedBelow = 0n;

  constructor(genesis: object) {
    this.test = new TestChain(genesis);
    this.genesis = readGenesis(genesis);
  }

  get chain() {
    return this.test.at.chain;
  }

  /** A final block at a time, with what was submitted and these transactions. */
  block(timeMs: bigint, txs: readonly Tx[] = []): Built {
    const built = this.test.block(timeMs, [...this.pending.values(), ...txs]);
    this.pending.clear();
    const { hash, head, header } = built.block;
    const subject: VoteSubject = {
      step: PRECOMMIT,
      height: head.height,
      round: head.round,
      blockHash: hash,
    };
    const message = voteBytes(this.chain.chainId, subject);
    const signature = sign(person('v1').seed, message);
    const certificate = packCertificate(subject, 1, [{ index: 0, signature }]);
    const certificateBytes = encodeCertificate(certificate);
    const state = { tree: built.tree, headerBytes: header, certificateBytes };
    this.stored.push({ built, certificate, state });
    const { block, receipts } = built;
    for (const listener of [...this.listeners])
      listener({ block, txs: built.txs, receipts, certificate });
    return built;
  }

  private at(height: bigint): Stored | undefined {
    return height < this.prunedBelow ? undefined : this.stored[Number(height) - 1];
  }

  tip() {
    const { parent, tree } = this.test.at;
    const { hash, height, timeMs } = parent;
    return { height, hash, stateRoot: rootOf(tree), timeMs };
  }
  confirmedHeight() {
    return this.tip().height;
  }
  chainNowMs() {
    return this.tip().timeMs + 100n;
  }
  syncing() {
    return this.isSyncing;
  }
  degraded() {
    return [];
  }
  peers() {
    const { key } = person('v2');
    return [{ publicKey: key, address: '/ip4/127.0.0.1/tcp/1', role: 'validator', height: 1n }];
  }
  why() {
    return { blocked: false, causes: [] };
  }
  world() {
    return this.test.world();
  }
  stateOf(height: bigint) {
    return this.at(height)?.state;
  }
  blockBytes(height: bigint) {
    return this.at(height)?.built.block.bytes;
  }
  certificateBytes(height: bigint) {
    return this.at(height)?.state.certificateBytes;
  }
  committeeCertificateBytes() {
    return undefined;
  }
  receiptsOf(height: bigint) {
    return this.at(height)?.built.receipts;
  }
  heightOf(hash: Uint8Array) {
    const index = this.stored.findIndex((s) => toHex(s.built.block.hash) === toHex(hash));
    return index < 0 ? undefined : BigInt(index + 1);
  }

  async submitTx(bytes: Uint8Array): Promise<SubmitResult> {
    const tx = decodeTx(this.chain.chainId, bytes);
    if (tx === undefined) return { id: undefined, status: 'rejected', code: 'BAD_ENCODING' };
    const code = checkTx(
      {
        world: this.world(),
        chain: this.chain,
        timeMs: this.chainNowMs() as ChainMs,
        verify: (key, t) => verifyStrict(key, t.signedBytes, t.signature),
      },
      tx,
    );
    if (code !== undefined) return { id: tx.id, status: 'rejected', code };
    this.pending.set(toHex(tx.id), tx);
    return { id: tx.id, status: 'accepted' };
  }

  txStatus(id: Uint8Array): TxStatus {
    if (this.pending.has(toHex(id))) return { status: 'pending' };
    for (const { built } of this.stored) {
      const { head, systemTxs } = built.block;
      const index = built.txs.findIndex((tx) => toHex(tx.id) === toHex(id));
      if (index < 0) continue;
      const receipt = built.receipts.find((r) => toHex(r.id) === toHex(id));
      return { status: 'final', height: head.height, index: systemTxs.length + index, receipt };
    }
    return { status: 'unknown' };
  }
  validators(height: bigint) {
    if (height > this.tip().height + 1n) return undefined;
    return validatorsOf(this.world(), this.chain, this.tip().timeMs);
  }
  committee(height: bigint, round: number) {
    if (height > this.tip().height + 1n) return undefined;
    const set = present(this.validators(height), 'checked');
    const eligible = set.map((v) => ({ id: v.id, weight: 1n }));
    return { height, round, seed: ZERO_HASH, size: 1, eligible, members: set.map((v) => v.id) };
  }
  onFinal(listener: (final: FinalBlock) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
