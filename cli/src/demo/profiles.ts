// What homes use and generate, period by period, and what their meters count. A home has one
// netting meter: per period either its import or its export register moves. Energies are whole Wh;
// parts of a Wh are carried on by differences of the rounded cumulative sum, half up
// (meters-and-grid "Meters").

export interface HomeProfile {
  readonly name: string;
  readonly hasPv: boolean;
  /** Wh per period. */
  readonly loadWh: readonly bigint[];
  readonly pvWh: readonly bigint[];
  readonly importWh: readonly bigint[];
  readonly exportWh: readonly bigint[];
}

export interface Profiles {
  /** Where they come from, for people. */
  readonly source: string;
  /** Start of the first period, chain ms. */
  readonly startMs: number;
  readonly periods: number;
  readonly homes: readonly HomeProfile[];
}

/** Load and generation of a home per period, in 10^-9 kWh. */
export interface RawHome {
  readonly name: string;
  readonly load: readonly bigint[];
  readonly pv: readonly bigint[];
}

/** Decimals of kWh in which raw energies are counted. */
export const RAW_DECIMALS = 9;
const RAW_PER_WH = 10n ** BigInt(RAW_DECIMALS - 3);

/** Whole Wh as differences of the rounded cumulative sum, half up. */
export function wholeWh(raw: readonly bigint[]): bigint[] {
  let sum = 0n;
  let counted = 0n;
  return raw.map((value) => {
    sum += value;
    const register = (sum + RAW_PER_WH / 2n) / RAW_PER_WH;
    const wh = register - counted;
    counted = register;
    return wh;
  });
}

const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** Nets load and generation per period, then counts as a meter does. */
export function meterHome({ name, load, pv }: RawHome): HomeProfile {
  const at = (values: readonly bigint[], i: number): bigint => values[i] ?? 0n;
  return {
    name,
    hasPv: pv.some((value) => value > 0n),
    loadWh: wholeWh(load),
    pvWh: wholeWh(pv),
    importWh: wholeWh(load.map((value, i) => above(value, at(pv, i)))),
    exportWh: wholeWh(load.map((value, i) => above(at(pv, i), value))),
  };
}

/** Length of a period of all profiles, ms. */
export const PROFILE_MS = 900_000;

/** The same energies in periods of another length: parts, or sums of whole periods. */
export function resample(profiles: Profiles, periodMs: number): Profiles {
  if (periodMs === PROFILE_MS) return profiles;
  const parts = PROFILE_MS / periodMs;
  const whole = periodMs / PROFILE_MS;
  const fit = (values: readonly bigint[]): readonly bigint[] =>
    parts > 1 ? values.flatMap((wh) => splitOf(wh, parts)) : joined(values, whole);
  return {
    ...profiles,
    periods: Math.floor((profiles.periods * PROFILE_MS) / periodMs),
    homes: profiles.homes.map((home) => ({
      ...home,
      loadWh: fit(home.loadWh),
      pvWh: fit(home.pvWh),
      importWh: fit(home.importWh),
      exportWh: fit(home.exportWh),
    })),
  };
}

/** Whole parts whose sum is the energy, by cumulative floors. */
function splitOf(wh: bigint, parts: number): readonly bigint[] {
  const upTo = (i: number): bigint => (wh * BigInt(i)) / BigInt(parts);
  return Array.from({ length: parts }, (_, i) => upTo(i + 1) - upTo(i));
}

/** A home may then both use and give in one period: its meter has two registers. */
function joined(values: readonly bigint[], count: number): readonly bigint[] {
  const sums: bigint[] = [];
  for (let i = 0; i + count <= values.length; i += count)
    sums.push(sumOf(values.slice(i, i + count)));
  return sums;
}

/** Running sums: what the register shows at the end of each period, starting from 0. */
export function registersOf(wh: readonly bigint[]): bigint[] {
  let sum = 0n;
  return wh.map((value) => {
    sum += value;
    return sum;
  });
}

export const sumOf = (values: readonly bigint[]): bigint =>
  values.reduce((sum, value) => sum + value, 0n);

export interface Balance {
  readonly surplusWh: bigint;
  readonly deficitWh: bigint;
  /** The most that neighbours can sell each other: min of the two. */
  readonly boundWh: bigint;
}

/** What all homes together have to give and to take in a period. */
export function balanceOf({ homes }: Profiles, period: number): Balance {
  const surplusWh = sumOf(homes.map((home) => home.exportWh[period] ?? 0n));
  const deficitWh = sumOf(homes.map((home) => home.importWh[period] ?? 0n));
  return { surplusWh, deficitWh, boundWh: surplusWh < deficitWh ? surplusWh : deficitWh };
}

/** Part of the load that needs no grid, in percent: of each home alone, and of all as one. */
export function selfSufficiency(profiles: Profiles): {
  readonly homes: readonly number[];
  readonly alone: number;
  readonly community: number;
} {
  const share = (grid: bigint, load: bigint): number =>
    load === 0n ? 100 : Number(((load - grid) * 10_000n) / load) / 100;
  const { homes, periods } = profiles;
  const loadWh = sumOf(homes.map((home) => sumOf(home.loadWh)));
  const importWh = sumOf(homes.map((home) => sumOf(home.importWh)));
  let shared = 0n;
  for (let i = 0; i < periods; i++) shared += balanceOf(profiles, i).boundWh;
  return {
    homes: homes.map((home) => share(sumOf(home.importWh), sumOf(home.loadWh))),
    alone: share(importWh, loadWh),
    community: share(importWh - shared, loadWh),
  };
}
