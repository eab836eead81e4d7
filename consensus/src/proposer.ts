// Who proposes: L(h) of consensus 3.1, the centres in their order, then the validators in the order
// of the draw for (h, 0). Which round is whose follows by counting.
import { assert, present } from '../../core/src/assert.js';
import { toHex } from '../../core/src/bytes.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Validator } from '../../core/src/validators.js';
import { drawOrder } from './committee.js';
import type { DrawData } from './input.js';

export interface ProposerData {
  readonly height: bigint;
  /** Keys of the centres in the order of the state after h-1; suspended ones keep their place. */
  readonly centres: readonly PublicKey[];
  /** Parameter fallbackProposers. */
  readonly fallbackProposers: boolean;
  readonly set: readonly Validator[];
  readonly draw: DrawData;
}

/** Places of the unsuspended validators in the order of the draw for (h, 0), to the last. */
export const fallbackOrder = (draw: DrawData, height: bigint): readonly number[] =>
  drawOrder(draw, { height, round: 0 }).filter(
    (place) => !present(draw.records[place], 'a place of the set').suspended,
  );

/** L(h); a key stands once, at its first place. */
export function proposerList(data: ProposerData): readonly PublicKey[] {
  assert(data.set.length === data.draw.records.length, 'one record per validator');
  const validators = data.fallbackProposers
    ? fallbackOrder(data.draw, data.height).map((i) => present(data.set[i], 'place').publicKey)
    : [];
  const seen = new Set<string>();
  return [...data.centres, ...validators].filter((key) => {
    const name = toHex(key);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** proposer(h, r) = L[r mod length]. */
export function proposerOf(list: readonly PublicKey[], round: number): PublicKey {
  assert(list.length > 0 && round >= 0, 'a height has at least one proposer');
  return present(list[round % list.length], 'a place of the list');
}
