// `busbar conformance FILE`: a vector file through the code that ships, so that other
// implementations and auditors can check ours, and we theirs. The forms: conformance/run.ts.
import type { Command } from 'commander';
import { MAX_MARKET_FILE_BYTES } from '../../../core/src/limits.js';
import { parseJson } from '../../../market/src/file/document.js';
import { type Report, runConformance } from '../conformance/run.js';
import { printJson, printLine, printTable } from '../print.js';
import { readText } from '../read.js';

const HELP = `
Forms in this version: light, draws, call, credit, two-round, reputation.

Examples:
  $ busbar conformance test/vectors/light/light.json
  $ busbar conformance test/vectors/call/call.json --json
  $ busbar conformance test/vectors/two-round/two-round.json
  $ busbar conformance test/vectors/dpoa/dpoa-credit.json`;

export function register(program: Command): void {
  program
    .command('conformance')
    .description('run a vector file through this program')
    .argument('<file>', 'JSON vectors')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', HELP)
    .action(conformance);
}

function conformance(file: string, { json }: { readonly json?: boolean }): void {
  const report = runConformance(parseJson(readText(file, MAX_MARKET_FILE_BYTES), file));
  if (json === true) printJson(report);
  else printReport(report);
  if (report.failed.length > 0) process.exitCode = 1;
}

function printReport({ passed, failed, misprints = [] }: Report): void {
  printTable('Failed', failed, [
    { title: 'case', of: (row) => row.case },
    { title: 'want', of: (row) => row.want },
    { title: 'got', of: (row) => row.got },
  ]);
  printTable('Misprints of the paper', misprints, [
    { title: 'cell', of: (row) => row.cell },
    { title: 'printed', of: (row) => row.printed },
    { title: 'consistent', of: (row) => row.consistent },
    { title: 'computed', of: (row) => row.computed },
  ]);
  printLine(`${passed} passed, ${failed.length} failed`);
}
