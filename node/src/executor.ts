// Keeps the decided state and the blocks that were tried on top of it. Builds and executes with the
// pure rules of state/; decides nothing. The newest heights stay provable because the tree is
// persistent.
import type { ChainMs } from '../../core/src/amount.js';
import { assert } from '../../core/src/assert.js';
import type { Block } from '../../core/src/block.js';
import { toHex } from '../../core/src/bytes.js';
import type { ErrorCode } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import { PROOF_HEIGHTS } from '../../core/src/limits.js';
import type { Tx } from '../../core/src/tx.js';
import {
  buildBlock,
  type Executed,
  executeBlock,
  parentOf,
  type StateAt,
  type TxDesk,
} from '../../state/src/transition.js';
import { World } from '../../state/src/world.js';
import type { StateOfHeight } from './view.js';

export type Verdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly code: ErrorCode; readonly detail: string };

export interface BuildWish {
  readonly round: number;
  readonly timeMs: ChainMs;
  readonly proposer: PublicKey;
  readonly parentCertificate: Uint8Array;
  readonly candidates: Iterable<Tx>;
}

export interface BuildOutcome {
  readonly block: Block;
  readonly refused: readonly { readonly tx: Tx; readonly code: ErrorCode }[];
}

/** Blocks of one height that are kept with their outcome. */
const MAX_TRIED = 32;

export class Executor {
  #at: StateAt;
  readonly #desk: TxDesk;
  readonly #tried = new Map<string, Executed | Verdict>();
  readonly #recent = new Map<bigint, StateOfHeight>();

  constructor(at: StateAt, desk: TxDesk) {
    this.#at = at;
    this.#desk = desk;
  }

  get at(): StateAt {
    return this.#at;
  }

  /** A fresh view of the decided state. */
  world(): World {
    return new World(this.#at.base);
  }

  build(wish: BuildWish): BuildOutcome {
    const built = buildBlock(this.#at, { ...wish, verify: this.#desk.verify });
    this.#keep(built.block.hash, built);
    return { block: built.block, refused: built.refused };
  }

  /** Executes a block on the decided state, once. */
  execute(block: Block): Verdict {
    const known = this.#tried.get(toHex(block.hash));
    if (known !== undefined) return 'valid' in known ? known : { valid: true };
    const result = executeBlock(this.#at, block, this.#desk);
    if ('code' in result) {
      const verdict: Verdict = { valid: false, code: result.code, detail: result.detail };
      this.#keep(block.hash, verdict);
      return verdict;
    }
    this.#keep(block.hash, result);
    return { valid: true };
  }

  #keep(hash: Hash, outcome: Executed | Verdict): void {
    if (this.#tried.size >= MAX_TRIED) {
      const oldest = this.#tried.keys().next();
      if (!oldest.done) this.#tried.delete(oldest.value);
    }
    this.#tried.set(toHex(hash), outcome);
  }

  /** What a block that was executed here does, for the store. */
  outcomeOf(hash: Hash): Executed | undefined {
    const known = this.#tried.get(toHex(hash));
    return known !== undefined && !('valid' in known) ? known : undefined;
  }

  /** Makes an executed block the tip. Call after it is on disk. */
  advance(hash: Hash, certificateBytes: Uint8Array): Executed {
    const executed = this.outcomeOf(hash);
    assert(executed !== undefined, 'a block is decided only after it was executed');
    executed.world.takeOver();
    this.#tried.clear();
    const parent = parentOf(executed.block);
    this.#at = { ...this.#at, tree: executed.tree, parent };
    const { header: headerBytes } = executed.block;
    this.#recent.set(parent.height, { tree: executed.tree, headerBytes, certificateBytes });
    this.#recent.delete(parent.height - BigInt(PROOF_HEIGHTS));
    return executed;
  }

  /** State of a recent height, for proofs. */
  stateOf(height: bigint): StateOfHeight | undefined {
    return this.#recent.get(height);
  }

  /** After a restart the tip is the only height with its tree. */
  rememberTip(state: StateOfHeight): void {
    this.#recent.set(this.#at.parent.height, state);
  }
}
