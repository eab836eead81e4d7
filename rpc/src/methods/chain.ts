// chain_*: headers, blocks, parameters, supply, validators, committees; proof_get.
import { z } from 'zod';
import { ProtocolError } from '../../../core/src/errors.js';
import { method } from '../method.js';
import { bytes, count, flag, hash, integer } from '../params.js';
import type { BlockRef } from '../results/chain.js';

const none = z.strictObject({});
const ref = {
  height: integer('height of a final block').optional(),
  hash: hash('hash of its header').optional(),
};
const HEADER_FIELDS = 'the header fields by their names in light-clients.md 1';

function refOf(params: { height?: bigint | undefined; hash?: Uint8Array | undefined }): BlockRef {
  const { height, hash: of } = params;
  if (height !== undefined && of === undefined) return { height };
  if (of !== undefined && height === undefined) return { hash: of };
  throw new ProtocolError('NOT_FOUND', 'name either a height or a hash');
}

export const chainMethods = {
  chain_header: method({
    scope: 'read',
    summary: 'A header, by height or hash.',
    result: `${HEADER_FIELDS}, hash; with raw: headerBytes, certificateBytes; at`,
    params: z.strictObject({ ...ref, raw: flag('also the bytes').optional() }),
    run: ({ port }, params) => port.header(refOf(params), params.raw ?? false),
  }),
  chain_block: method({
    scope: 'read',
    summary: 'A block, by height or hash, with a page of its transactions.',
    result:
      `hash, header (${HEADER_FIELDS}), transactionCount, transactions [{id, kind, sender, ` +
      'body}], receipts [{id, code, lines}], commitCertificate, committeeCertificate, cursor (of ' +
      'the next page); with raw: headerBytes, certificateBytes, blockBytes; at',
    params: z.strictObject({
      ...ref,
      raw: flag('also the bytes').optional(),
      cursor: count('first transaction of the page').optional(),
    }),
    run: ({ port }, params) =>
      port.block({ ref: refOf(params), raw: params.raw ?? false, from: params.cursor ?? 0 }),
  }),
  chain_parameters: method({
    scope: 'read',
    summary: 'The parameters in force.',
    result: 'version, chainId, name, demo, money, clock, consensus, markets, paramsRoot, at',
    params: none,
    run: ({ port }) => port.parameters(),
  }),
  chain_supply: method({
    scope: 'read',
    summary: 'Points: what was issued, what is there.',
    result:
      'issued, redeemed, accounts (sum of available and locked), arrears (sum), pools {reward, ' +
      'grants, reserve, fees}, grants {registration, cleanKwh, verification, block: each paid, ' +
      'unpaid}, at',
    params: none,
    run: ({ port }) => port.supply(),
  }),
  chain_validators: method({
    scope: 'read',
    summary: 'The validator set of a height, in set order; by default of the next.',
    result:
      'height, validators [{id, publicKey, beaconKey, name, organisation, status, eligible, ' +
      'credit, correct, wrong}], at',
    params: z.strictObject({ height: integer('height of the set').optional() }),
    run: ({ port }, params) => port.validators(params.height),
  }),
  chain_committee: method({
    scope: 'read',
    summary: 'The committee of a height and round.',
    result: 'height, round, seed, size, eligible [{id, weight}], members [ids], at',
    params: z.strictObject({
      height: integer('height of the block'),
      round: count('round; 0 unless given').optional(),
    }),
    run: ({ port }, params) => port.committee(params.height, params.round ?? 0),
  }),
  proof_get: method({
    scope: 'read',
    summary: 'Presence or absence of a leaf of the state tree, one of the newest heights.',
    result:
      'kind, key, value (canonical bytes; null: absent), proof, headerBytes, certificateBytes, at',
    params: z.strictObject({
      kind: count('number of the table of the state'),
      key: bytes('key bytes of the leaf'),
      height: integer('height; the newest unless given').optional(),
    }),
    run: ({ port }, { kind, key, height }) => port.proof({ kind, key, height }),
  }),
};
