// The chain's state machine against the naive model on random operations: the full count. Prints
// the seed; the first disagreement ends it.
//   node dist/bench/versus.js [--operations 1000000] [--seed N]
import { parseArgs } from 'node:util';
import { installSha256 } from '../core/src/hash.js';
import { nativeSha256 } from '../node/src/crypto/sha256.js';
import { Town } from '../test/naive/versus.js';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
  },
});
const operations = Number(values.operations);
const seed = Number(values.seed);
/** Periods of one town: its tree keeps what corrections may need. */
const TOWN_PERIODS = 100;

installSha256(nativeSha256());

const start = performance.now();
const sum = { operations: 0, periods: 0, refused: 0, trades: 0, suspensions: 0 };
for (let round = 0; sum.operations < operations; round++) {
  const town = new Town(seed + round);
  while (town.counts.periods < TOWN_PERIODS && sum.operations + town.counts.operations < operations)
    town.period();
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += town.counts[name];
  process.stderr.write(`\rseed ${seed}+${round}: ${sum.operations} of ${operations} operations`);
}
const seconds = ((performance.now() - start) / 1000).toFixed(0);
process.stderr.write('\n');
console.log(`seed ${seed}: ${JSON.stringify(sum)} in ${seconds} s, the model and the chain agree`);
