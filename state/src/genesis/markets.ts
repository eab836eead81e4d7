// A market in the genesis file (parameters 3 and 4), read by the table of core/src/markets.ts. What
// is not named there, or has no meaning in its mechanism, is refused by name, never ignored.
import {
  CHAIN_MECHANISMS,
  DEFAULT_PERIOD_MS,
  defaultOf,
  hasParam,
  MARKET_PARAMS,
  type MarketConfig,
  type MarketParams,
  type Mechanism,
  OFFSETS,
  type Param,
  PARAM_NAMES,
  type ParamName,
} from '../../../core/src/markets.js';
import { MAX_MARKETS } from '../../../core/src/limits.js';
import { parseDecimal } from '../../../core/src/decimal.js';
import { checkAuctionWork, readEdges } from './edges.js';
import { Fields } from './fields.js';

const PPM_DECIMALS = 6;
const ENERGY_DECIMALS = 3;
/** Parameters that files have and a chain cannot vary. */
const FIXED: Readonly<Record<string, string>> = { commitment: 'chain', amountBasis: 'exact' };
/** Parameters of a later version. */
const LATER_PARAMS = ['subsidy'] as const;

export function readMarket(value: unknown, path: string, priceDecimals: number): MarketConfig {
  const f = new Fields(value, path, [
    'id',
    'mechanism',
    'periodMs',
    'offsets',
    'params',
    'modules',
  ]);
  const mechanism = mechanismOf(f);
  const names = PARAM_NAMES.map((name) => MARKET_PARAMS[name] as Param);
  const tops = (module: boolean): readonly string[] =>
    names.filter((p) => (p.module ?? false) === module).map((p) => topOf(p.file));
  const given = f.object_('params', [...tops(false), ...Object.keys(FIXED), ...LATER_PARAMS]);
  const modules = f.object_('modules', tops(true));
  for (const [name, word] of Object.entries(FIXED))
    if (given.text(name, word) !== word) given.refuse(name, `only "${word}" on a chain`);
  for (const name of LATER_PARAMS)
    if (given.has(name) && given.raw(name) !== false) given.refuse(name, 'not in this version');
  const params = readParams({ given, modules, mechanism, priceDecimals });
  checkAuctionWork(given, params);
  return {
    id: f.text('id'),
    mechanism,
    periodMs: BigInt(f.integer('periodMs', DEFAULT_PERIOD_MS[mechanism])),
    offsets: readOffsets(f, mechanism),
    params,
  };
}

function mechanismOf(f: Fields): Mechanism {
  const name = f.text('mechanism');
  const known = CHAIN_MECHANISMS.find((mechanism) => mechanism === name);
  return known ?? f.refuse('mechanism', `${name} is not in this version`);
}

function readOffsets(f: Fields, mechanism: Mechanism): readonly bigint[] {
  const offsets = OFFSETS[mechanism];
  const given = f.object_(
    'offsets',
    offsets.map(({ name }) => name),
  );
  return offsets.map(({ name, default: def }) =>
    BigInt(def < 0 ? given.whole(name, def) : given.integer(name, def)),
  );
}

const topOf = (file: string): string => file.split('.')[0] as string;

interface Source {
  readonly given: Fields;
  readonly modules: Fields;
  readonly mechanism: Mechanism;
  readonly priceDecimals: number;
}

function readParams(source: Source): MarketParams {
  const parts = new Map<string, Fields>();
  const values = PARAM_NAMES.map((name) => [name, readParam(source, name, parts)]);
  return Object.fromEntries(values) as unknown as MarketParams;
}

/** Fields of an object among the parameters ("wheeling"), with every name that it may have. */
function partOf(given: Fields, top: string, parts: Map<string, Fields>): Fields {
  const known = PARAM_NAMES.map((name) => MARKET_PARAMS[name].file)
    .filter((file) => topOf(file) === top)
    .map((file) => file.split('.')[1] as string);
  const part = parts.get(top) ?? given.object_(top, known);
  parts.set(top, part);
  return part;
}

function readParam(source: Source, name: ParamName, parts: Map<string, Fields>): unknown {
  const { given, modules, mechanism, priceDecimals } = source;
  const param = MARKET_PARAMS[name] as Param;
  const [top, inner] = param.file.split('.') as [string, string | undefined];
  const whole = param.module ? modules : given;
  const f = inner === undefined ? whole : partOf(whole, top, parts);
  const key = inner ?? top;
  const def = defaultOf(mechanism, name);
  if (!f.has(key) && def !== undefined) return def;
  if (!hasParam(mechanism, name))
    return f.refuse(key, `has no meaning in a market of ${mechanism}`);
  switch (param.kind) {
    case 'flag':
      return f.flag(key, false);
    case 'word':
      return f.text(key);
    case 'count':
      return f.integer(key);
    case 'ms':
      return BigInt(f.integer(key));
    case 'ratio':
      return name === 'coefficientFloorPpm' ? readFloor(f) : f.decimal(key, PPM_DECIMALS);
    case 'price':
      return f.decimal(key, priceDecimals);
    case 'money':
      return f.decimal(key, priceDecimals + ENERGY_DECIMALS);
    case 'energy':
      return f.decimal(key, ENERGY_DECIMALS);
    case 'edges':
      return readEdges(f, key);
    case 'names':
      return readNames(f, key);
  }
}

/** Ids of markets; whether they exist, checkBeside says. */
function readNames(f: Fields, key: string): readonly string[] {
  const names = f.list(key, MAX_MARKETS).map(({ value }) => value);
  const isName = (value: unknown): value is string =>
    typeof value === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(value);
  if (!names.every(isName) || new Set(names).size !== names.length)
    return f.refuse(key, 'different ids of markets are wanted');
  return names;
}

/**
 * Least k in ppm, -1 by default (market-call A4). "null" is for files only: without a floor one
 * wrong declaration could cost more than a household owns.
 */
function readFloor(f: Fields): bigint {
  const text = f.text('coefficientFloor', '-1');
  if (!/^(-[1-9][0-9]{0,5}|0)$/.test(text))
    f.refuse('coefficientFloor', 'a whole number from -999999 to 0');
  return parseDecimal(text, { field: 'coefficientFloor', decimals: PPM_DECIMALS, signed: true });
}
