// Event proofs (light-clients 4.2): what is built is accepted and says what happened; any altered
// bit, another line's path or a shorter history is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Receipt } from '../src/block.js';
import { equalBytes, u32be, utf8ToBytes } from '../src/bytes.js';
import { decode, encode } from '../src/codec/codec.js';
import { buildEventProof, eventProofField, verifyEventProof } from '../src/eventProof.js';
import type { Hash } from '../src/hash.js';
import { encodeHeader, type Header, headerHash } from '../src/header.js';
import { listRoot } from '../src/merkle.js';
import { receiptRootOf } from '../src/receipt.js';
import { hashOf, headerWith } from './samples.js';

interface Chain {
  readonly headers: readonly Header[];
  readonly history: readonly Hash[];
  readonly receipts: readonly (readonly Receipt[])[];
}

/** `length` headers; block i has i % 4 + 1 receipts, receipt r has r + 1 lines. */
function chainOf(length: number): Chain {
  const [headers, history, receipts]: [Header[], Hash[], Receipt[][]] = [[], [], []];
  for (let i = 0; i < length; i++) {
    const own = Array.from({ length: (i % 4) + 1 }, (_, r) => ({
      id: hashOf(`tx ${i} ${r}`),
      code: r === 1 ? 'DUST' : 'ok',
      lines: Array.from({ length: r + 1 }, (__, n) => utf8ToBytes(`line ${i} ${r} ${n}`)),
    }));
    const header = headerWith({
      height: BigInt(i + 1),
      receiptRoot: receiptRootOf(own),
      historyRoot: listRoot(history),
    });
    receipts.push(own);
    headers.push(header);
    history.push(headerHash(encodeHeader(header)));
  }
  return { headers, history, receipts };
}

const { headers, history, receipts } = chainOf(24);

interface Where {
  readonly block: number;
  readonly receipt: number;
  readonly line: number;
  readonly trusted: number;
}

const build = ({ block, receipt, line, trusted }: Where): Uint8Array | undefined =>
  buildEventProof({
    receipts: receipts[block] as readonly Receipt[],
    receiptIndex: receipt,
    lineIndex: line,
    header: encodeHeader(headers[block] as Header),
    history: history.slice(0, trusted),
  });

test('light-clients 4.2: every line below a trusted header is proven, with its place', () => {
  for (const trusted of [1, 2, 7, 23])
    for (let block = 0; block < trusted; block++)
      for (const [receipt, { id, code, lines }] of receipts[block]!.entries())
        for (const [line, bytes] of lines.entries()) {
          const proof = build({ block, receipt, line, trusted });
          const event = verifyEventProof(headers[trusted]!, proof!);
          assert.ok(event.code === 'ok');
          assert.deepEqual(event.line, bytes);
          assert.deepEqual([event.txId, event.txCode, event.lineIndex], [id, code, line]);
          assert.equal(event.header.height, BigInt(block + 1));
        }
});

test('light-clients 4.2: there is no proof of what is not there, nor of what is not older', () => {
  assert.equal(build({ block: 3, receipt: 0, line: 1, trusted: 23 }), undefined);
  assert.equal(build({ block: 3, receipt: 4, line: 0, trusted: 23 }), undefined);
  assert.equal(build({ block: 7, receipt: 0, line: 0, trusted: 7 }), undefined);
});

test('light-clients 4.2: a proof holds under its trusted header only', () => {
  const proof = build({ block: 3, receipt: 2, line: 1, trusted: 20 })!;
  headers.forEach((header, i) => {
    assert.equal(verifyEventProof(header, proof).code, i === 20 ? 'ok' : 'BAD_PROOF', `${i}`);
  });
  const otherChain = { ...headers[20]!, chainId: hashOf('other') };
  assert.equal(verifyEventProof(otherChain, proof).code, 'BAD_PROOF');
});

test('light-clients 4.2: an altered bit is refused, but of a count no root binds', () => {
  const where = { block: 6, receipt: 2, line: 1, trusted: 23 };
  const proof = build(where)!;
  const honest = verifyEventProof(headers[23]!, proof);
  fc.assert(
    fc.property(fc.nat({ max: proof.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const altered = proof.slice();
      altered[at]! ^= 1 << bit;
      const event = verifyEventProof(headers[23]!, altered);
      if (event.code !== 'ok') return;
      // RFC 6962 roots do not bind their size: receiptCount may differ, nothing else may.
      const read = decode(eventProofField, altered, { maxBytes: altered.length });
      const { receiptCount } = decode(eventProofField, proof, { maxBytes: proof.length });
      assert.deepEqual(encode(eventProofField, { ...read, receiptCount }), proof);
      assert.deepEqual(event, honest);
    }),
    { numRuns: 1500 },
  );
});

test('light-clients 4.2: the history is as long as the trusted header says', () => {
  const proof = build({ block: 6, receipt: 2, line: 1, trusted: 23 })!;
  const read = decode(eventProofField, proof, { maxBytes: proof.length });
  for (const historyCount of [0n, 20n, 21n, 22n, 24n, 25n, 1n << 63n]) {
    const other = encode(eventProofField, { ...read, historyCount });
    assert.equal(verifyEventProof(headers[23]!, other).code, 'BAD_PROOF', `${historyCount}`);
  }
});

test('light-clients 4.2: a line cannot be passed off as another', () => {
  const proof = build({ block: 6, receipt: 2, line: 1, trusted: 23 })!;
  const swapped = proof.slice();
  const at = swapped.findIndex((_, i) => equalBytes(proof.subarray(i, i + 4), utf8ToBytes('line')));
  swapped.set(u32be(0x6c69_6e66), at);
  assert.equal(verifyEventProof(headers[23]!, swapped).code, 'BAD_PROOF');
  assert.equal(verifyEventProof(headers[23]!, proof.subarray(1)).code, 'BAD_PROOF');
  assert.equal(verifyEventProof(headers[23]!, new Uint8Array(9000)).code, 'BAD_PROOF');
});
