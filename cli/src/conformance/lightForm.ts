// The form of golden/light.json.
import { z } from 'zod';
import { accountId, count, hash, hex, publicKey, set, whole } from './form.js';

const trusted = z.object({ height: whole, hash, time: whole, nextSet: set });
const leaf = { kind: count, key: hex };
const signed = z.object({ header: hex, certificate: hex });

const lists = z.object({
  items: z.array(hex),
  roots: z.record(z.string().regex(/^[0-9]{1,6}$/), hash),
  inclusion: z.array(z.object({ count, index: count, path: z.array(hash) })),
  consistency: z.array(z.object({ from: count, to: count, path: z.array(hash) })),
});

const tree = z.object({
  root: hash,
  emptyRoot: hash,
  oneLeafRoot: hash,
  oneLeaf: z.object({ ...leaf, value: hex }),
  entries: z.array(z.object({ ...leaf, value: hex })),
  presence: z.array(z.object({ ...leaf, value: hex, proof: hex })),
  absence: z.array(z.object({ ...leaf, end: z.enum(['empty', 'leaf']), proof: hex })),
  refused: z.array(z.object({ ...leaf, why: z.string(), value: hex.optional(), proof: hex })),
});

const vote = z.object({
  step: z.literal([1, 2]),
  height: whole,
  round: count,
  blockHash: hex,
  bytes: hex,
  publicKey,
  signature: hex,
});

const given = { trusted, set, beaconListRoot: hash, now: whole };
const chain = z.object({
  chainId: hash,
  knownVersions: z.array(count),
  trustingPeriodMs: whole,
  headerHashOfFirstCase: hash,
  cases: z.array(z.object({ name: z.string(), expect: z.string(), ...given, ...signed.shape })),
  conflict: z.object({ ...given, first: signed, second: signed, expect: z.string() }),
});

export const lightForm = z.object({
  encoding: z.array(z.object({ type: z.string(), value: z.string(), hex })),
  lists,
  tree,
  votes: z.array(vote),
  sets: z.array(
    z.object({
      set,
      beaconKeys: z.array(hex),
      listRoot: hash,
      beaconListRoot: hash,
      setRoot: hash,
    }),
  ),
  ids: z.array(z.object({ publicKey, id: accountId })),
  chain,
  event: z.object({
    trustedHeader: hex,
    proof: hex,
    line: hex,
    height: whole,
    refused: z.array(z.object({ why: z.string(), proof: hex })),
  }),
});
export type LightVectors = z.output<typeof lightForm>;
