// One queue of inputs; the effects of each executed strictly in order, each to its end before the
// next (house habit 2). No rules here: what to do is the machine's, how a block is checked is
// validate.ts, how a message is signed and sent is outbound.ts.
import { assert, present, unreachable } from '../../core/src/assert.js';
import { type Block, decodeBlock } from '../../core/src/block.js';
import { type ErrorCode, ProtocolError } from '../../core/src/errors.js';
import { equalBytes, toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import type { Tx } from '../../core/src/tx.js';
import type { Certificate, VerifySignature } from '../../core/src/vote.js';
import type { Decide, Effect, Schedule } from '../../consensus/src/effect.js';
import type { HeaderSummary, Input, StartHeight } from '../../consensus/src/input.js';
import type { ConsensusMachine } from '../../consensus/src/port.js';
import { stampOf } from '../../state/src/boundary/stamp.js';
import type { BlockCache } from './blocks.js';
import type { Committer } from './commit.js';
import type { Executor } from './executor.js';
import { type HeightContext, nextHeight, placeOf, timingOf } from './height.js';
import type { Mempool } from './mempool.js';
import type { Outbound } from './outbound.js';
import { Pace } from './pace.js';
import type { Counters, Log, NodeClock, Stop, Timers } from './ports.js';
import { commitRefusal, validateBlock } from './validate.js';
import type { SignatureMemory } from './signatures.js';

export interface LoopNeeds {
  readonly machine: ConsensusMachine;
  readonly executor: Executor;
  readonly blocks: BlockCache;
  readonly mempool: Mempool;
  readonly committer: Committer;
  readonly outbound: Outbound;
  readonly signatures: SignatureMemory;
  readonly clock: NodeClock;
  readonly timers: Timers;
  readonly rate: number;
  readonly log: Log;
  readonly counters: Counters;
  readonly stop: Stop;
  /** Others are ahead: fetch blocks up to a height. */
  readonly requestSync: (height: bigint, peer: string | undefined) => void;
  /** The tip moved: reasons to open the next height are looked for again. */
  readonly onHeight: () => void;
}

/** A block that sync brought, with the certificate that makes it final. */
export interface SyncedBlock {
  readonly kind: 'synced';
  readonly block: Block;
  readonly certificate: Certificate;
  readonly done: (refusal: ErrorCode | undefined) => void;
}

/** How long to wait for bytes that a proposer is sending before others are asked, ms. */
const FETCH_AFTER_MS = 150;

export class Loop {
  readonly #needs: LoopNeeds;
  readonly #queue: (Input | SyncedBlock)[] = [];
  readonly #timers = new Map<string, () => void>();
  #running = false;
  #stopped = false;
  /** The run under way; it never rejects. */
  #run: Promise<void> = Promise.resolve();
  #decidedAtMs = 0;
  #context: HeightContext;
  /** Decided, but its bytes are not at hand. */
  #undelivered: Decide | undefined;
  readonly #pace = new Pace();

  constructor(needs: LoopNeeds) {
    this.#needs = needs;
    this.#context = nextHeight(needs.executor.at);
    this.#decidedAtMs = needs.clock.monotonicMs();
  }

  /** Set, proposers and draw of the height under way. */
  get context(): HeightContext {
    return this.#context;
  }

  push(input: Input | SyncedBlock): void {
    if (this.#stopped) return;
    this.#queue.push(input);
    this.#kick();
  }

  /** Resolves when the effect under way has ended: only then may the store be closed. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.length = 0;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    return this.#run;
  }

  async #work(): Promise<void> {
    try {
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        if (input.kind === 'synced') await this.#takeSynced(input);
        else await this.#perform(this.#needs.machine.handle(input));
      }
    } catch (cause) {
      void this.stop();
      this.#needs.stop(
        cause instanceof ProtocolError
          ? cause
          : new ProtocolError('STORE_DAMAGED', `the node contradicts itself: ${describe(cause)}`),
      );
    } finally {
      this.#running = false;
    }
  }

  /** Begins the height after the tip, once what waits is handled. For a start. */
  startHeight(): void {
    this.push(this.#nextHeight());
  }

  #nextHeight(): StartHeight {
    const { executor, clock, outbound, rate } = this.#needs;
    this.#context = nextHeight(executor.at);
    const { height, set, proposers, draw } = this.#context;
    const { hash, timeMs } = executor.at.parent;
    const key = outbound.publicKey;
    const index = placeOf(set, key);
    const own = outbound.maySign(height)
      ? { own: { key, ...(index === undefined ? {} : { index }) } }
      : {};
    return {
      kind: 'startHeight',
      height,
      set,
      ...own,
      proposers,
      draw,
      timing: timingOf(executor.at, rate),
      parent: { hash, timeMs },
      sinceDecisionMs: clock.monotonicMs() - this.#decidedAtMs,
    };
  }

  async #perform(effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) {
      if (this.#stopped) return;
      const pending = this.#one(effect);
      if (pending !== undefined) await pending;
    }
  }

  #one(effect: Effect): Promise<void> | undefined {
    const { outbound, blocks } = this.#needs;
    switch (effect.kind) {
      case 'signProposal':
        return this.#feed(outbound.proposal(effect));
      case 'signVote':
        return this.#feed(outbound.vote(effect));
      case 'signOpen':
        return this.#feed(outbound.open(effect));
      case 'persistLock':
        return void outbound.lock(effect.lock, present(blocks.get(effect.lock.blockHash), 'lock'));
      case 'build':
        return this.#build(effect.height, effect.round);
      case 'execute':
        return this.#execute(effect.blockHash);
      case 'fetchBlock':
        return void this.#fetch(effect.blockHash);
      case 'publishCertificate':
        return void outbound.certificate(effect.certificateKind, effect.certificate);
      case 'schedule':
        return this.#schedule(effect);
      case 'decide':
        return this.#decide(effect);
      default:
        return this.#report(effect);
    }
  }

  /** Effects that need no answer. */
  #report(effect: Exclude<Effect, { kind: 'decide' | 'schedule' | 'build' }>): undefined {
    this.#tell(effect);
    return undefined;
  }

  #tell(effect: Exclude<Effect, { kind: 'decide' | 'schedule' | 'build' }>): void {
    const { outbound, committer, log, counters } = this.#needs;
    switch (effect.kind) {
      case 'confirmed':
        return committer.confirmed(effect.certificate);
      case 'requestSync':
        return this.#needs.requestSync(effect.height, effect.peer);
      case 'resend':
        return outbound.resend(effect);
      case 'noteRefusal':
        counters.nilVote(effect.code);
        return log.info({ ...effect, blockHash: undefined }, 'votes nil');
      case 'equivocation':
        return log.error({ place: effect.first.validatorIndex }, 'a validator signed twice');
      case 'alarm':
        return log.error({ what: effect.what, height: `${effect.height}` }, 'safety alarm');
      case 'signProposal':
      case 'signVote':
      case 'signOpen':
      case 'persistLock':
      case 'execute':
      case 'fetchBlock':
      case 'publishCertificate':
        return assert(false, 'handled before');
      default:
        return unreachable(effect);
    }
  }

  #feed(input: Input | undefined): undefined {
    if (input !== undefined) this.#queue.push(input);
    return undefined;
  }

  #build(height: bigint, round: number): undefined {
    const { executor, mempool, clock, committer, outbound, blocks, rate } = this.#needs;
    const { chain, parent } = executor.at;
    if (height !== parent.height + 1n) return undefined;
    const graceMs = BigInt(chain.consensus.proposeTimeoutMs * rate);
    const stamp = { chain, parentMs: parent.timeMs, nowMs: clock.chainNowMs(), graceMs };
    const timeMs = stampOf({ ...stamp, pending: mempool.candidates() });
    const { block, refused } = executor.build({
      round,
      timeMs,
      proposer: outbound.publicKey,
      parentCertificate: committer.tipCertificate,
      candidates: firstOf(mempool.candidates(), this.#pace.limit),
    });
    this.#pace.built(height, block.txs.length);
    for (const { tx, code } of refused) mempool.failed(tx.id, code);
    blocks.put(block);
    return this.#feed({ kind: 'built', height, round, header: summaryOf(block) });
  }

  #execute(hash: Hash): undefined {
    const { blocks, executor, signatures, log } = this.#needs;
    blocks.want(hash);
    const block = blocks.get(hash);
    if (block === undefined) {
      this.#later(`fetch/${toHex(hash)}`, FETCH_AFTER_MS, () => this.#fetchIfWanted(hash));
      return undefined;
    }
    const validation = { executor, context: this.#context, verify: signatures.verify };
    const verdict = validateBlock(validation, block);
    blocks.done(hash);
    if (!verdict.valid)
      log.warn(
        { height: `${block.head.height}`, code: verdict.code, detail: verdict.detail },
        'block refused',
      );
    const { height } = block.head;
    return this.#feed({ kind: 'verdict', height, blockHash: hash, ...verdict });
  }

  #fetchIfWanted(hash: Hash): void {
    if (!this.#stopped && this.#needs.blocks.isWanted(hash)) this.#fetch(hash);
  }

  #fetch(hash: Hash): void {
    const { blocks, outbound } = this.#needs;
    if (blocks.get(hash) === undefined) outbound.askForBlock(hash);
  }

  /** Bytes of a block arrived. */
  offerBlock(bytes: Uint8Array): void {
    const { blocks, executor } = this.#needs;
    const block = decodeBlock(bytes);
    const next = executor.at.parent.height + 1n;
    if (block === undefined || block.head.height < next || block.head.height > next + 1n) return;
    blocks.put(block);
    const late = this.#undelivered;
    if (late !== undefined && equalBytes(late.blockHash, block.hash)) {
      this.push({ kind: 'synced', block, certificate: late.certificate, done: () => undefined });
      return;
    }
    if (!blocks.isWanted(block.hash)) return;
    this.#execute(block.hash);
    this.#kick();
  }

  #kick(): void {
    if (this.#running || this.#stopped || this.#queue.length === 0) return;
    this.#running = true;
    this.#run = this.#work();
  }

  #schedule(effect: Schedule): undefined {
    const { timer, height, round, afterMs } = effect;
    const fire = (): void => this.push({ kind: 'timeout', timer, height, round });
    this.#later(`${timer}/${height}/${round}`, afterMs, fire);
    return undefined;
  }

  /** One timer of a name; none outlives its height, or this loop. */
  #later(name: string, afterMs: number, action: () => void): void {
    this.#timers.get(name)?.();
    const fire = (): void => {
      this.#timers.delete(name);
      action();
    };
    this.#timers.set(name, this.#needs.timers.after(afterMs, fire));
  }

  /** The block was executed here; if its bytes were crowded out since, they are asked for again. */
  async #decide(effect: Decide): Promise<void> {
    const { blocks, executor } = this.#needs;
    const block = blocks.get(effect.blockHash) ?? executor.outcomeOf(effect.blockHash)?.block;
    if (block !== undefined) return this.#makeFinal(block, effect.certificate);
    this.#needs.log.warn({ height: `${effect.height}` }, 'the decided block is fetched again');
    this.#undelivered = effect;
    this.#fetchUndelivered(effect);
  }

  #fetchUndelivered(effect: Decide): void {
    if (this.#stopped || this.#undelivered !== effect) return;
    this.#fetch(effect.blockHash);
    this.#later('undelivered', FETCH_AFTER_MS, () => this.#fetchUndelivered(effect));
  }

  async #makeFinal(block: Block, certificate: Certificate): Promise<void> {
    const { executor, committer, blocks, mempool, clock, signatures } = this.#needs;
    if (executor.outcomeOf(block.hash) === undefined) {
      const validation = { executor, context: this.#context, verify: signatures.verify };
      const verdict = validateBlock(validation, block);
      assert(verdict.valid, 'a final block is valid here');
    }
    // Intervals count from the decision, not from the end of its write.
    this.#decidedAtMs = clock.monotonicMs();
    await committer.commit(block, certificate);
    this.#undelivered = undefined;
    this.#pace.decided(block.head.height, certificate.round);
    blocks.forgetUpTo(block.head.height);
    signatures.forget();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    if (this.#stopped) return;
    mempool.expire(clock.chainNowMs());
    // Before all that waits: after a sync the machine still stands at the height that is over, and
    // could decide it again.
    this.#queue.unshift(this.#nextHeight());
    this.#needs.onHeight();
  }

  /** Sync: the certificate is checked first, then the block is executed as any other. */
  async #takeSynced({ block, certificate, done }: SyncedBlock): Promise<void> {
    const { executor, signatures } = this.#needs;
    const { chain, parent } = executor.at;
    if (block.head.height <= parent.height) return done(undefined);
    const refusal = this.#syncRefusal(block, certificate, {
      chainId: chain.chainId,
      verify: signatures.verify,
    });
    if (refusal !== undefined) return done(refusal);
    const context = this.#context;
    const verdict = validateBlock({ executor, context, verify: signatures.verify }, block);
    if (!verdict.valid) return done(verdict.code);
    await this.#makeFinal(block, certificate);
    done(undefined);
  }

  #syncRefusal(
    block: Block,
    certificate: Certificate,
    by: { readonly chainId: Hash; readonly verify: VerifySignature },
  ): ErrorCode | undefined {
    const { height } = this.#context;
    if (block.head.height !== height) return 'BAD_BLOCK';
    const claim = { ...by, set: this.#context.set, height, blockHash: block.hash };
    return commitRefusal(certificate, claim);
  }
}

export const summaryOf = (block: Block): HeaderSummary => ({
  hash: block.hash,
  height: block.head.height,
  round: block.head.round,
  timeMs: block.head.time,
  proposer: block.head.proposer,
  parentHash: block.head.parentHash,
});

function* firstOf(txs: Iterable<Tx>, count: number): Iterable<Tx> {
  let left = count;
  for (const tx of txs) {
    if (left-- <= 0) return;
    yield tx;
  }
}

const describe = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
