// Do the backends agree on every signature a key holder can make up?
//   node dist/bench/ed25519-grid.js [--count 20000] [--seed TEXT] [--vectors FILE]
// FILE: lines msg=HEX, pbk=HEX, sig=HEX (cases.txt of ed25519-speccheck). Exits 1 on a difference.
// Last measured (2 cores, Node 20): 20,000 cases, 0 differences, 42 s (most of it noble).
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fromHex, toHex } from '../core/src/bytes.js';
import { checkKey } from '../core/src/ed25519.js';
import { nobleBackend, nodeBackend, sodiumBackend } from '../node/src/crypto/backend.js';
import { type SignatureCase, gridCases } from '../test/compliance/ed25519Cases.js';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: 'grid' },
    vectors: { type: 'string' },
  },
});
const backends = [nobleBackend(), nodeBackend(), sodiumBackend()].filter((b) => b !== undefined);

function* fromFile(path: string): Generator<SignatureCase> {
  const text = readFileSync(path, 'utf8');
  const field = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}=([0-9a-f]*)`, 'gm'))].map(
      (m) => fromHex(m[1] as string) as Uint8Array,
    );
  const [messages, keys, signatures] = [field('msg'), field('pbk'), field('sig')];
  for (const [i, message] of messages.entries()) {
    const [publicKey, signature] = [keys[i] as Uint8Array, signatures[i] as Uint8Array];
    yield { name: `vector ${i}`, message, publicKey, signature };
  }
}

function judge(cases: Iterable<SignatureCase>): { rows: Map<string, string>; differences: number } {
  const tally = new Map<string, { all: number; good: number; admitted: number }>();
  let differences = 0;
  for (const c of cases) {
    const verdicts = backends.map((b) => b.verify(c.publicKey, c.message, c.signature));
    const good = verdicts[0] === true;
    if (verdicts.some((v) => v !== good)) {
      differences++;
      console.error(`${c.name}: ${verdicts.join(' ')} ${toHex(c.publicKey)} ${toHex(c.signature)}`);
    }
    const row = tally.get(c.name) ?? { all: 0, good: 0, admitted: 0 };
    row.all++;
    if (good) row.good++;
    if (good && checkKey(c.publicKey)) row.admitted++;
    tally.set(c.name, row);
  }
  const rows = [...tally].map(
    ([name, r]) => [name, `${r.good}/${r.all}, with key check ${r.admitted}`] as const,
  );
  return { rows: new Map(rows), differences };
}

const started = performance.now();
const { rows, differences } = judge(
  values.vectors === undefined
    ? gridCases(Number(values.count), values.seed)
    : fromFile(values.vectors),
);
for (const [name, row] of rows) console.log(`${name.padEnd(24)} accepted ${row}`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${backends.map((b) => b.name).join(', ')}: ${differences} differences, ${seconds} s`);
process.exitCode = differences === 0 ? 0 : 1;
