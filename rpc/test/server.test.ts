// The server as a stranger meets it: health, tokens, hosts, origins, content types, sizes; every
// method in every scope.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../core/src/errors.js';
import { RPC_MAX_BODY_BYTES } from '../../core/src/limits.js';
import { printAccount } from '../../core/src/ids.js';
import { person } from '../../state/test/harness.js';
import { SCOPES } from '../src/method.js';
import { METHODS } from '../src/methods/table.js';
import { createRpcServer } from '../src/server.js';
import { fixture, headersOf } from './fixture.js';

const status = { jsonrpc: '2.0', id: 1, method: 'node_status' };

test('without a token only health and readiness answer', async () => {
  const { server, view, post } = await fixture();
  const get = async (url: string, headers: Record<string, string> = {}) =>
    (await server.app.inject({ method: 'GET', url, headers: { host: 'localhost', ...headers } }))
      .statusCode;
  assert.equal(await get('/health'), 200);
  assert.equal(await get('/ready'), 200);
  view.isSyncing = true;
  assert.equal(await get('/ready'), 503);
  assert.equal(await get('/metrics'), 401);
  assert.equal(await get('/metrics', { authorization: 'Bearer trader' }), 401);
  assert.equal(await get('/metrics', { authorization: 'Bearer reader' }), 200);
  assert.equal(await get('/ws'), 401);
  assert.equal(await get('/other'), 404);
  for (const authorization of ['', 'Bearer ', 'Bearer wrong', 'Basic all', 'all', 'Bearer all x'])
    assert.equal((await post(status, { headers: { authorization } })).status, 401, authorization);
  await server.close();
});

test('every method in every scope', async () => {
  const { server, ask } = await fixture();
  const tokens = { read: 'reader', trade: 'trader', operate: 'operator' };
  for (const [name, { scope }] of Object.entries(METHODS)) {
    for (const other of SCOPES) {
      // A parameter that no method has: who gets to the check of parameters had the scope.
      const { error } = await ask(name, { zz: '1' }, tokens[other]);
      assert.equal(error?.code, other === scope ? -32602 : -32000, `${name} as ${other}`);
    }
    assert.equal((await ask(name, {}, 'none')).error?.code, -32000, name);
  }
  await server.close();
});

test('hosts, origins, content types', async () => {
  const { server, post } = await fixture({ hosts: ['node.lan'], origins: ['https://desk.lan'] });
  const as = async (headers: Record<string, string>) =>
    (await post(status, { headers: { ...headersOf('all'), ...headers } })).status;
  assert.equal(await as({ host: 'localhost:7100' }), 200);
  assert.equal(await as({ host: '[::1]:7100' }), 200);
  assert.equal(await as({ host: 'NODE.lan' }), 200);
  assert.equal(await as({ host: 'evil.example' }), 403);
  assert.equal(await as({ host: '127.0.0.1.evil.example' }), 403);
  assert.equal(await as({ origin: 'http://evil.example' }), 403);
  assert.equal(await as({ origin: 'null' }), 403);
  assert.equal(await as({ origin: 'http://127.0.0.1:1' }), 200);
  assert.equal(await as({ origin: 'https://desk.lan' }), 200);
  assert.equal(await as({ 'content-type': 'text/plain' }), 415);
  assert.equal(await as({ 'content-type': 'application/json; charset=utf-8' }), 200);
  const preflight = await server.app.inject({
    method: 'OPTIONS',
    url: '/',
    headers: { host: 'localhost', origin: 'https://desk.lan' },
  });
  assert.equal(preflight.headers['access-control-allow-origin'], 'https://desk.lan');
  await server.close();
});

test('sizes', async () => {
  const { server, post } = await fixture();
  const large = `"${'x'.repeat(RPC_MAX_BODY_BYTES)}"`;
  const refused = await post(large);
  assert.equal(refused.status, 413);
  assert.equal(JSON.parse(refused.body).error.data.code, 'RPC_LIMIT');
  assert.equal((await post('')).status, 200);
  assert.equal((await post({ jsonrpc: '2.0', method: 'node_status' })).status, 204);
  await server.close();
});

test('beyond loopback only on purpose', async () => {
  const port = undefined as never;
  await assert.rejects(
    createRpcServer({ port, tokens: [], address: '0.0.0.0' }),
    (error) => error instanceof ProtocolError && error.code === 'CONFIG',
  );
});

test('integers are decimal strings, bytes hex, accounts bb1', async () => {
  const { server, view, ask } = await fixture();
  view.block(1000n);
  const { result } = await ask('node_status');
  assert.deepEqual(result?.height, { final: '1', confirmed: '1' });
  assert.deepEqual(result?.at, { height: '1', status: 'final' });
  assert.match(String(result?.finalHash), /^[0-9a-f]{64}$/);
  assert.equal(result?.peers, '1');
  assert.equal(result?.clockOffsetMs, null);
  const account = printAccount(view.test.id(person('ann')));
  const ann = (await ask('account_get', { account, proof: true })).result;
  assert.equal(ann?.account, account);
  assert.equal(ann?.available, '100000000');
  const header = (await ask('chain_header', { height: '1' })).result;
  assert.equal(header?.hash, result?.finalHash);
  assert.equal(typeof header?.round, 'string');
  const text = JSON.stringify([result, ann, header]);
  assert.ok(!/[:[,]-?[0-9]/.test(text), text);
  await server.close();
});

test('refusals carry their codes', async () => {
  const { server, view, ask } = await fixture();
  view.block(1000n);
  const codeOf = async (method: string, params: object, token?: string) => {
    const { error } = await ask(method, params, token);
    return (error?.data as { code?: string } | undefined)?.code ?? error?.code;
  };
  assert.equal(await codeOf('chain_header', { height: '9' }), 'NOT_FOUND');
  assert.equal(await codeOf('chain_header', {}), 'NOT_FOUND');
  assert.equal(await codeOf('chain_header', { height: 9 }), -32602);
  assert.equal(await codeOf('chain_header', { height: '09' }), -32602);
  assert.equal(await codeOf('chain_header', { height: '99999999999999999999' }), -32602);
  assert.equal(await codeOf('market_period', { market: 'none' }), 'UNKNOWN_MARKET');
  assert.equal(await codeOf('account_get', { account: 'bb1qqqq' }), -32602);
  assert.equal(await codeOf('tx_get', { id: 'AB'.repeat(32) }), -32602);
  assert.equal(await codeOf('tx_submit', { bytes: 'abc' }), -32602);
  assert.equal(await codeOf('tx_submit', { bytes: 'AB' }), -32602);
  assert.equal(await codeOf('events_subscribe', { topics: ['headers'] }), 'NOT_SUPPORTED');
  const rejected = (await ask('tx_submit', { bytes: 'abcd' })).result;
  assert.deepEqual([rejected?.status, rejected?.code], ['rejected', 'BAD_ENCODING']);
  view.prunedBelow = 2n;
  assert.equal(await codeOf('chain_block', { height: '1' }), 'HISTORY_PRUNED');
  await server.close();
});

test('readings are for the operator and for the household itself', async () => {
  const view = (await fixture()).view;
  const own = printAccount(view.test.id(person('ann')));
  const tokens = [
    { token: 'ann', scopes: ['read'], accounts: [own] },
    { token: 'other', scopes: ['read'] },
    { token: 'operator', scopes: ['read', 'operate'] },
  ] as const;
  const { server, ask } = await fixture({ tokens });
  const meter = '000000000000';
  assert.equal((await ask('meter_readings', { meter }, 'ann')).result?.participant, own);
  assert.equal((await ask('meter_readings', { meter }, 'operator')).result?.participant, own);
  assert.equal((await ask('meter_readings', { meter }, 'other')).error?.code, -32000);
  const bobs = '000000000001';
  assert.equal((await ask('meter_readings', { meter: bobs }, 'ann')).error?.code, -32000);
  await server.close();
});

test('rpc.discover describes every method', async () => {
  const { server, ask } = await fixture();
  const document = (await ask('rpc.discover')).result as {
    openrpc: string;
    methods: { name: string; params: { name: string; required: boolean; schema: object }[] }[];
  };
  assert.equal(document.openrpc, '1.3.2');
  assert.deepEqual(
    document.methods.map((m) => m.name),
    Object.keys(METHODS),
  );
  const proof = document.methods.find((m) => m.name === 'proof_get');
  assert.deepEqual(
    proof?.params.map((p) => [p.name, p.required]),
    [
      ['kind', true],
      ['key', true],
      ['height', false],
    ],
  );
  const topics = document.methods.find((m) => m.name === 'events_subscribe')?.params[0]?.schema;
  assert.equal((topics as { maxItems?: unknown }).maxItems, 16);
  await server.close();
});

test('a bug is told to the operator and not to the caller', async () => {
  const { server, view, ask, bugs } = await fixture();
  view.tip = () => {
    throw new TypeError('canary');
  };
  const { error } = await ask('node_status');
  assert.deepEqual([error?.code, error?.message], [-32603, 'internal error']);
  assert.equal(bugs.length, 1);
  await server.close();
});
