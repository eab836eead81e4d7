// Invariants I1 to I3 and I19: one final block per height, under a valid certificate, executed
// valid, on its parent, later than it, and never lost by a node that reported it.
import { equalBytes } from '../../../core/src/bytes.js';
import { PRECOMMIT, PREVOTE, signersOf, type Certificate } from '../../../core/src/vote.js';
import { isBlockValid, type ToyBlock } from '../application.js';
import type { Ring } from '../keys.js';
import type { ChainEntry } from '../messages.js';
import { Violation } from '../watch.js';
import type { World } from '../world.js';
import { hashName } from './ledger.js';

export interface FinalityCheck {
  appended(node: number, entry: ChainEntry): void;
  confirmed(node: number, certificate: Certificate): void;
  /** Final blocks so far, in order. */
  readonly chain: readonly ToyBlock[];
}

export interface FinalityNeeds {
  readonly world: World;
  readonly ring: Ring;
  /** Highest chain time that a proposal may have passed with; chain ms. */
  readonly latestTime: () => bigint;
}

export function createFinalityCheck(needs: FinalityNeeds): FinalityCheck {
  const { world, ring } = needs;
  const chain: ToyBlock[] = [];

  const checkCertificate = ({ block, certificate: c }: ChainEntry): void => {
    const signers = signersOf(c, world.set.length)?.length ?? 0;
    const good =
      c.step === PRECOMMIT &&
      c.height === block.header.height &&
      equalBytes(c.blockHash, block.header.hash) &&
      signers >= world.quorum &&
      ring.isCertificate(c);
    if (!good) throw new Violation('certificate', `of height ${block.header.height}`);
  };

  const extend = ({ block }: ChainEntry): void => {
    const { height } = block.header;
    const parent = chain.at(-1)?.header ?? world.genesis;
    if (!isBlockValid(block, parent, world.proposers(height)))
      throw new Violation('validity', `final block ${height} is invalid`);
    if (block.header.timeMs > needs.latestTime())
      throw new Violation('time', `final block ${height} is ahead of every honest clock`);
    chain.push(block);
  };

  return {
    chain,
    appended(node, entry) {
      checkCertificate(entry);
      const { height, hash } = entry.block.header;
      const at = Number(height) - 1;
      if (at > chain.length) throw new Violation('contiguity', `node ${node} skipped to ${height}`);
      if (at === chain.length) return extend(entry);
      const first = (chain[at] as ToyBlock).header.hash;
      if (!equalBytes(first, hash))
        throw new Violation('agreement', `height ${height}: ${hashName(first)}, ${hashName(hash)}`);
    },
    confirmed(node, c) {
      const { members, quorum } = world.committee(c.height, c.round);
      const signers = signersOf(c, world.set.length) ?? [];
      const good = c.step === PREVOTE && signers.length >= quorum && ring.isCertificate(c);
      if (!good || !signers.every((i) => members.has(i)))
        throw new Violation('committee certificate', `node ${node}: ${c.height}/${c.round}`);
    },
  };
}
