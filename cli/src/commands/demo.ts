// `busbar demo`: a whole community on this machine for a day of accelerated time: six processes,
// household agents, and a summary with a report in the end.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { pickFile, readProfiles } from '../demo/csv.js';
import { generateProfiles } from '../demo/generate.js';
import { shortestPhaseMs } from '../demo/measure.js';
import { type Prepared, prepareNetwork } from '../demo/prepare.js';
import { printSummary, summaryDocument } from '../demo/printSummary.js';
import { PROFILE_MS, type Profiles, resample } from '../demo/profiles.js';
import { Progress } from '../demo/progress.js';
import { reportOf } from '../demo/report.js';
import { runDemo } from '../demo/run.js';
import { networkPaths, readJson } from '../network/files.js';
import { leadMsOf, mechanismOf, periodMsOf } from '../network/genesis.js';
import {
  DEFAULT_HOMES,
  DEFAULT_VALIDATORS,
  findNetwork,
  type LocalOptions,
  makeNetwork,
  rateOf,
  wholeOption,
} from '../network/local.js';
import { type Network, type RunningNetwork, runNetwork } from '../network/network.js';
import { untilSignal } from '../network/signals.js';
import { printJson, ReportedFailure } from '../print.js';

const EXAMPLES = `
Without --dir the demo starts afresh in demo-data; with --dir it goes on from there.
Without --data the homes are invented (--seed); with it they come from CSV files with the header
ts,household,load_kwh,pv_kwh.

A period is 15 minutes; with --market neighbourhood 5 minutes (288 a day), reputation an hour (24).

Examples:
  $ busbar demo
  $ busbar demo --market two-round --from 45 --periods 3
  $ busbar demo --market reputation --from 12 --periods 1
  $ busbar demo --market bilateral --from 45 --periods 3
  $ busbar demo --data profiles/ --season summer --day 2 --forecast-error 0 --json`;

interface Options {
  readonly dir?: string;
  readonly data?: string;
  readonly season?: string;
  readonly day: number;
  readonly from: number;
  readonly periods?: number;
  readonly homes?: number;
  readonly rate?: number;
  readonly market?: string;
  readonly validators?: number;
  readonly seed: number;
  readonly forecastError: number;
  readonly retail: string;
  readonly feedIn: string;
  readonly restart: boolean;
  readonly json?: boolean;
}

const READY_MS = 60_000;
/** What a meter can count; so that what homes have over is never too little to be offered. */
const MIN_ORDER_KWH = '0.001';
const DEFAULT_DIR = 'demo-data';

export function register(program: Command): void {
  program
    .command('demo')
    .description('run a whole community on this machine, for a day of accelerated time')
    .option('--dir <dir>', 'where the network lives, to go on from there')
    .option('--data <dir>', 'profiles from the CSV files of a directory, or from one file')
    .option('--season <name>', 'only files with this in their name')
    .option(
      '--day <n>',
      'day of the file, from 1',
      wholeOption('--day', { min: 1, max: 10_000 }),
      1,
    )
    .option(
      '--from <n>',
      'first delivery period of the day, from 1',
      wholeOption('--from', { min: 1, max: 288 }),
      1,
    )
    .option(
      '--periods <n>',
      'so many periods of the day (all that follow)',
      wholeOption('--periods', { min: 1, max: 288 }),
    )
    .option(
      '--homes <n>',
      'homes (20, or all of the file)',
      wholeOption('--homes', { min: 2, max: 1000 }),
    )
    .option(
      '--rate <n>',
      'chain time runs so much faster (by the market: 360, 120 or 30)',
      wholeOption('--rate', { min: 1, max: 100_000 }),
    )
    .option('--market <mechanism>', 'mechanism of the market: any of a chain (call)')
    .option(
      '--validators <n>',
      'beside centre and standby (4)',
      wholeOption('--validators', { min: 1, max: 60 }),
    )
    .option(
      '--seed <n>',
      'of invented homes, forecasts and prices',
      wholeOption('--seed', { min: 0, max: 999_999_999 }),
      1,
    )
    .option('--forecast-error <part>', 'largest error of a forecast, 0 to 0.5', errorOption, 0.05)
    .option('--retail <price>', 'what the grid charges per kWh', '0.30')
    .option('--feed-in <price>', 'what the grid pays per kWh', '0.08')
    .option('--no-restart', 'a process that dies stays dead')
    .option('--json', 'the summary as one JSON document on stdout')
    .addHelpText('after', EXAMPLES)
    .action(demo);
}

function errorOption(text: string): number {
  const value = Number(text);
  if (/^0(\.[0-9]{1,6})?$/.test(text) && value <= 0.5) return value;
  throw new ProtocolError('USAGE', '--forecast-error: a number from 0 to 0.5');
}

async function demo(options: Options): Promise<void> {
  const progress = new Progress(process.stderr);
  const stop = new AbortController();
  void untilSignal().then((signal) => {
    progress.say(`${signal}: stopping`);
    stop.abort();
  });
  const profiles = await profilesOf(options);
  const dir = dirOf(options);
  progress.say(`${profiles.homes.length} homes, ${profiles.source}; files in ${dir}`);
  const prepared = await bringUp({ dir, options, profiles, progress, stop: stop.signal });
  try {
    if (!stop.signal.aborted)
      await day(prepared, { dir, options, profiles, progress, stop: stop.signal });
  } finally {
    await prepared.running.stop();
  }
}

interface Setting {
  readonly dir: string;
  readonly options: Options;
  readonly profiles: Profiles;
  readonly progress: Progress;
  readonly stop: AbortSignal;
}

/** A network that is found goes on as it is; a new one is fitted to the machine. */
async function bringUp({ dir, options, profiles, progress, stop }: Setting): Promise<Prepared> {
  const { market, rate, validators, restart } = options;
  const homes = profiles.homes.length;
  const wanted: LocalOptions = { kind: 'demo', market, rate, validators, homes };
  const say = (text: string): void => progress.say(text);
  const run = (network: Network): Promise<RunningNetwork> =>
    runNetwork(network, { restart, logLevel: 'info', note: say, readyMs: READY_MS });
  const found = findDay(dir, wanted, profiles);
  if (found !== undefined) {
    const running = await run(found);
    try {
      await Promise.race([running.ready, aborted(stop)]);
      return { running, finalityMs: undefined };
    } catch (error) {
      await running.stop();
      throw error;
    }
  }
  return prepareNetwork({
    processes: (validators ?? DEFAULT_VALIDATORS) + 2,
    phaseMs: shortestPhaseMs(mechanismOf(market)),
    rate: rateOf(wanted),
    mayLower: rate === undefined,
    make: (clock) => makeNetwork(dir, wanted, { ...genesisFor(options, profiles), ...clock }),
    run,
    say,
    stop,
  });
}

/** The day itself, its summary and its report. Throws CHECK_FAILED. */
async function day({ running, finalityMs }: Prepared, setting: Setting): Promise<void> {
  const { dir, options, profiles, progress, stop } = setting;
  const { network, endpoints } = running;
  const { seed, forecastError } = options;
  const summary = await runDemo({
    network,
    endpoints,
    profiles,
    seed,
    forecastError,
    finalityMs,
    progress,
    stop,
  });
  if (summary === undefined) return;
  const report = join(dir, 'report.html');
  writeFileSync(report, reportOf(summary));
  if (options.json === true) printJson(summaryDocument(summary, report));
  else printSummary(summary, report);
  const failed = summary.checks.find(({ ok }) => !ok);
  if (failed !== undefined)
    throw new ReportedFailure('CHECK_FAILED', `${failed.name}: ${failed.detail}`);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

async function profilesOf(options: Options): Promise<Profiles> {
  const periodMs = periodMsOf(options.market);
  const day = resample(await dayOf(options), periodMs);
  const { from, periods = day.periods - (from - 1) } = options;
  if (from + periods - 1 > day.periods)
    throw new ProtocolError('USAGE', `--from, --periods: the day has ${day.periods} periods`);
  return from === 1 && periods === day.periods
    ? day
    : cutOf(day, { from: from - 1, periods, periodMs });
}

async function dayOf({ data, season, day, homes, seed }: Options): Promise<Profiles> {
  if (data !== undefined) return readProfiles(await pickFile(data, season), { day, homes });
  const all = generateProfiles({ seed, homes: homes ?? DEFAULT_HOMES, days: day });
  const periods = all.periods / day;
  return cutOf(all, { from: (day - 1) * periods, periods, periodMs: PROFILE_MS });
}

/** Some periods of the profiles, from one (0: the first) on. */
function cutOf(
  profiles: Profiles,
  {
    from,
    periods,
    periodMs,
  }: { readonly from: number; readonly periods: number; readonly periodMs: number },
): Profiles {
  const cut = (values: readonly bigint[]): readonly bigint[] => values.slice(from, from + periods);
  return {
    ...profiles,
    periods,
    startMs: profiles.startMs + from * periodMs,
    homes: profiles.homes.map((home) => ({
      ...home,
      loadWh: cut(home.loadWh),
      pvWh: cut(home.pvWh),
      importWh: cut(home.importWh),
      exportWh: cut(home.exportWh),
    })),
  };
}

/** The directory; without --dir that of the last demo is emptied, and only that. */
function dirOf({ dir }: Options): string {
  if (dir !== undefined) return resolve(dir);
  const fresh = resolve(DEFAULT_DIR);
  if (!existsSync(fresh)) return fresh;
  const plan = readJson(networkPaths(fresh).plan) as { kind?: string } | undefined;
  if (plan?.kind !== 'demo')
    throw new ProtocolError('CONFIG', `${fresh} is not of a demo; name another with --dir`);
  rmSync(fresh, { recursive: true });
  return fresh;
}

/** The network that the directory holds, of the same day. */
function findDay(dir: string, wanted: LocalOptions, { startMs }: Profiles): Network | undefined {
  const found = findNetwork(dir, wanted);
  if (
    found !== undefined &&
    Number(found.genesis.chainStartMs) !== startMs - leadMsOf(wanted.market)
  )
    throw new ProtocolError('CONFIG', `${dir} was made for another day`);
  return found;
}

const genesisFor = ({ retail, feedIn, market }: Options, { homes, startMs }: Profiles) => ({
  names: homes.map(({ name }) => name),
  green: (i: number) => homes[i]?.hasPv === true || i % 2 === 0,
  retail,
  feedIn,
  currency: 'EUR',
  minOrder: MIN_ORDER_KWH,
  // Orders for the first delivery are taken before it.
  chainStartMs: startMs - leadMsOf(market),
});
