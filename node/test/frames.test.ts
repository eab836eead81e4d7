// Frames and the bounded outbox of a link.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { encodeFrame, type Frame, FrameDecoder } from '../src/net/frames.js';
import { Outbox } from '../src/net/outbox.js';

const frame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  payload: fc.uint8Array({ size: 'max', maxLength: 200 }),
});
const same = (a: readonly Frame[], b: readonly Frame[]) =>
  assert.deepEqual(
    a.map((f) => [f.type, toHex(f.payload)]),
    b.map((f) => [f.type, toHex(f.payload)]),
  );

test('any cut of a stream of frames gives the same frames', () => {
  const cuts = fc.array(fc.nat(40), { size: 'max', maxLength: 300 });
  fc.assert(
    fc.property(fc.array(frame, { size: 'max', maxLength: 30 }), cuts, (frames, lengths) => {
      const bytes = concatBytes(...frames.map(encodeFrame));
      const out: Frame[] = [];
      const decoder = new FrameDecoder(1000, (f) => out.push(f));
      let at = 0;
      for (const length of lengths) {
        decoder.push(bytes.subarray(at, at + length));
        at += length;
      }
      decoder.push(bytes.subarray(at));
      same(out, frames);
    }),
  );
});

test('limits: at the limit, one above, a length of zero, a hostile length', () => {
  const decode = (bytes: Uint8Array) => {
    const out: Frame[] = [];
    new FrameDecoder(100, (f) => out.push(f)).push(bytes);
    return out;
  };
  const code = (wanted: string) => (error: unknown) =>
    error instanceof ProtocolError && error.code === wanted;
  assert.equal(decode(encodeFrame({ type: 1, payload: new Uint8Array(99) })).length, 1);
  assert.throws(
    () => decode(encodeFrame({ type: 1, payload: new Uint8Array(100) })),
    code('WIRE_LIMIT'),
  );
  assert.throws(() => decode(Uint8Array.of(0, 0, 0, 0, 7)), code('WIRE_FORMAT'));
  assert.throws(() => decode(Uint8Array.of(255, 255, 255, 255, 7)), code('WIRE_LIMIT'));
});

test('random bytes never do anything but frames or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ size: 'max', maxLength: 2000 }), (bytes) => {
      const decoder = new FrameDecoder(5000, (f) => assert.ok(f.payload.length < 5000));
      try {
        decoder.push(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
    }),
  );
});

const drain = (outbox: Outbox): Frame[] => {
  const out: Frame[] = [];
  const decoder = new FrameDecoder(2 ** 30, (f) => out.push(f));
  for (let bytes = outbox.take(); bytes !== undefined; bytes = outbox.take()) decoder.push(bytes);
  return out;
};

test('an outbox gives back what it took, in order, in few pieces', () => {
  const large = fc.constantFrom(20_000, 300_000).map((n) => new Uint8Array(n).fill(n & 255));
  const any = fc.oneof(
    { weight: 9, arbitrary: frame },
    { weight: 1, arbitrary: fc.record({ type: fc.constant(3), payload: large }) },
  );
  fc.assert(
    fc.property(fc.array(any, { size: 'max', maxLength: 60 }), (frames) => {
      const outbox = new Outbox();
      for (const f of frames) assert.equal(outbox.push(f), 'queued');
      same(drain(outbox), frames);
      assert.equal(outbox.bytes, 0);
    }),
    { numRuns: 50 },
  );
  const outbox = new Outbox();
  for (let i = 0; i < 1000; i++) outbox.push({ type: 1, payload: new Uint8Array(100) });
  assert.equal(outbox.take()?.length, 105_000);
  assert.equal(outbox.take(), undefined);
});

test('a full outbox drops bulk, makes room for the rest, then gives up', () => {
  const outbox = new Outbox(1000);
  const put = (type: number, size: number) =>
    outbox.push({ type, payload: new Uint8Array(size - 5).fill(type) });
  assert.equal(put(128, 400), 'queued');
  assert.equal(put(1, 200), 'queued');
  assert.equal(put(200, 400), 'queued');
  assert.equal(put(129, 5), 'dropped');
  assert.equal(put(2, 300), 'queued');
  assert.equal(outbox.evicted, 1);
  assert.equal(put(3, 100), 'queued');
  assert.equal(put(3, 401), 'overflow');
  assert.deepEqual(
    drain(outbox).map((f) => f.type),
    [1, 2, 3],
  );
});
