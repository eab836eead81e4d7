// golden/light.json through the code that ships: encoding, lists, votes, sets, ids. The state tree:
// lightTree.ts; headers and events: lightChain.ts.
import { toHex } from '../../../core/src/bytes.js';
import {
  bin,
  encode,
  type Field,
  i32,
  i64,
  MISFIT,
  str,
  tryDecode,
  u32,
  u64,
} from '../../../core/src/codec/codec.js';
import { verifyStrict } from '../../../core/src/ed25519.js';
import type { Hash } from '../../../core/src/hash.js';
import { accountIdOf } from '../../../core/src/ids.js';
import {
  consistencyPath,
  inclusionPath,
  listRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../core/src/merkle.js';
import { beaconListRoot, setListRoot, setRootOf } from '../../../core/src/validators.js';
import { voteBytes, type VoteSubject } from '../../../core/src/vote.js';
import { hex, readForm } from './form.js';
import { checkChain, checkConflict, checkEvent } from './lightChain.js';
import { lightForm, type LightVectors } from './lightForm.js';
import { checkTree } from './lightTree.js';
import { createTally, type Outcome, type Tally, verdict } from './tally.js';

const FORM = 'light';

export function runLight(document: unknown): Outcome {
  const vectors = readForm(lightForm, document, FORM);
  const tally = createTally();
  checkEncoding(tally, vectors);
  checkLists(tally, vectors);
  checkTree(tally, vectors.tree);
  checkVotes(tally, vectors);
  checkSets(tally, vectors);
  checkIds(tally, vectors);
  checkChain(tally, vectors.chain);
  checkConflict(tally, vectors.chain);
  checkEvent(tally, vectors.event);
  return tally.outcome();
}

const LONGEST = 1 << 20;
const asIs = (text: string): unknown => text;
const asHex = (text: string): unknown => hex.safeParse(text).data;

/** How the text of a vector reads, and the field it is of. */
const TYPES: Readonly<Record<string, { read: (text: string) => unknown; field: Field<never> }>> = {
  u32: { read: Number, field: u32 as Field<never> },
  i32: { read: Number, field: i32 as Field<never> },
  u64: { read: BigInt, field: u64 as Field<never> },
  i64: { read: BigInt, field: i64 as Field<never> },
  bin: { read: asHex, field: bin({ maxLength: LONGEST }) as Field<never> },
  str: { read: asIs, field: str(LONGEST) as Field<never> },
};

function checkEncoding(tally: Tally, { encoding }: LightVectors): void {
  for (const { type, value, hex: wanted } of encoding) {
    const known = TYPES[type];
    const name = `encoding ${type} ${value.slice(0, 24)}`;
    if (known === undefined) {
      tally.check(name, toHex(wanted), 'unknown type');
      continue;
    }
    const fits = known.field.fromWire(known.read(value));
    const bytes = fits === MISFIT ? undefined : encode(known.field, fits);
    tally.check(name, toHex(wanted), bytes === undefined ? 'misfit' : toHex(bytes));
    const decoded = tryDecode(known.field as Field<unknown>, wanted, { maxBytes: LONGEST + 8 });
    const read = decoded instanceof Uint8Array ? toHex(decoded) : String(decoded);
    tally.check(`${name} decoded`, value, read);
  }
}

const printPath = (path: readonly Hash[]): string => path.map(toHex).join(' ');

function checkLists(tally: Tally, { lists }: LightVectors): void {
  const { items } = lists;
  const rootOf = (size: number): Hash => listRoot(items.slice(0, size));
  for (const [size, root] of Object.entries(lists.roots))
    tally.check(`lists root of ${size}`, toHex(root), toHex(rootOf(Number(size))));
  for (const { count, index, path } of lists.inclusion) {
    const name = `lists inclusion ${index} of ${count}`;
    const item = items[index];
    const isIn = item !== undefined && verifyInclusion(rootOf(count), item, { index, count }, path);
    tally.check(name, 'accepted', verdict(isIn));
    const made = index < count ? inclusionPath(items.slice(0, count), index) : [];
    tally.check(`${name} path`, printPath(path), printPath(made));
  }
  for (const { from, to, path } of lists.consistency) {
    const name = `lists consistency ${from} to ${to}`;
    const grows = verifyConsistency(rootOf(from), rootOf(to), { from, to }, path);
    tally.check(name, 'accepted', verdict(grows));
    const made = from > 0 && from <= to ? consistencyPath(items.slice(0, to), from) : [];
    tally.check(`${name} path`, printPath(path), printPath(made));
  }
}

function checkVotes(tally: Tally, { votes, chain }: LightVectors): void {
  for (const { step, height, round, blockHash, bytes, publicKey, signature } of votes) {
    const subject: VoteSubject = { step, height, round, blockHash };
    const name = `votes step ${step} for ${blockHash.length === 0 ? 'nil' : 'a block'}`;
    tally.check(`${name} bytes`, toHex(bytes), toHex(voteBytes(chain.chainId, subject)));
    tally.check(name, 'accepted', verdict(verifyStrict(publicKey, bytes, signature)));
  }
}

function checkSets(tally: Tally, { sets }: LightVectors): void {
  for (const { set, beaconKeys, ...wanted } of sets) {
    const name = `sets of ${set.length}`;
    const keys = set.map(({ id }, i) => ({ id, beaconKey: beaconKeys[i] ?? new Uint8Array(0) }));
    const [list, beaconList] = [setListRoot(set), beaconListRoot(keys)];
    tally.check(`${name} listRoot`, toHex(wanted.listRoot), toHex(list));
    tally.check(`${name} beaconListRoot`, toHex(wanted.beaconListRoot), toHex(beaconList));
    tally.check(`${name} setRoot`, toHex(wanted.setRoot), toHex(setRootOf(list, beaconList)));
  }
}

function checkIds(tally: Tally, { ids, chain }: LightVectors): void {
  for (const { publicKey, id } of ids)
    tally.check(`ids ${toHex(publicKey)}`, toHex(id), toHex(accountIdOf(chain.chainId, publicKey)));
}
