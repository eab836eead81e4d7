// `busbar market clear|compare|settle FILE`: the markets as pure functions on a file. Reads files
// and prints; every rule is in the market room.
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { MAX_MARKET_FILE_BYTES } from '../../../core/src/limits.js';
import { clearDocument } from '../../../market/src/file/clear.js';
import { compareDocument } from '../../../market/src/file/compare.js';
import { ordersOfCsv } from '../../../market/src/file/csv.js';
import { parseJson } from '../../../market/src/file/document.js';
import { settleDocument } from '../../../market/src/file/settle.js';
import { compareReport } from '../compareReport.js';
import { printJson } from '../print.js';
import { printClearing, printComparison, printSettlement } from '../printMarket.js';
import { readText } from '../read.js';
import { writeText } from '../write.js';

const CLEAR_HELP = `
Examples:
  $ busbar market clear examples/call/table1.json
  $ busbar market clear orders.csv --mechanism call --params params.json --json`;

const COMPARE_HELP = `
static, dynamic: no market, what is fed in is shared by coefficients (field sharing of the file).

Examples:
  $ busbar market compare examples/two-round/table1.json
  $ busbar market compare examples/two-round/table1.json --html compare.html
  $ busbar market compare orders.csv --params params.json --json`;

const SETTLE_HELP = `
Examples:
  $ busbar market settle examples/call/table3.json --round paper
  $ busbar market settle examples/call/table4.json --json
  $ busbar market settle examples/dpoa/tableA1A2.json --json`;

interface ClearOptions {
  readonly mechanism?: string | undefined;
  readonly params?: string | undefined;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const market = program.command('market').description('clear and settle a market offline');
  market
    .command('clear')
    .description('clear the orders of a file')
    .argument('<file>', 'JSON document, or CSV of orders')
    .option('--mechanism <name>', 'mechanism of a CSV of orders')
    .option('--params <file>', 'JSON object of parameters of a CSV of orders')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', CLEAR_HELP)
    .action(clear);
  market
    .command('compare')
    .description('clear the orders of a file by every mechanism, side by side')
    .argument('<file>', 'JSON document, or CSV of orders')
    .option('--params <file>', 'JSON object of parameters of a CSV of orders')
    .option('--html <file>', 'write plots and the table as one HTML file')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', COMPARE_HELP)
    .action(compare);
  market
    .command('settle')
    .description('settle the delivery period of a file, or a list of periods')
    .argument('<file>', 'JSON document, or a list of documents')
    .addOption(new Option('--round <how>', 'decimals of the papers').choices(['paper']))
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', SETTLE_HELP)
    .action(settle);
}

function clear(file: string, options: ClearOptions): void {
  const report = clearDocument(documentOf(file, options));
  if (options.json === true) printJson(report);
  else printClearing(report);
}

interface CompareOptions {
  readonly params?: string;
  readonly html?: string;
  readonly json?: boolean;
}

function compare(file: string, { params, html, json }: CompareOptions): void {
  const isCsv = extname(file).toLowerCase() === '.csv';
  if (!isCsv && params !== undefined)
    throw new ProtocolError('USAGE', '--params: only with a CSV of orders');
  const document = isCsv ? documentOf(file, { mechanism: 'call', params }) : readJson(file);
  const report = compareDocument(document);
  if (html !== undefined) writeText(html, compareReport(report, file));
  if (json === true) printJson(report);
  else printComparison(report);
}

interface SettleOptions {
  readonly round?: 'paper';
  readonly json?: boolean;
}

function settle(file: string, { round, json }: SettleOptions): void {
  const report = settleDocument(readJson(file), round ?? 'exact');
  if (json === true) printJson(report);
  else for (const period of [report].flat()) printSettlement(period);
}

const readJson = (file: string): unknown => parseJson(readText(file, MAX_MARKET_FILE_BYTES), file);

/** The JSON document of a file, or the one that a CSV of orders and its options amount to. */
function documentOf(file: string, { mechanism, params }: ClearOptions): unknown {
  const isCsv = extname(file).toLowerCase() === '.csv' || mechanism !== undefined;
  if (!isCsv && params === undefined) return readJson(file);
  if (mechanism === undefined)
    throw new ProtocolError('USAGE', 'a CSV of orders wants --mechanism and --params');
  return {
    mechanism,
    params: params === undefined ? {} : readJson(params),
    orders: ordersOfCsv(readText(file, MAX_MARKET_FILE_BYTES)),
  };
}
