// Hostile input (reliability F31): whatever comes, the answer is JSON-RPC or nothing, nothing
// counts as our own mistake, and the server still answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { METHODS } from '../src/methods/table.js';
import { fixture } from './fixture.js';

const names = Object.keys(METHODS);
const paramNames = [
  ...new Set(Object.values(METHODS).flatMap((m) => Object.keys(m.params.shape))),
  '__proto__',
  'constructor',
];

const word = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('', '0', '1', '-1', '1e9', '18446744073709551615', '18446744073709551616'),
  fc.constantFrom('spot', 'bb1', `bb1${'q'.repeat(36)}`, 'ab', '00'.repeat(32), '5:1:1', '1:2'),
  fc.constantFrom('000000000000', 'headers', 'market:spot', 'account:bb1qq'),
);
const value = fc.oneof(word, fc.jsonValue({ maxDepth: 4 }), fc.array(word, { maxLength: 4 }));
const params = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fc.constantFrom(...paramNames), value, { maxKeys: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const call = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, fc.jsonValue()),
    id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
    method: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.jsonValue()),
    params,
  },
  { requiredKeys: [] },
);
const text = fc.oneof(
  { weight: 6, arbitrary: call.map((c) => JSON.stringify(c)) },
  { weight: 2, arbitrary: fc.array(call, { maxLength: 5 }).map((c) => JSON.stringify(c)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(call, fc.nat(), fc.string({ maxLength: 3 })).map(([c, at, junk]) => {
      const whole = JSON.stringify(c);
      const cut = at % (whole.length + 1);
      return whole.slice(0, cut) + junk + whole.slice(cut + 1);
    }),
  },
);

function isAnswer(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { jsonrpc, error } = answer as { jsonrpc: unknown; error?: { code: unknown } };
  const hasOne = 'result' in answer !== 'error' in answer;
  const known = error === undefined || (typeof error.code === 'number' && error.code !== -32603);
  return jsonrpc === '2.0' && 'id' in answer && hasOne && known;
}

test('any text gets an answer of JSON-RPC', async () => {
  const { server, view, post, ask, bugs } = await fixture();
  view.block(1000n);
  view.block(300_000n);
  await fc.assert(
    fc.asyncProperty(text, async (body) => {
      const answer = await post(body);
      assert.ok([200, 204].includes(answer.status), String(answer.status));
      if (answer.status === 204) return;
      const json = JSON.parse(answer.body) as unknown;
      assert.ok(Array.isArray(json) ? json.every(isAnswer) : isAnswer(json), answer.body);
    }),
    { numRuns: 600 },
  );
  assert.deepEqual(bugs, []);
  assert.equal((await ask('node_status')).error, undefined);
  await server.close();
});
