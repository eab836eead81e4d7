// The dispatcher against the examples of the JSON-RPC 2.0 specification (section 7). This interface
// takes params by name only, so the examples with positional params are refused as such.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AssertionFailure } from '../../core/src/assert.js';
import { ProtocolError } from '../../core/src/errors.js';
import { RPC_MAX_BATCH, RPC_MAX_DEPTH } from '../../core/src/limits.js';
import { createDispatch } from '../src/dispatch.js';
import { type CallContext, type Method, method } from '../src/method.js';

const seen: string[] = [];
const bugs: unknown[] = [];
const METHODS: Record<string, Method> = {
  subtract: method({
    scope: 'read',
    summary: '',
    result: '',
    params: z.strictObject({ minuend: z.number(), subtrahend: z.number() }),
    run: (_, { minuend, subtrahend }) => minuend - subtrahend,
  }),
  update: method({
    scope: 'read',
    summary: '',
    result: '',
    params: z.strictObject({}),
    run: async () => {
      seen.push('update');
      return 'done';
    },
  }),
  refuse: method({
    scope: 'read',
    summary: '',
    result: '',
    params: z.strictObject({}),
    run(): never {
      throw new ProtocolError('NOT_FOUND', 'nothing there', { height: '5' });
    },
  }),
  break: method({
    scope: 'operate',
    summary: '',
    result: '',
    params: z.strictObject({}),
    run(): never {
      throw new AssertionFailure('secret of the program');
    },
  }),
} as never;

const context = {
  session: { scopes: new Set(['read']), accounts: new Set() },
} as unknown as CallContext;
const operator = {
  session: { scopes: new Set(['read', 'operate']), accounts: new Set() },
} as unknown as CallContext;
const dispatch = createDispatch({ methods: METHODS, onBug: (bug) => bugs.push(bug) });

async function ask(text: string, as = context): Promise<unknown> {
  const answer = await dispatch(text, as);
  return answer === undefined ? undefined : JSON.parse(answer);
}
const faultOf = (answer: unknown) => (answer as { error: { code: number } }).error.code;
const invalid = {
  jsonrpc: '2.0',
  id: null,
  error: { code: -32600, message: 'not an object' },
};

test('call with named parameters, in any order', async () => {
  const one =
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42},"id": 3}';
  assert.deepEqual(await ask(one), { jsonrpc: '2.0', result: '19', id: 3 });
  const other =
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23},"id": 4}';
  assert.deepEqual(await ask(other), { jsonrpc: '2.0', result: '19', id: 4 });
});

test('positional parameters are invalid params', async () => {
  const answer = await ask('{"jsonrpc":"2.0","method":"subtract","params":[42,23],"id":1}');
  assert.equal(faultOf(answer), -32602);
});

test('a notification is done and not answered', async () => {
  seen.length = 0;
  assert.equal(await ask('{"jsonrpc": "2.0", "method": "update", "params": {}}'), undefined);
  assert.equal(await ask('{"jsonrpc": "2.0", "method": "foobar"}'), undefined);
  assert.equal(await ask('{"jsonrpc": "2.0", "method": "refuse"}'), undefined);
  assert.deepEqual(seen, ['update']);
});

test('call of a method that is not there', async () => {
  assert.deepEqual(await ask('{"jsonrpc": "2.0", "method": "foobar", "id": "1"}'), {
    jsonrpc: '2.0',
    error: { code: -32601, message: 'no such method' },
    id: '1',
  });
  for (const name of ['toString', '__proto__', 'constructor'])
    assert.equal(faultOf(await ask(`{"jsonrpc":"2.0","method":"${name}","id":1}`)), -32601);
});

test('invalid JSON, also within a batch', async () => {
  for (const text of [
    '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0","method"',
    '',
  ])
    assert.deepEqual(await ask(text), {
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'not JSON' },
    });
});

test('invalid request objects', async () => {
  assert.equal(faultOf(await ask('{"jsonrpc": "2.0", "method": 1, "params": "bar"}')), -32600);
  assert.equal(faultOf(await ask('{"method": "update", "id": 1}')), -32600);
  assert.equal(faultOf(await ask('{"jsonrpc":"2.0","method":"update","id":{"a":1}}')), -32600);
  assert.equal(faultOf(await ask('[]')), -32600);
  assert.deepEqual(await ask('[1]'), [invalid]);
  assert.deepEqual(await ask('[1,2,3]'), [invalid, invalid, invalid]);
});

test('a mixed batch', async () => {
  const answer = await ask(`[
    {"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 7, "subtrahend": 1}, "id": "1"},
    {"jsonrpc": "2.0", "method": "update"},
    {"foo": "boo"},
    {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
    {"jsonrpc": "2.0", "method": "update", "id": "9"} ]`);
  assert.deepEqual(answer, [
    { jsonrpc: '2.0', result: '6', id: '1' },
    { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'not a JSON-RPC 2.0 request' } },
    { jsonrpc: '2.0', error: { code: -32601, message: 'no such method' }, id: '5' },
    { jsonrpc: '2.0', result: 'done', id: '9' },
  ]);
});

test('a batch of notifications only is not answered', async () => {
  const text = '[{"jsonrpc":"2.0","method":"update"},{"jsonrpc":"2.0","method":"update"}]';
  assert.equal(await ask(text), undefined);
});

test('unknown parameters are refused by name', async () => {
  const call = '{"jsonrpc":"2.0","method":"update","params":{"colour":1},"id":1}';
  assert.deepEqual(await ask(call), {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32602, message: 'no such parameter', data: { param: 'colour' } },
  });
  const proto = '{"jsonrpc":"2.0","method":"update","params":{"__proto__":1},"id":1}';
  assert.equal(faultOf(await ask(proto)), -32602);
});

test('a refusal has the code of the registry, a bug says nothing', async () => {
  assert.deepEqual(await ask('{"jsonrpc":"2.0","method":"refuse","id":1}'), {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32000, message: 'nothing there', data: { height: '5', code: 'NOT_FOUND' } },
  });
  bugs.length = 0;
  assert.deepEqual(await ask('{"jsonrpc":"2.0","method":"break","id":1}', operator), {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32603, message: 'internal error' },
  });
  assert.equal(bugs.length, 1);
});

test('a scope that the token lacks', async () => {
  const answer = await ask('{"jsonrpc":"2.0","method":"break","id":1}');
  assert.deepEqual((answer as { error: { data: unknown } }).error.data, {
    scope: 'operate',
    code: 'RPC_TOKEN',
  });
});

test('limits of batch and depth', async () => {
  const calls = Array.from({ length: RPC_MAX_BATCH + 1 }, () => ({}));
  assert.equal(faultOf(await ask(JSON.stringify(calls))), -32000);
  assert.equal(((await ask(JSON.stringify(calls.slice(1)))) as unknown[]).length, RPC_MAX_BATCH);
  const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`;
  assert.equal(faultOf(await ask(deep(RPC_MAX_DEPTH + 2))), -32000);
  assert.equal(faultOf(await ask(deep(300_000))), -32000);
});
