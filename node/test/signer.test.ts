// Sign-state, lock record and their files (consensus 3.5a-b, 6.1, 8.4).
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { u32be, utf8ToBytes } from '../../core/src/bytes.js';
import { type ErrorCode, ProtocolError } from '../../core/src/errors.js';
import { type Hash, sha256 } from '../../core/src/hash.js';
import { nodeBackend } from '../src/crypto/backend.js';
import { MemoryDevice } from '../src/signer/device.js';
import { LockFile, type LockRecord } from '../src/signer/lockFile.js';
import { createSigner, LOCK_FILE, openSigner, SIGN_STATE_FILE } from '../src/signer/signer.js';
import { SIGN_STEPS, SignState, type SignEntry } from '../src/signer/signState.js';
import { TwoSlots } from '../src/signer/twoSlots.js';

const keyPair = nodeBackend().keyPair(new Uint8Array(32).fill(1));
const none = new Uint8Array(0);

const refused = (code: ErrorCode) => (error: unknown) =>
  error instanceof ProtocolError && error.code === code;

const entry = (height: bigint, round: number, step: number, salt = 0): SignEntry => ({
  height,
  round,
  step: SIGN_STEPS[step] as SignEntry['step'],
  blockHash: none,
  digest: sha256(u32be(salt)),
  lockChecksum: none,
});

const lockAt = (height: bigint, round: number, size = 100): LockRecord => ({
  height,
  round,
  blockHash: sha256(u32be(round)) as Hash,
  blockBytes: new Uint8Array(size).fill(round),
  proofBytes: new Uint8Array(50).fill(9),
});

/** Bytes of a file come back as Buffers: compare their contents. */
const plain = (lock: LockRecord | undefined) =>
  lock && { ...lock, ...Object.fromEntries(bytesIn(lock).map(([k, v]) => [k, new Uint8Array(v)])) };
const bytesIn = (lock: LockRecord) =>
  Object.entries(lock).filter(
    (pair): pair is [string, Uint8Array] => pair[1] instanceof Uint8Array,
  );

test('a missing sign-state signs nothing until it is founded', () => {
  const state = new SignState(new MemoryDevice());
  assert.equal(state.state, 'missing');
  assert.throws(() => state.guard(entry(1n, 0, 0)), refused('SIGN_STATE'));
  state.found(0n);
  state.guard(entry(1n, 0, 0));
});

test('founded at a height: nothing at or below it, and never lower than what it knows', () => {
  const state = new SignState(new MemoryDevice());
  state.found(10n);
  assert.throws(() => state.guard(entry(10n, 7, 2)), refused('DOUBLE_SIGN'));
  state.guard(entry(11n, 0, 1));
  assert.throws(() => state.found(10n), refused('SIGN_STATE'));
  state.found(11n);
  assert.throws(() => state.guard(entry(11n, 0, 2)), refused('DOUBLE_SIGN'));
});

test('sequences of guards: like a model, also over restarts and power cuts', () => {
  const place = fc.tuple(fc.nat(3), fc.nat(2), fc.nat(2), fc.nat(2));
  const action = fc.oneof(
    { weight: 5, arbitrary: place },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.constant('power cut' as const) },
  );
  fc.assert(
    fc.property(fc.array(action, { size: 'max', maxLength: 60 }), (actions) => {
      const device = new MemoryDevice();
      let state = new SignState(device);
      state.found(0n);
      const signed = new Map<string, number>();
      let [before, top] = [-1, -1];
      for (const a of actions) {
        if (typeof a === 'string') {
          if (a === 'power cut') device.lose();
          state = new SignState(device);
          continue;
        }
        const [height, round, step, salt] = a;
        const rank = height * 100 + round * 10 + step;
        const name = String(rank);
        const again = (rank === top || rank === before) && signed.get(name) === salt;
        const may = height > 0 && (rank > top || again);
        const guard = () => state.guard(entry(BigInt(height), round, step, salt));
        if (!may) {
          assert.throws(guard, refused('DOUBLE_SIGN'));
          continue;
        }
        guard();
        if (rank > top) [before, top] = [top, rank];
        signed.set(name, salt);
      }
    }),
    { numRuns: 200 },
  );
});

test('a write that fails on the disk allows no signature, then or later', () => {
  for (const kind of ['write', 'sync'] as const) {
    const device = new MemoryDevice();
    const state = new SignState(device);
    state.found(0n);
    device.failNext = kind;
    assert.throws(() => state.guard(entry(1n, 0, 0)), refused('STORE_WRITE'));
    assert.throws(() => state.guard(entry(1n, 0, 0)), refused('STORE_WRITE'));
    assert.throws(() => state.guard(entry(2n, 0, 0)), refused('STORE_WRITE'));
    device.lose();
    assert.equal(new SignState(device).last?.height, 0n);
  }
});

test('any flipped bit of a record is seen; the other slot counts then', () => {
  for (let at = 0; at < 48 + 20; at++) {
    const device = new MemoryDevice();
    const slots = new TwoSlots(device, 256);
    slots.write(utf8ToBytes('the first record....'));
    slots.write(utf8ToBytes('the second record...'));
    device.rot(256 + at, 1 << (at & 7));
    const again = new TwoSlots(device, 256);
    assert.equal(again.state, 'good');
    assert.equal(again.newest?.sequence, 1n, `byte ${at}`);
    device.rot(at, 0x40);
    assert.equal(new TwoSlots(device, 256).state, 'damaged', `byte ${at}`);
  }
});

test('slots alternate, and a torn write costs the new record only', () => {
  const device = new MemoryDevice();
  const slots = new TwoSlots(device, 256);
  for (let i = 1; i <= 5; i++) slots.write(u32be(i));
  assert.deepEqual(new TwoSlots(device, 256).newest?.payload, u32be(5));
  device.write(256, new Uint8Array(20).fill(7));
  assert.deepEqual(new TwoSlots(device, 256).newest?.payload, u32be(5));
  device.write(0, new Uint8Array(20).fill(7));
  assert.equal(new TwoSlots(device, 256).state, 'damaged');
});

test('lock record: newest counts, the older one can still be named, large blocks fit', () => {
  const device = new MemoryDevice();
  const file = new LockFile(device);
  assert.equal(file.newest, undefined);
  file.write(lockAt(5n, 1));
  const first = file.checksumAt(5n);
  file.write(lockAt(5n, 3, 4_000_000));
  assert.notDeepEqual(file.checksumAt(5n), first);
  assert.equal(file.checksumAt(6n).length, 0);
  const again = new LockFile(device);
  assert.deepEqual(plain(again.newest), lockAt(5n, 3, 4_000_000));
  assert.ok(again.has(first) && again.has(again.checksumAt(5n)));
  again.write(lockAt(6n, 0));
  assert.ok(!again.has(first));
});

function founded() {
  const devices = { signStateDevice: new MemoryDevice(), lockDevice: new MemoryDevice() };
  const open = () => createSigner({ keyPair, ...devices });
  const signer = open();
  signer.found(0n);
  return { signer, open, ...devices };
}

test('a sign-state that names a lost lock of an undecided height is a start without one', () => {
  const { signer, open, lockDevice } = founded();
  signer.writeLock(lockAt(4n, 0));
  signer.signVote({ height: 4n, round: 0, step: 'precommit', blockHash: none }, utf8ToBytes('a'));
  assert.equal(open().stateAt(3n), 'good');
  lockDevice.rot(60);
  const again = open();
  assert.equal(again.stateAt(4n), 'good', 'decided: the lock is over');
  assert.equal(again.stateAt(3n), 'lock-missing');
  assert.throws(
    () =>
      again.signVote({ height: 4n, round: 1, step: 'prevote', blockHash: none }, utf8ToBytes('b')),
    refused('SIGN_STATE'),
  );
  again.found(6n);
  again.signVote({ height: 7n, round: 0, step: 'prevote', blockHash: none }, utf8ToBytes('c'));
});

test('a crash between lock and signature leaves the older lock named, and that is good', () => {
  const { signer, open } = founded();
  signer.writeLock(lockAt(4n, 0));
  signer.signVote({ height: 4n, round: 0, step: 'precommit', blockHash: none }, utf8ToBytes('a'));
  signer.writeLock(lockAt(4n, 2));
  const again = open();
  assert.equal(again.stateAt(3n), 'good');
  assert.equal(again.lock?.round, 2);
});

test('locks of earlier heights are not named by later entries', () => {
  const { signer, open, lockDevice } = founded();
  signer.writeLock(lockAt(4n, 0));
  signer.signVote({ height: 5n, round: 0, step: 'prevote', blockHash: none }, utf8ToBytes('a'));
  lockDevice.rot(60);
  assert.equal(open().stateAt(4n), 'good');
});

test('in a real directory: mode 0600, survives reopening, refuses a second message', () => {
  const dir = mkdtempSync(join(tmpdir(), 'busbar-signer-'));
  try {
    const signer = openSigner(dir, keyPair);
    assert.equal(signer.stateAt(0n), 'missing');
    signer.found(0n);
    const place = { height: 1n, round: 0, step: 'prevote', blockHash: none } as const;
    const signature = signer.signVote(place, utf8ToBytes('one'));
    signer.writeLock(lockAt(1n, 0, 300_000));
    signer.close();
    const again = openSigner(dir, keyPair);
    assert.deepEqual(again.signVote(place, utf8ToBytes('one')), signature);
    assert.throws(() => again.signVote(place, utf8ToBytes('two')), refused('DOUBLE_SIGN'));
    assert.deepEqual(plain(again.lock), lockAt(1n, 0, 300_000));
    again.close();
    for (const name of [SIGN_STATE_FILE, LOCK_FILE])
      assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what a killed process wrote but did not sync is durable once a start has read it', () => {
  const [signStateDevice, lockDevice] = [new MemoryDevice(), new MemoryDevice()];
  const first = createSigner({ keyPair, signStateDevice, lockDevice });
  first.found(0n);
  // Killed between write and sync: the operating system still has the bytes.
  const unsynced = (device: MemoryDevice): MemoryDevice => {
    device.sync = () => undefined;
    return device;
  };
  const dying = createSigner({
    keyPair,
    signStateDevice: unsynced(signStateDevice),
    lockDevice: unsynced(lockDevice),
  });
  dying.writeLock(lockAt(5n, 1));
  dying.signVote({ height: 5n, round: 1, step: 'precommit', blockHash: none }, none);
  for (const device of [signStateDevice, lockDevice]) Reflect.deleteProperty(device, 'sync');
  const started = createSigner({ keyPair, signStateDevice, lockDevice });
  assert.equal(started.last?.height, 5n);
  for (const device of [signStateDevice, lockDevice]) device.lose();
  const afterPowerCut = createSigner({ keyPair, signStateDevice, lockDevice });
  assert.equal(afterPowerCut.last?.height, 5n);
  assert.equal(afterPowerCut.lock?.height, 5n);
  assert.equal(afterPowerCut.stateAt(4n), 'good');
});
