// A market in the genesis file, with the defaults of parameters 3 and 4. What this
// version does not run is refused by name, never ignored.
import type { MarketConfig } from '../../../core/src/params.js';
import { Fields } from './fields.js';

const PARAMS = [
  'tick',
  'feedIn',
  'retail',
  'bounds',
  'maxOrders',
  'minOrder',
  'commitment',
  'payment',
  'allocation',
  'rewardFactor',
  'greenFactor',
  'coefficientFloor',
  'amountBasis',
  'readingDeadlineMs',
  'correctionDays',
  'creditOnly',
] as const;
const MODULES = [
  'balancing',
  'reward',
  'credit',
  'penalty',
  'fees',
  'wheelingOn',
  'certificates',
  'points',
  'security',
] as const;
/** Modules that settlement 4.3 allows but that a later version brings. */
const LATER = [
  'credit',
  'penalty',
  'fees',
  'wheelingOn',
  'certificates',
  'points',
  'security',
] as const;

const PPM_DECIMALS = 6;

export function readMarket(value: unknown, path: string, priceDecimals: number): MarketConfig {
  const f = new Fields(value, path, [
    'id',
    'mechanism',
    'periodMs',
    'offsets',
    'params',
    'modules',
  ]);
  const mechanism = f.text('mechanism');
  if (mechanism !== 'call') f.refuse('mechanism', `${mechanism} is not in this version`);
  const offsets = f.object_('offsets', ['close', 'clear', 'pay']);
  const p = f.object_('params', PARAMS);
  const modules = f.object_('modules', MODULES);
  for (const name of LATER)
    if (modules.flag(name, false)) modules.refuse(name, 'not in this version');
  refuseOther(p, { commitment: 'chain', payment: 'contract', amountBasis: 'exact' });
  if (p.flag('creditOnly', false)) p.refuse('creditOnly', 'not in this version');
  if (p.has('allocation')) p.refuse('allocation', 'has no meaning where payment is "contract"');
  return {
    id: f.text('id'),
    mechanism,
    periodMs: BigInt(f.integer('periodMs', 900_000)),
    closeMs: BigInt(offsets.integer('close', 180_000)),
    clearMs: BigInt(offsets.integer('clear', 300_000)),
    payMs: BigInt(offsets.integer('pay', 780_000)),
    params: {
      tick: p.decimal('tick', priceDecimals, smallestStep(priceDecimals)),
      feedIn: p.decimal('feedIn', priceDecimals),
      retail: p.decimal('retail', priceDecimals),
      bounds: p.flag('bounds', true),
      maxOrders: p.integer('maxOrders', 10_000),
      minOrderWh: p.decimal('minOrder', 3, '0.01'),
      rewardFactorPpm: p.decimal('rewardFactor', PPM_DECIMALS, '0.02'),
      greenFactorPpm: p.decimal('greenFactor', PPM_DECIMALS, '1.08'),
      coefficientFloorPpm: readFloor(p),
      readingDeadlineMs: BigInt(p.integer('readingDeadlineMs', 600_000)),
      correctionDays: p.integer('correctionDays', 30),
      balancing: onlyOn(modules, 'balancing'),
      reward: modules.flag('reward', true),
    },
  };
}

const smallestStep = (decimals: number): string =>
  decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;

function refuseOther(p: Fields, only: Readonly<Record<string, string>>): void {
  for (const [name, word] of Object.entries(only))
    if (p.text(name, word) !== word) p.refuse(name, `only "${word}" in a market of call`);
}

/** Without balancing nobody would pay the grid for what a home used: it cannot be switched off. */
function onlyOn(modules: Fields, name: string): boolean {
  if (!modules.flag(name, true)) modules.refuse(name, 'cannot be switched off');
  return true;
}

/**
 * Least k in ppm, -1 by default (market-call A4). "null" is for files only: without a floor one
 * wrong declaration could cost more than a household owns.
 */
function readFloor(p: Fields): bigint {
  const text = p.text('coefficientFloor', '-1');
  if (!/^(-[1-9][0-9]{0,5}|0)$/.test(text))
    p.refuse('coefficientFloor', 'a whole number from -999999 to 0');
  return BigInt(text) * 1_000_000n;
}
