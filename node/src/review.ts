// The review of a validator (market-bilateral L3, V1): after each final block the node votes on
// the listings of whose committee its key is, by the shipped rule, with a ballot through its own
// intake. It never votes twice on one listing with different bits, and not by a state that is old.
import { equalBytes, concatBytes, toHex, u64be } from '../../core/src/bytes.js';
import type { ChainMs } from '../../core/src/amount.js';
import { present } from '../../core/src/assert.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { AccountId } from '../../core/src/ids.js';
import { buildTx, type Tx, type TxOf } from '../../core/src/tx.js';
import { windowOf } from '../../state/src/boundary/timing.js';
import { marketOf } from '../../state/src/chain.js';
import { networkOf } from '../../state/src/draw.js';
import type { Named } from '../../state/src/markets/bilateral/listing.js';
import { opinionOf, reviewsOf } from '../../state/src/markets/bilateral/review.js';
import type { Executor } from './executor.js';
import type { Mempool } from './mempool.js';
import type { Log, NodeClock } from './ports.js';
import type { Signer } from './signer/signer.js';
import type { SubmitResult } from './view.js';

export interface ReviewNeeds {
  readonly executor: Pick<Executor, 'world' | 'at'>;
  readonly mempool: Pick<Mempool, 'candidates'>;
  readonly signer: Pick<Signer, 'publicKey' | 'signOther'>;
  readonly clock: Pick<NodeClock, 'chainNowMs'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** A tip older than this is not voted by, chain ms. */
  readonly freshMs: bigint;
  /** The node follows the chain and may sign. */
  readonly mayVote: () => boolean;
  readonly submit: (bytes: Uint8Array) => Promise<SubmitResult>;
}

const SALT_BYTES = 8;

export class ReviewDuty {
  readonly #needs: ReviewNeeds;
  /** What was said on a listing that is not decided. */
  readonly #said = new Map<string, 0 | 1>();
  /** On the way to the mempool. */
  readonly #sending = new Set<string>();

  constructor(needs: ReviewNeeds) {
    this.#needs = needs;
  }

  /** A block has become final. */
  look(): void {
    const { executor, mayVote, clock, freshMs } = this.#needs;
    const { chain, parent } = executor.at;
    const own = this.#ownId();
    const timeMs = clock.chainNowMs();
    if (own === undefined || !mayVote() || timeMs > parent.timeMs + freshMs) return;
    const at = { world: executor.world(), chain, timeMs };
    const open = reviewsOf(at, own);
    this.#forget(open);
    if (open.length === 0) return;
    const waiting = this.#waiting(own);
    for (const one of open) {
      const name = toHex(one.id);
      if (waiting.has(name) || this.#sending.has(name)) continue;
      const bits = this.#said.get(name) ?? opinionOf(at, one.listing);
      this.#said.set(name, bits);
      void this.#send(name, this.#ballot(own, one, bits));
    }
  }

  #ownId(): AccountId | undefined {
    const { executor, signer } = this.#needs;
    const { validators } = networkOf(executor.world());
    return validators.find(({ publicKey }) => equalBytes(publicKey, signer.publicKey))?.id;
  }

  #forget(open: readonly Named[]): void {
    const names = new Set(open.map(({ id }) => toHex(id)));
    for (const name of this.#said.keys()) if (!names.has(name)) this.#said.delete(name);
  }

  /** Listings on which a ballot of the own key waits, also one from before a restart. */
  #waiting(own: AccountId): ReadonlySet<string> {
    const isOwn = (tx: Tx): tx is TxOf<'ballot'> =>
      tx.kind === 'ballot' && equalBytes(tx.sender, own);
    const ballots = [...this.#needs.mempool.candidates()].filter(isOwn);
    return new Set(ballots.map(({ body }) => toHex(body.contract)));
  }

  #ballot(own: AccountId, { id, listing }: Named, bits: 0 | 1): TxOf<'ballot'> {
    const { executor, signer } = this.#needs;
    const { chain, parent } = executor.at;
    const { market, period } = listing;
    const config = present(marketOf(chain, market), 'a listing is of a market');
    const { endMs } = present(windowOf(config, period, 'review'), 'a bilateral market');
    const longest = parent.timeMs + BigInt(chain.consensus.maxTxWindowMs);
    const draft = {
      kind: 'ballot' as const,
      sender: own,
      validFrom: parent.timeMs as ChainMs,
      validUntil: (endMs < longest ? endMs : longest) as ChainMs,
      salt: sha256(concatBytes(id, u64be(parent.height))).slice(0, SALT_BYTES),
      body: {
        market,
        period,
        phase: 'A' as const,
        contract: id as Hash,
        bits,
        readings: undefined,
      },
    };
    return buildTx(chain.chainId, draft, (bytes) => signer.signOther(bytes));
  }

  async #send(name: string, { bytes, body }: TxOf<'ballot'>): Promise<void> {
    const { log, submit } = this.#needs;
    this.#sending.add(name);
    const result = await submit(bytes);
    this.#sending.delete(name);
    const facts = { listing: name, bits: body.bits };
    if (result.status === 'rejected')
      log.warn({ ...facts, code: result.code }, 'the ballot is refused');
    else log.info(facts, 'voted on a listing');
  }
}
