// The first moments of a process (consensus 8.3, 8.4): it listens whether its key signs elsewhere,
// looks at its sign-state, and begins the height after the tip where it was left. With a doubtful
// sign-state it follows without voting until a height that it provably has not signed.
import { toHex } from '../../core/src/bytes.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { VoteStep } from '../../core/src/vote.js';
import { networkOf } from '../../state/src/draw.js';
import type { BlockCache } from './blocks.js';
import type { Executor } from './executor.js';
import type { Intake } from './intake.js';
import { isNewer, Listener, resumeOf } from './listen.js';
import type { Loop } from './loop.js';
import type { Outbound } from './outbound.js';
import type { Links, Log, Timers } from './ports.js';
import type { Reasons } from './reasons.js';
import type { SignEntry } from './signer/signState.js';
import type { Signer } from './signer/signer.js';
import type { BlockStore } from './store/store.js';
import { FRAMES } from './wire.js';

export interface BeginningNeeds {
  readonly executor: Executor;
  readonly signer: Signer;
  readonly store: BlockStore;
  readonly blocks: BlockCache;
  readonly timers: Timers;
  readonly log: Log;
  readonly links: Links;
  readonly outbound: Outbound;
  readonly loop: Loop;
  readonly reasons: Reasons;
  readonly intake: Intake;
}

/** Above every height: signs nothing yet. */
const NEVER = 1n << 62n;
const SAFE_HEIGHT_RETRY_MS = 500;

export class Beginning {
  readonly #needs: BeginningNeeds;
  readonly #listener: Listener;
  /** What the sign-state said when the process began. */
  readonly #last: SignEntry | undefined;
  #listening = true;
  #stopped = false;
  #signsFrom = NEVER;

  constructor(needs: BeginningNeeds) {
    this.#needs = needs;
    this.#last = needs.signer.last;
    this.#listener = new Listener({ timers: needs.timers, validators: this.#validators() });
  }

  #validators(): readonly PublicKey[] {
    return networkOf(this.#needs.executor.world()).validators.map((v) => v.publicKey);
  }

  /** First height at which this node may sign. */
  get signsFrom(): bigint {
    return this.#signsFrom;
  }

  status(peer: PublicKey, tipHeight: bigint): void {
    this.#listener.status(peer, tipHeight);
  }

  /** A vote of the own key that this process did not make. */
  isForeign(vote: { height: bigint; round: number; step: VoteStep }): boolean {
    return this.#listening && isNewer(vote, this.#last);
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    const { executor, signer, links, outbound, loop, reasons, blocks, log } = this.#needs;
    for (const peer of links.connected()) links.send(peer, FRAMES.status, outbound.status());
    const names = this.#validators().map(toHex);
    const votes = names.includes(toHex(signer.publicKey));
    if (names.length > 1 && votes) await this.#listener.wait();
    this.#listening = false;
    if (this.#stopped) return;
    const tip = executor.at.parent.height;
    const state = signer.stateAt(tip);
    // A fresh directory on a chain that has not begun has signed nothing. Anything else is in
    // doubt.
    const fresh = state === 'missing' && tip === 0n && this.#listener.highestTip() === 0n;
    if (fresh) signer.found(0n);
    if (fresh || state === 'good') this.#signsFrom = 0n;
    else if (votes) log.warn({ state }, 'sign-state in doubt: follows without voting');
    loop.startHeight();
    loop.push({ kind: 'resume', ...resumeOf(signer, blocks) });
    reasons.look();
    await this.#offerJournal();
    if (!fresh && state !== 'good') await this.#waitForSafeHeight();
  }

  /** Transactions accepted before the stop are offered again until their window ends. */
  async #offerJournal(): Promise<void> {
    for (const { bytes } of await this.#needs.store.readJournal())
      void this.#needs.intake.submit(bytes);
  }

  /** consensus 8.4: non-voting until T + 3, T told by a quorum of the set. */
  async #waitForSafeHeight(): Promise<void> {
    const { signer, timers, log } = this.#needs;
    let safe = this.#listener.safeHeight();
    while (safe === undefined && !this.#stopped) {
      await new Promise<void>((resolve) => timers.after(SAFE_HEIGHT_RETRY_MS, resolve));
      safe = this.#listener.safeHeight();
    }
    if (safe === undefined) return;
    const known = signer.last?.height ?? 0n;
    const from = known >= safe ? known + 1n : safe;
    signer.found(from - 1n);
    this.#signsFrom = from;
    log.info({ from: `${from}` }, 'votes again from this height on');
  }
}
