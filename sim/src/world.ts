// What all nodes of a run have in common: the set, the centres, the timing, the order of proposers
// and the committees by height, computed once. The checkers read the same from here.
import { present } from '../../core/src/assert.js';
import { u32be } from '../../core/src/bytes.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import type { PublicKey } from '../../core/src/ids.js';
import { quorumOf, type Validator } from '../../core/src/validators.js';
import {
  committeeOf,
  committeeQuorum,
  firstBeacon,
  nextBeacon,
} from '../../consensus/src/committee.js';
import type { DrawData, Timing } from '../../consensus/src/input.js';
import { proposerList } from '../../consensus/src/proposer.js';
import { keyOfNode, makeSet } from './keys.js';

export interface Layout {
  readonly validators: number;
  /** Centres that do not vote; 0: validator 0 is the centre. */
  readonly centres: number;
  readonly committeeFloor: number;
}

export interface ReferenceCommittee {
  readonly members: ReadonlySet<number>;
  readonly quorum: number;
}

export interface World {
  readonly layout: Layout;
  readonly nodes: number;
  readonly chainId: Hash;
  readonly genesis: { readonly hash: Hash; readonly timeMs: bigint };
  readonly set: readonly Validator[];
  readonly quorum: number;
  readonly timing: Timing;
  keyOf(node: number): PublicKey;
  draw(height: bigint): DrawData;
  proposers(height: bigint): readonly PublicKey[];
  committee(height: bigint, round: number): ReferenceCommittee;
}

function createDraws(chainId: Hash, set: readonly Validator[], floor: number) {
  const records = set.map(({ id }) => ({
    id,
    credit: 100,
    correct: 0,
    wrong: 0,
    suspended: false,
  }));
  const beacons = [firstBeacon(chainId)];
  const rest = { records, committeeRatioPpm: 200_000, validatorMinCredit: 90 };
  return (height: bigint): DrawData => {
    // v(h) is empty here: b(h) follows from the chain id alone.
    while (beacons.length < height)
      beacons.push(nextBeacon(present(beacons.at(-1), 'b(0)'), new Uint8Array(0)));
    const beacon = present(beacons[Number(height) - 1], 'b(h-1)');
    return { ...rest, beacon, committeeFloor: floor };
  };
}

/** Looks a value up, making it at first use. */
function lazily<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

export function createWorld(seed: number, layout: Layout, timing: Timing): World {
  const chainId = sha256(u32be(seed));
  const set = makeSet(layout.validators);
  const draw = createDraws(chainId, set, layout.committeeFloor);
  const nodes = layout.validators + layout.centres;
  const centres = layout.centres === 0 ? [0] : Array.from({ length: layout.centres }, (_, i) => i);
  const offset = layout.centres === 0 ? 0 : layout.validators;
  const centreKeys = centres.map((i) => keyOfNode(offset + i));
  const proposers = lazily((height) =>
    proposerList({
      height: BigInt(height),
      centres: centreKeys,
      fallbackProposers: true,
      set,
      draw: draw(BigInt(height)),
    }),
  );
  const committee = lazily((key) => {
    const [height = '', round = ''] = key.split('/');
    const order = committeeOf(draw(BigInt(height)), BigInt(height), Number(round));
    return { members: new Set(order), quorum: committeeQuorum(order.length) };
  });
  return {
    layout,
    nodes,
    chainId,
    genesis: { hash: sha256(chainId), timeMs: 0n },
    set,
    quorum: quorumOf(set.length),
    timing,
    keyOf: keyOfNode,
    draw,
    proposers: (height) => proposers(String(height)),
    committee: (height, round) => committee(`${height}/${round}`),
  };
}
