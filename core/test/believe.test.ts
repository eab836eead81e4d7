// Believing a header (light-clients 3): the vectors case by case, then chains made here, in which
// every altered byte is refused and the overlap is counted exactly.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  believeHeader,
  conflictOf,
  DISBELIEF,
  type GivenHeader,
  trustedFrom,
  type TrustedHeader,
} from '../src/believe.js';
import { fromHex, toHex } from '../src/bytes.js';
import { publicKeyOf, sign } from '../src/ed25519.js';
import type { Hash } from '../src/hash.js';
import { encodeHeader, headerHash } from '../src/header.js';
import type { AccountId, PublicKey } from '../src/ids.js';
import { setListRoot, setRootOf, type Validator } from '../src/validators.js';
import { encodeCertificate, packCertificate, PRECOMMIT, voteBytes } from '../src/vote.js';
import { hashOf, headerWith } from './samples.js';

interface GoldenSet {
  set: [string, string][];
  beaconListRoot: string;
  header: string;
  certificate: string;
}
interface GoldenCase extends GoldenSet {
  name: string;
  expect: string;
  now: string;
  trusted: { height: string; hash: string; time: string; nextSet: [string, string][] };
}
interface Golden {
  chain: {
    chainId: string;
    trustingPeriodMs: string;
    knownVersions: number[];
    cases: GoldenCase[];
  };
}

const url = new URL('../../../test/vectors/light/light.json', import.meta.url);
const { chain } = JSON.parse(readFileSync(url, 'utf8')) as Golden;
const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;
const setFrom = (set: readonly [string, string][]): readonly Validator[] =>
  set.map(([id, key]) => ({ id: hex(id) as AccountId, publicKey: hex(key) as PublicKey }));

for (const given of chain.cases)
  test(`light-clients 3.4: ${given.name} gives ${given.expect}`, () => {
    const { trusted } = given;
    const belief = believeHeader(
      {
        header: hex(given.header),
        certificate: hex(given.certificate),
        set: setFrom(given.set),
        beaconListRoot: hex(given.beaconListRoot),
      },
      {
        height: BigInt(trusted.height),
        hash: hex(trusted.hash) as Hash,
        time: BigInt(trusted.time),
        nextSet: setFrom(trusted.nextSet),
      },
      BigInt(given.now),
      {
        chainId: hex(chain.chainId) as Hash,
        trustingPeriodMs: BigInt(chain.trustingPeriodMs),
        knownVersions: chain.knownVersions,
      },
    );
    assert.equal(belief.code, given.expect);
  });

const chainId = hashOf('chain');
const BEACONS = hashOf('beacon keys');
const seeds = Array.from({ length: 10 }, (_, i) => new Uint8Array(32).fill(i + 1));
const keys = seeds.map((seed) => publicKeyOf(seed));
const validator = (i: number): Validator => ({
  id: new Uint8Array(20).fill(i + 1) as AccountId,
  publicKey: keys[i] as PublicKey,
});
const setOf = (...places: readonly number[]): readonly Validator[] => places.map(validator);
const rootOf = (set: readonly Validator[]): Hash => setRootOf(setListRoot(set), BEACONS);

interface Made {
  readonly height: bigint;
  readonly set: readonly Validator[];
  readonly seeds: readonly Uint8Array[];
  readonly signers: readonly number[];
  readonly nextSet?: readonly Validator[];
  readonly salt?: number;
}

/** A header of a height with a certificate of those signers (places in the set). */
function made(parts: Made): GivenHeader {
  const { height, set, signers, nextSet = set, salt = 0 } = parts;
  const head = headerWith({
    chainId,
    height,
    time: (1000n * height) as never,
    setRoot: rootOf(set),
    nextSetRoot: rootOf(nextSet),
    parentHash: hashOf(`parent ${salt}`),
  });
  const header = encodeHeader(head);
  const subject = { step: PRECOMMIT, height, round: 3, blockHash: headerHash(header) } as const;
  const message = voteBytes(chainId, subject);
  const votes = signers.map((index) => ({
    index,
    signature: sign(parts.seeds[index] as Uint8Array, message),
  }));
  const certificate = encodeCertificate(packCertificate(subject, set.length, votes));
  return { header, certificate, set, beaconListRoot: BEACONS };
}

const trustedAt = (height: bigint, nextSet: readonly Validator[]): TrustedHeader => ({
  height,
  hash: hashOf('trusted'),
  time: 1000n * height,
  nextSet,
});
const OPTIONS = { chainId, trustingPeriodMs: 1_000_000n };
const believe = (given: GivenHeader, trusted: TrustedHeader) =>
  believeHeader(given, trusted, 1000n * trusted.height + 5000n, OPTIONS);
const codeOf = (given: GivenHeader, trusted: TrustedHeader): string => believe(given, trusted).code;

const FOUR = setOf(0, 1, 2, 3);
const good = made({ height: 8n, set: FOUR, seeds, signers: [0, 1, 3] });

test('light-clients 3.4: any altered bit of what a server gives is refused', () => {
  const trusted = trustedAt(7n, FOUR);
  const { set } = good;
  assert.equal(codeOf(good, trusted), 'ok');
  const [header, certificate, beaconListRoot] = [
    good.header.length,
    good.certificate.length,
    good.beaconListRoot.length,
  ];
  fc.assert(
    fc.property(
      fc.nat({ max: header + certificate + beaconListRoot - 1 }),
      fc.nat({ max: 7 }),
      (at, bit) => {
        const all = [good.header, good.certificate, good.beaconListRoot].map((b) => b.slice());
        const part = at < header ? 0 : at < header + certificate ? 1 : 2;
        const place = at - [0, header, header + certificate][part]!;
        all[part]![place]! ^= 1 << bit;
        const altered = { header: all[0]!, certificate: all[1]!, beaconListRoot: all[2]!, set };
        const code = codeOf(altered, trusted);
        assert.ok((DISBELIEF as readonly string[]).includes(code), code);
        assert.ok(part !== 0 || code !== 'NO_QUORUM');
      },
    ),
    { numRuns: 400 },
  );
});

test('light-clients 3.4: a set of another size, order, id or key is refused, unencoded', () => {
  const trusted = trustedAt(7n, FOUR);
  const [first] = FOUR as [Validator];
  const short = { ...first, id: first.id.subarray(1) as AccountId };
  const sets: (readonly Validator[])[] = [
    [],
    FOUR.slice(1),
    [...FOUR].reverse(),
    [...FOUR, validator(4)],
    [first, ...FOUR],
    [short, ...FOUR.slice(1)],
    [{ ...first, publicKey: keys[9] as PublicKey }, ...FOUR.slice(1)],
    Array.from({ length: 1001 }, () => first),
  ];
  for (const set of sets) assert.equal(codeOf({ ...good, set }, trusted), 'SET_MISMATCH');
  const none = { ...good, beaconListRoot: new Uint8Array(0) };
  assert.equal(codeOf(none, trusted), 'SET_MISMATCH');
});

test('light-clients 1.3: a set root over ids that do not ascend is none', () => {
  const [first] = FOUR as [Validator];
  for (const set of [[...FOUR].reverse(), [first, ...FOUR]]) {
    const signed = made({ height: 8n, set, seeds: [...seeds].slice(0, 5), signers: [] });
    assert.equal(codeOf(signed, trustedAt(7n, set)), 'SET_MISMATCH');
  }
});

test('light-clients 3.2: a skip wants more than a third of the trusted set to sign', () => {
  // Ten trusted; the set of the header shares `shared` of them, all of its four or more sign.
  const trusted = trustedAt(7n, setOf(0, 1, 2, 3, 4, 5, 6, 7, 8));
  for (const [shared, code] of [
    [3, 'TOO_LITTLE_OVERLAP'],
    [4, 'ok'],
  ] as const) {
    const fresh = [0, 1].map((i) => new Uint8Array(32).fill(100 + i));
    const others = fresh.map((seed, i) => ({
      id: new Uint8Array(20).fill(200 + i) as AccountId,
      publicKey: publicKeyOf(seed),
    }));
    const set = [...setOf(0, 1, 2, 3).slice(0, shared), ...others];
    const of = { set, seeds: [...seeds.slice(0, shared), ...fresh] };
    const signers = set.map((_, place) => place);
    assert.equal(codeOf(made({ ...of, height: 20n, signers }), trusted), code, `${shared} of 9`);
    // The same for the next height when the set was not announced.
    assert.equal(codeOf(made({ ...of, height: 8n, signers }), trusted), code);
  }
});

test('light-clients 3.2: one key under many ids counts once', () => {
  const trusted = trustedAt(7n, setOf(0, 1, 2, 3, 4, 5));
  const set = Array.from({ length: 7 }, (_, i) => ({
    id: new Uint8Array(20).fill(i + 50) as AccountId,
    publicKey: keys[0] as PublicKey,
  }));
  const same = Array.from({ length: 7 }, () => seeds[0] as Uint8Array);
  const given = made({ height: 20n, set, seeds: same, signers: [0, 1, 2, 3, 4, 5, 6] });
  assert.equal(codeOf(given, trusted), 'TOO_LITTLE_OVERLAP');
});

test('light-clients 3.2: a chain is followed hop by hop, set by set', () => {
  const sets = [FOUR, setOf(1, 2, 3, 4), setOf(2, 3, 4, 5), setOf(3, 4, 5, 6), setOf(4, 5, 6, 7)];
  let trusted = trustedAt(7n, sets[0]!);
  for (let i = 0; i < 4; i++) {
    const own = { set: sets[i]!, seeds: seeds.slice(i), nextSet: sets[i + 1]! };
    const given = made({ ...own, height: trusted.height + 1n, signers: [0, 1, 2] });
    const belief = believe(given, trusted);
    assert.equal(belief.code, 'ok');
    if (belief.code !== 'ok') return;
    assert.deepEqual(belief.signers, sets[i]!.slice(0, 3));
    const wrong = trustedFrom(belief, { set: sets[i]!, beaconListRoot: BEACONS });
    assert.deepEqual(wrong, { code: 'SET_MISMATCH' });
    const next = trustedFrom(belief, { set: sets[i + 1]!, beaconListRoot: BEACONS });
    assert.ok(!('code' in next));
    trusted = next;
  }
  assert.equal(trusted.height, 11n);
});

test('light-clients 3.3: two believed headers of one height are a conflict', () => {
  const trusted = trustedAt(7n, FOUR);
  const other = made({ height: 8n, set: FOUR, seeds, signers: [0, 2, 3], salt: 1 });
  const [a, b] = [believe(good, trusted), believe(other, trusted)];
  assert.ok(a.code === 'ok' && b.code === 'ok');
  assert.notEqual(toHex(a.hash), toHex(b.hash));
  assert.equal(conflictOf(a, b), 'CONFLICT');
  assert.equal(conflictOf(a, a), undefined);
});
