// Key files: encrypted at rest, private, checked (reliability D12).
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toHex } from '../../core/src/bytes.js';
import { publicKeyOf } from '../../core/src/ed25519.js';
import { ProtocolError } from '../../core/src/errors.js';
import { readKeyFile, SCRYPT_N_DEMO, type StoredKey, writeKeyFile } from '../src/signer/keyfile.js';

const dir = mkdtempSync(join(tmpdir(), 'busbar-keys-'));
after(() => rmSync(dir, { recursive: true }));

const secret = new Uint8Array(32).fill(0x5a);
const key: StoredKey = { kind: 'ed25519', secret, publicKey: publicKeyOf(secret) };
const password = 'Straße \u00e9 \u0007';
const refused = (error: unknown) => error instanceof ProtocolError && error.code === 'KEY_FILE';

test('encrypted: round trip, nothing readable inside, mode 0600, never overwritten', () => {
  const path = join(dir, 'a.json');
  writeKeyFile(path, key, { password, n: SCRYPT_N_DEMO });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.ok(!readFileSync(path, 'utf8').includes(toHex(secret).slice(0, 16)));
  assert.deepEqual(readKeyFile(path, { password }), key);
  assert.throws(() => writeKeyFile(path, key, { password, n: SCRYPT_N_DEMO }), refused);
  // NFKD without control characters, as EIP-2335 has it.
  assert.deepEqual(readKeyFile(path, { password: 'Straße e\u0301 ' }), key);
});

test('refused: wrong password, none, damaged, too open, missing, not a key file', () => {
  const path = join(dir, 'b.json');
  writeKeyFile(path, key, { password, n: SCRYPT_N_DEMO });
  assert.throws(() => readKeyFile(path, { password: 'other' }), refused);
  assert.throws(() => readKeyFile(path, {}), refused);
  assert.throws(() => readKeyFile(join(dir, 'none.json'), { password }), refused);
  chmodSync(path, 0o640);
  assert.throws(() => readKeyFile(path, { password }), refused);
  chmodSync(path, 0o600);
  const text = readFileSync(path, 'utf8');
  for (const bad of [
    text.replace(/"pubkey": "../, '"pubkey": "00'),
    text.replace(/("message": ")[0-9a-f]{2}([0-9a-f]{62}")/, '$1ff$2'),
    text.replace('"version": 4', '"version": 5'),
    text.replace(/"n": \d+/, '"n": 1073741824'),
    text.slice(5),
  ]) {
    writeFileSync(path, bad);
    assert.throws(() => readKeyFile(path, { password }), refused);
  }
});

test('plain: only where both sides say so', () => {
  const path = join(dir, 'c.json');
  writeKeyFile(path, key, 'plain');
  assert.throws(() => readKeyFile(path, { password }), refused);
  assert.deepEqual(readKeyFile(path, { allowPlain: true }), key);
});

test('a beacon key keeps its public key as given', () => {
  const path = join(dir, 'd.json');
  const beacon: StoredKey = { kind: 'beacon', secret, publicKey: new Uint8Array(48).fill(3) };
  writeKeyFile(path, beacon, 'plain');
  assert.deepEqual(readKeyFile(path, { allowPlain: true }), beacon);
});
