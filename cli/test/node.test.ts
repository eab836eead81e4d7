// The commands against a node: a key on disk, a signed transaction, what the node says of it. The
// node is a test chain behind a real server; every accepted transaction gets a block at once.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SCRYPT_N_DEMO, writeKeyFile } from '../../node/src/signer/keyfile.js';
import { PERIOD, person, testGenesis } from '../../state/test/harness.js';
import * as account from '../src/commands/account.js';
import * as admit from '../src/commands/admit.js';
import * as genesis from '../src/commands/genesis.js';
import * as keys from '../src/commands/keys.js';
import * as meter from '../src/commands/meter.js';
import * as order from '../src/commands/order.js';
import * as points from '../src/commands/points.js';
import * as rpc from '../src/commands/rpc.js';
import * as status from '../src/commands/status.js';
import { TestNode } from './testNode.js';

const MODULES = [account, admit, genesis, keys, meter, order, points, rpc, status];
const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

let node: TestNode;
let view: TestNode['view'];
let dir: string;
let file: TestNode['file'];
let run: TestNode['run'];
let json: TestNode['json'];
let refused: TestNode['refused'];
let idOf: TestNode['idOf'];

before(async () => {
  const names = ['ann', 'bob', 'centre', 'ann meter'];
  node = await TestNode.start({
    genesis: testGenesis(['ann', 'bob']),
    modules: MODULES,
    keys: names,
  });
  ({ view, dir, file, run, json, refused, idOf } = node);
  view.block(1000n);
});
after(() => node.stop());

/** The program itself: its exit status and what it prints. */
const program = (...args: readonly string[]): Promise<{ status: number; out: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, out) => {
      resolve({ status: error ? Number(error.code) : 0, out });
    });
  });

test('exit status and error document of the program', async () => {
  const fine = await program('status', '--dir', dir);
  assert.equal(fine.status, 0);
  const dead = await program('status', '--rpc', 'http://127.0.0.1:9', '--json');
  assert.equal(dead.status, 1);
  assert.equal(JSON.parse(dead.out).error.code, 'RPC_UNREACHABLE');
  assert.equal((await program('rpc')).status, 2);
});

test('rpc calls any method, with JSON or name=value', async () => {
  const status = await json('rpc', 'node_status');
  assert.equal((status.height as { final: string }).final, '1');
  assert.equal((await json('rpc', 'chain_header', '{"height":"1"}')).height, '1');
  assert.equal((await json('rpc', 'chain_header', 'height=1', 'raw=true')).height, '1');
  assert.equal(await refused('rpc', 'chain_header', 'height=99'), 'NOT_FOUND');
  assert.equal(await refused('rpc', 'nothing'), 'RPC_FAULT');
  assert.equal(await refused('rpc'), 'USAGE');
  const { out } = await run(['rpc', '--list', '--json']);
  assert.ok((JSON.parse(out) as { name: string }[]).some((m) => m.name === 'tx_submit'));
});

test('status, account show and journal', async () => {
  const plain = await run(['status', '--dir', dir, '--node', 'v1']);
  assert.match(plain.out, /final +1/);
  const ann = await run(['account', 'show', '--key', file('ann.json'), '--dir', dir]);
  assert.match(ann.out, /available +100 CNY/);
  assert.equal((await json('account', 'show', idOf('ann'))).available, '100000000');
  const proven = await json('account', 'show', idOf('ann'), '--proof');
  assert.ok(proven.proof);
});

test('points: issue, transfer, refusals with codes', async () => {
  const centre = ['--key', file('centre.json'), '--wait'];
  const issued = await json('points', 'issue', idOf('ann'), '2.5', ...centre);
  assert.equal(issued.status, 'final');
  assert.equal((await json('account', 'show', idOf('ann'))).available, '102500000');
  const ann = ['--key', file('ann.json')];
  await json('points', 'transfer', idOf('bob'), '2.5', ...ann, '--memo', 'thanks');
  assert.equal((await json('account', 'show', idOf('bob'))).available, '102500000');
  const journal = await json('account', 'journal', idOf('bob'));
  assert.equal((journal.entries as { type: string }[])[0]?.type, 'transfer');
  const far = await refused('points', 'transfer', idOf('bob'), '1000', ...ann);
  assert.equal(far, 'INSUFFICIENT_FUNDS');
  const fine = await refused('points', 'transfer', idOf('bob'), '0.0000001', ...ann);
  assert.equal(fine, 'AMOUNT_GRAMMAR');
  assert.equal(await refused('points', 'issue', idOf('bob'), '1', ...ann), 'NOT_ALLOWED');
});

test('an order: sealed, opened when the chain has closed the declaration', async () => {
  const ann = ['--key', file('ann.json'), '--market', 'spot'];
  const terms = ['--side', 'sell', '--energy', '1.5', '--price', '0.15'];
  await json('order', 'submit', ...terms, ...ann);
  const kept = readFileSync(file('ann.json.bids.json'), 'utf8');
  assert.match(kept, /"price": "150"/);
  assert.equal(await refused('order', 'reveal', ...ann), 'WRONG_PHASE');
  await json('order', 'cancel', ...ann);
  assert.equal(await refused('order', 'cancel', ...ann), 'NO_ORDER');
  await json('order', 'submit', ...terms, ...ann);
  const waiting = json('order', 'reveal', ...ann, '--wait');
  setTimeout(() => view.block(300_000n), 300);
  assert.equal((await waiting).status, 'final');
  assert.equal(await refused('order', 'reveal', ...ann), 'ALREADY_REVEALED');
  const { orders } = await json('order', 'list', '--key', file('ann.json'));
  const [first] = orders as { state: string; price: string }[];
  assert.deepEqual([first?.state, first?.price], ['revealed', '150']);
  const table = await run(['order', 'list', idOf('ann'), '--dir', dir]);
  assert.match(table.out, /revealed +sell +1\.5 +0\.15/);
});

test('meter read and show', async () => {
  view.block(PERIOD);
  const meter = ['--key', file('ann meter.json')];
  await json('meter', 'read', '--import', '0.5', '--export', '1', ...meter);
  const shown = await json('meter', 'show', '000000000000');
  const readings = shown.readings as { importWh: string; sequence: string }[];
  assert.deepEqual(readings.at(-1)?.importWh, '500');
  assert.equal(readings.at(-1)?.sequence, '1');
  const again = await refused('meter', 'read', '--import', '0.5', '--export', '1', ...meter);
  assert.equal(again, 'READING_REPLAYED');
  const table = await run(['meter', 'show', '000000000000', '--dir', dir]);
  assert.match(table.out, /0\.5/);
});

test('admit a home and its meter, suspend and readmit', async () => {
  const centre = ['--key', file('centre.json'), '--wait'];
  for (const name of ['new', 'newmeter'])
    await run(['keys', 'new', file(`${name}.json`), '--plain']);
  const home = ['--key-of', file('new.json'), '--max-import', '17', '--max-export', '5'];
  await json('admit', ...home, ...centre);
  const chain = String((await json('rpc', 'node_status')).chainId);
  const key = await run(['keys', 'show', file('new.json'), '--chain', chain, '--json']);
  const { account } = JSON.parse(key.out) as { account: string };
  const bound = ['--participant', account, '--number', '123456789012', '--market', 'spot'];
  await json('admit', '--role', 'meter', '--key-of', file('newmeter.json'), ...bound, ...centre);
  const shown = await json('account', 'show', account);
  assert.equal((shown.meter as { number: string }).number, '123456789012');
  await json('suspend', account, '--reason', 'test', ...centre);
  assert.equal((await json('account', 'show', account)).status, 'suspended');
  await json('readmit', account, ...centre);
  assert.equal((await json('account', 'show', account)).status, 'active');
  assert.equal(await refused('readmit', account, ...centre), 'ALREADY_ADMITTED');
});

test('keys: under a password, never shown', async () => {
  const made = file('made.json');
  const password = 'correct horse';
  const { code, out } = await run(['keys', 'new', made, '--json'], password);
  assert.equal(code, undefined);
  assert.equal(JSON.parse(out).encrypted, true);
  assert.equal((await run(['keys', 'new', made, '--plain'])).code, 'KEY_FILE');
  const shown = await run(['keys', 'show', made, '--json']);
  assert.deepEqual(JSON.parse(shown.out), JSON.parse(out));
  const stranger = person('stranger');
  const key = { kind: 'ed25519', secret: stranger.seed, publicKey: stranger.key } as const;
  writeKeyFile(file('locked.json'), key, { password, n: SCRYPT_N_DEMO });
  const send = ['points', 'transfer', idOf('bob'), '1', '--key', file('locked.json'), '--dir', dir];
  assert.equal((await run(send, 'wrong')).code, 'KEY_FILE');
  assert.equal((await run(send, password)).code, 'UNKNOWN_SENDER');
});

test('genesis: new, add, check, hash', async () => {
  const hexOf = (name: string): string => Buffer.from(person(name).key).toString('hex');
  const g = file('genesis.json');
  const prices = ['--feed-in', '0.08', '--retail', '0.30'];
  const people = ['--centre', hexOf('c'), '--grid', hexOf('g')];
  assert.equal(
    (await run(['genesis', 'new', g, '--name', 'x', ...people, ...prices])).code,
    undefined,
  );
  assert.equal((await run(['genesis', 'check', g])).code, 'GENESIS');
  const validator = ['--name', 'v', '--organisation', 'o', '--public-key', hexOf('v')];
  assert.equal((await run(['genesis', 'add-validator', g, ...validator])).code, undefined);
  const twice = await run(['genesis', 'add-validator', g, ...validator, '--json']);
  assert.equal(twice.code, 'GENESIS');
  const meter = ['--meter-key', hexOf('m'), '--meter-number', '000000000001'];
  const home = ['--public-key', hexOf('h'), '--max-import', '17', '--max-export', '5', ...meter];
  assert.equal((await run(['genesis', 'add-account', g, ...home])).code, undefined);
  const { out } = await run(['genesis', 'check', g, '--json']);
  const report = JSON.parse(out) as { chainId: string; accounts: number };
  assert.equal(report.accounts, 1);
  assert.equal((await run(['genesis', 'hash', g])).out.trim(), report.chainId);
});
