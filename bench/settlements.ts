// Random delivery periods through the settlement that ships, each checked (settlement 6): the full
// count. Prints the seed and the period of the first fault, with its input.
// Run: node dist/bench/settlements.js [--periods 1000000] [--seed N]
import { parseArgs } from 'node:util';
import { settlePeriod } from '../market/src/settle/period.js';
import { proofFault } from '../market/test/periodProof.js';
import { periodsOf } from '../market/test/periods.js';

const { values } = parseArgs({
  options: {
    periods: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
  },
});
const periods = Number(values.periods);
const seed = Number(values.seed);
const PROGRESS = 20_000;

const text = (value: unknown): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item));

const start = performance.now();
let at = 0;
let contracts = 0;
for (const { input, done } of periodsOf(seed)) {
  if (at >= periods) break;
  const period = settlePeriod(input);
  const fault = proofFault(input, period);
  if (fault !== undefined) {
    console.log(`\nseed ${seed}, period ${at}: ${fault}\n${text(input)}`);
    process.exit(1);
  }
  done(period);
  at++;
  contracts += input.contracts.length;
  if (at % PROGRESS === 0)
    process.stderr.write(`\r${at} of ${periods} periods, ${contracts} contracts`);
}
const seconds = (performance.now() - start) / 1000;
process.stderr.write('\n');
console.log(
  `seed ${seed}: ${at} periods, ${contracts} contracts, no fault, ${seconds.toFixed(1)} s ` +
    `(${Math.round(at / seconds)} periods a second)`,
);
