// Plausible homes on a summer day, from a seed: a base load, peaks in the morning and the evening,
// now and then an appliance, and on about three homes of five a roof with PV under passing clouds.
// Invented, not measured: for trying the product without anybody's data.
import { bell, between, chance } from './draw.js';
import { meterHome, type Profiles, type RawHome, RAW_DECIMALS } from './profiles.js';

export interface GenerateOptions {
  readonly seed: number;
  readonly homes: number;
  readonly days: number;
}

export const PERIODS_PER_DAY = 96;
/** From 6 in the morning of 21 June 2026, the longest day: the first roofs have something over. */
export const GENERATED_START_MS = Date.UTC(2026, 5, 21, 6);
const FIRST_HOUR = 6;
const HOURS = 24 / PERIODS_PER_DAY;

/** Hour of the day in the middle of a period. */
const hourOf = (period: number): number => (FIRST_HOUR + (period + 0.5) * HOURS) % 24;

/** Net energy below this is levelled to nothing, so that each surplus is an order that counts. */
const LEAST_NET_WH = 10;
const PV_SHARE = 0.6;
const SUNRISE_H = 5;
const SUNSET_H = 21;

interface Home {
  readonly name: string;
  readonly baseW: number;
  readonly morning: Peak;
  readonly noonW: number;
  readonly evening: Peak;
  /** Peak power of the roof, W; 0: none. */
  readonly roofW: number;
  /** Later for a roof to the west, hours. */
  readonly shiftH: number;
}
interface Peak {
  readonly hour: number;
  readonly widthH: number;
  readonly powerW: number;
}

export function generateProfiles({ seed, homes, days }: GenerateOptions): Profiles {
  const clouds = cloudsOf(seed, days);
  return {
    source: `generated, seed ${seed}`,
    startMs: GENERATED_START_MS,
    periods: days * PERIODS_PER_DAY,
    homes: Array.from({ length: homes }, (_, i) =>
      meterHome(rawOf(homeOf(seed, i), { seed, days, clouds })),
    ),
  };
}

function homeOf(seed: number, index: number): Home {
  const name = `H${String(index + 1).padStart(2, '0')}`;
  const draw = (what: string, low: number, high: number): number =>
    between(low, high, chance(seed, name, what));
  // Spread by index, so that few homes are no accident: 3 of 5, 12 of 20.
  const hasPv = Math.floor((index + 1) * PV_SHARE) > Math.floor(index * PV_SHARE);
  return {
    name,
    baseW: draw('base', 120, 320),
    morning: {
      hour: draw('morning', 6, 8.5),
      widthH: draw('morning width', 0.5, 1.1),
      powerW: draw('morning power', 400, 1300),
    },
    noonW: chance(seed, name, 'at home') < 0.4 ? draw('noon', 200, 700) : 0,
    evening: {
      hour: draw('evening', 18, 21),
      widthH: draw('evening width', 1, 2.2),
      powerW: draw('evening power', 800, 2300),
    },
    roofW: hasPv ? draw('roof', 3000, 8000) : 0,
    shiftH: draw('shift', -1, 1),
  };
}

/** Part of the clear sky's light per period, the same for the neighbourhood. */
function cloudsOf(seed: number, days: number): readonly number[] {
  let cover = 0;
  return Array.from({ length: days * PERIODS_PER_DAY }, (_, i) => {
    cover = 0.85 * cover + 0.35 * bell(seed, 'cloud', i);
    return Math.max(0.2, Math.min(1, 0.95 - Math.max(0, cover) * 0.4));
  });
}

const peakW = ({ hour, widthH, powerW }: Peak, at: number): number =>
  powerW * Math.exp(-(((at - hour) / widthH) ** 2) / 2);

function loadW(home: Home, hour: number): number {
  const noonW = hour > 9 && hour < 17 ? home.noonW : 0;
  return home.baseW + noonW + peakW(home.morning, hour) + peakW(home.evening, hour);
}

function roofW(home: Home, hour: number): number {
  const sun = (hour - home.shiftH - SUNRISE_H) / (SUNSET_H - SUNRISE_H);
  return sun <= 0 || sun >= 1 ? 0 : home.roofW * Math.sin(Math.PI * sun) ** 1.6 * 0.85;
}

interface Weather {
  readonly seed: number;
  readonly days: number;
  readonly clouds: readonly number[];
}

/** An appliance runs for an hour or less: 1 to 2 kW. */
function applianceW(seed: number, home: Home, i: number): number {
  for (let back = 0; back < 4; back++) {
    const start = i - back;
    if (start < 0 || chance(seed, home.name, 'appliance', start) > 0.03) continue;
    const lasts = 1 + Math.floor(4 * chance(seed, home.name, 'lasts', start));
    const hour = hourOf(start);
    if (back < lasts && hour > 7)
      return between(1000, 2000, chance(seed, home.name, 'power', start));
  }
  return 0;
}

/** Whole Wh, written in the raw unit. */
const rawWh = (wh: number): bigint => BigInt(wh) * 10n ** BigInt(RAW_DECIMALS - 3);

function rawOf(home: Home, { seed, days, clouds }: Weather): RawHome {
  const load: bigint[] = [];
  const pv: bigint[] = [];
  for (let i = 0; i < days * PERIODS_PER_DAY; i++) {
    const hour = hourOf(i);
    const noise = 1 + 0.12 * bell(seed, home.name, 'load', i);
    const watts = loadW(home, hour) * Math.max(0.4, noise) + applianceW(seed, home, i);
    const flicker = 1 + 0.04 * bell(seed, home.name, 'sun', i);
    const sun = Math.round(roofW(home, hour) * (clouds[i] ?? 1) * flicker * HOURS);
    const used = Math.round(watts * HOURS);
    load.push(rawWh(Math.abs(used - sun) < LEAST_NET_WH ? sun : used));
    pv.push(rawWh(sun));
  }
  return { name: home.name, load, pv };
}
