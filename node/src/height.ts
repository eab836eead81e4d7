// What consensus is told about a height, from the decided state: the set, the proposers, the draw.
import { present } from '../../core/src/assert.js';
import { equalBytes } from '../../core/src/bytes.js';
import type { PublicKey } from '../../core/src/ids.js';
import type { Validator } from '../../core/src/validators.js';
import type { DrawData, Timing } from '../../consensus/src/input.js';
import { proposerList } from '../../consensus/src/proposer.js';
import { networkOf, validatorsOf, type ValidatorView } from '../../state/src/draw.js';
import type { StateAt } from '../../state/src/transition.js';
import { World } from '../../state/src/world.js';

export interface HeightContext {
  readonly height: bigint;
  readonly set: readonly Validator[];
  readonly validators: readonly ValidatorView[];
  readonly proposers: readonly PublicKey[];
  readonly draw: DrawData;
}

/** Context of the height after the tip. */
export function nextHeight(at: StateAt): HeightContext {
  const { chain, parent } = at;
  const world = new World(at.base);
  const height = parent.height + 1n;
  const validators = validatorsOf(world, chain, parent.timeMs);
  const set = validators.map(({ id, publicKey }) => ({ id, publicKey }));
  const { committeeRatioPpm, validatorMinCredit, fallbackProposers } = chain.consensus;
  const draw: DrawData = {
    beacon: parent.beacon,
    records: validators,
    committeeRatioPpm,
    validatorMinCredit,
  };
  const centres = networkOf(world).centres.map((c) => c.publicKey);
  const proposers = proposerList({ height, centres, fallbackProposers, set, draw });
  return { height, set, validators, proposers, draw };
}

export function timingOf(at: StateAt, rate: number): Timing {
  const c = at.chain.consensus;
  return {
    minBlockMs: c.minBlockMs,
    maxIdleMs: c.maxIdleMs,
    proposeTimeoutMs: c.proposeTimeoutMs,
    voteTimeoutMs: c.voteTimeoutMs,
    timeoutGrowthMs: c.timeoutGrowthMs,
    timeoutCapMs: c.timeoutCapMs,
    driftMs: c.driftMs,
    rate,
  };
}

/** Place of a key in the set; undefined for those who do not vote. */
export function placeOf(set: readonly Validator[], key: PublicKey): number | undefined {
  const place = set.findIndex((v) => equalBytes(v.publicKey, key));
  return place < 0 ? undefined : place;
}

export const keyAt = (set: readonly Validator[], place: number): PublicKey =>
  present(set[place], 'a place of the set').publicKey;
