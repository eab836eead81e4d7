// Profiles from CSV files as citylearn-2022 and gsy-rebase-20 have them: header
// ts,household,load_kwh,pv_kwh, a row per household and 15 minutes, `ts` the start of the interval
// (taken as UTC: chain time is the data's own). Read as a stream; only one day is kept.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseDecimal } from '../../../core/src/decimal.js';
import { ProtocolError } from '../../../core/src/errors.js';
import { PERIODS_PER_DAY } from './generate.js';
import { meterHome, type Profiles, RAW_DECIMALS } from './profiles.js';

const HEADER = 'ts,household,load_kwh,pv_kwh';
const STEP_MS = 900_000;
const DAY_MS = 86_400_000;
const MAX_HOUSEHOLDS = 1000;
const TS = '([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})';
const ROW = new RegExp(`^${TS},([\\x21-\\x2b\\x2d-\\x7e]{1,32}),([^,]*),([^,]*)$`);

interface Row {
  readonly line: number;
  readonly ms: number;
  readonly household: string;
  readonly load: string;
  readonly pv: string;
}

function refuse(file: string, line: number, why: string): never {
  throw new ProtocolError('FILE_FORMAT', `${file}:${line}: ${why}`, { file, line });
}

/** Rows one after another; nothing where the header is not that of a file of profiles. */
async function* rowsOf(file: string): AsyncGenerator<Row> {
  const input = createReadStream(file, { encoding: 'utf8' });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  try {
    for await (const text of lines) {
      line++;
      if (line === 1) {
        if (text.replace(/^\ufeff/, '') !== HEADER) return;
      } else if (text !== '') yield rowOf(file, line, text);
    }
  } finally {
    lines.close();
    input.destroy();
  }
}

function rowOf(file: string, line: number, text: string): Row {
  const [, ts, household, load, pv] = ROW.exec(text) ?? refuse(file, line, 'four columns wanted');
  const ms = Date.parse(`${String(ts).replace(' ', 'T')}Z`);
  if (Number.isNaN(ms)) refuse(file, line, 'ts is no date');
  return { line, ms, household: String(household), load: String(load), pv: String(pv) };
}

/** Rows per household, or undefined where it is not a file of 15-minute profiles. */
async function quarterHours(file: string): Promise<number | undefined> {
  let first: Row | undefined;
  let step: number | undefined;
  let rows = 0;
  for await (const row of rowsOf(file)) {
    first ??= row;
    if (row.household !== first.household) continue;
    rows++;
    step ??= row === first ? undefined : row.ms - first.ms;
    if (step !== undefined && step !== STEP_MS) return undefined;
  }
  return step === undefined ? undefined : rows;
}

function listCsv(path: string): string[] {
  try {
    if (statSync(path).isFile()) return [path];
    const names = readdirSync(path).filter((name) => name.toLowerCase().endsWith('.csv'));
    return names.sort().map((name) => join(path, name));
  } catch {
    throw new ProtocolError('NOT_FOUND', `--data: ${path} cannot be read`, { path });
  }
}

/**
 * The shortest file of a directory with rows every 15 minutes and the season, if one is wanted, in
 * its name; of equally long ones the first by name. Throws NOT_FOUND.
 */
export async function pickFile(path: string, season: string | undefined): Promise<string> {
  let best: { file: string; rows: number } | undefined;
  for (const file of listCsv(path)) {
    if (season !== undefined && !basename(file).includes(season)) continue;
    const rows = await quarterHours(file);
    if (rows !== undefined && (best === undefined || rows < best.rows)) best = { file, rows };
  }
  if (best !== undefined) return best.file;
  const of = season === undefined ? '' : ` of season ${season}`;
  throw new ProtocolError('NOT_FOUND', `${path}: no CSV${of} with rows every 15 minutes`, { path });
}

export interface ReadOptions {
  /** Counts from 1. */
  readonly day: number;
  /** The first so many households; undefined: all. */
  readonly homes?: number | undefined;
}

interface Household {
  readonly load: (bigint | undefined)[];
  readonly pv: (bigint | undefined)[];
}

/** One day of a file. Throws FILE_FORMAT with the line, or NOT_FOUND for a day it does not have. */
export async function readProfiles(file: string, options: ReadOptions): Promise<Profiles> {
  const households = new Map<string, Household>();
  let startMs: number | undefined;
  for await (const row of rowsOf(file)) {
    startMs ??= Math.floor(row.ms / DAY_MS) * DAY_MS + (options.day - 1) * DAY_MS;
    const at = (row.ms - startMs) / STEP_MS;
    if (!Number.isInteger(at)) refuse(file, row.line, 'not on a quarter of an hour');
    if (at < 0 || at >= PERIODS_PER_DAY) continue;
    keep(file, households, { row, at });
  }
  if (startMs === undefined) return refuse(file, 1, `the header ${HEADER} and rows are wanted`);
  if (households.size === 0)
    throw new ProtocolError('NOT_FOUND', `${file}: has no day ${options.day}`, { file });
  const names = [...households.keys()].slice(0, options.homes);
  if (names.length < (options.homes ?? 0))
    throw new ProtocolError('NOT_FOUND', `${file}: has ${names.length} households`, { file });
  return {
    source: `${basename(file)}, day ${options.day}`,
    startMs,
    periods: PERIODS_PER_DAY,
    homes: names.map((name) => meterHome({ name, ...whole(file, name, households.get(name)) })),
  };
}

function keep(
  file: string,
  households: Map<string, Household>,
  { row, at }: { row: Row; at: number },
): void {
  const known = households.get(row.household);
  if (known === undefined && households.size >= MAX_HOUSEHOLDS)
    refuse(file, row.line, `more than ${MAX_HOUSEHOLDS} households`);
  const home = known ?? { load: [], pv: [] };
  if (known === undefined) households.set(row.household, home);
  if (home.load[at] !== undefined) refuse(file, row.line, 'the household has this time twice');
  const grammar = { decimals: RAW_DECIMALS };
  home.load[at] = parseDecimal(row.load, { field: `${file}:${row.line}: load_kwh`, ...grammar });
  home.pv[at] = parseDecimal(row.pv, { field: `${file}:${row.line}: pv_kwh`, ...grammar });
}

function whole(file: string, name: string, home: Household | undefined) {
  const fill = (values: (bigint | undefined)[] = []): bigint[] =>
    Array.from({ length: PERIODS_PER_DAY }, (_, at) => {
      const value = values[at];
      if (value !== undefined) return value;
      throw new ProtocolError('FILE_FORMAT', `${file}: ${name} lacks row ${at + 1} of the day`);
    });
  return { load: fill(home?.load), pv: fill(home?.pv) };
}
