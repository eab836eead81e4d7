// bindMeter and enrol: which meter belongs to whom, and which market settles it (settlement 1.5,
// meters-and-grid "Meters").
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import { FULL_CREDIT } from '../../../core/src/draw.js';
import { checkKey } from '../../../core/src/ed25519.js';
import { type AccountId, accountIdOf, type PublicKey } from '../../../core/src/ids.js';
import { periodTimes, firstPeriodFrom, tradingPeriod } from '../boundary/timing.js';
import { type Chain, marketOf } from '../chain.js';
import {
  type Account,
  ACCOUNTS,
  ENROLLED,
  type Meter,
  METER_NUMBERS,
  METERS,
  PERIODS,
  POSITIONS,
  REGISTERS,
} from '../schema.js';
import type { World } from '../world.js';
import {
  accountOf,
  type CheckContext,
  enrolledFromMs,
  isCentre,
  meterOf,
  type TxRule,
} from './context.js';
import { openAccount } from './admit.js';
import { MAX_REGISTER_WH } from './reading.js';

export interface Binding {
  readonly participant: AccountId;
  readonly number: string;
  readonly meterKey: PublicKey;
  readonly market: string;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  /** First period that the meter counts for. */
  readonly fromPeriod: PeriodIndex;
}

/** Opens the account of a meter; its registers now are the start of its first period. */
export function bind(world: World, chain: Chain, b: Binding): void {
  const id = accountIdOf(chain.chainId, b.meterKey);
  const owner = present(world.get(ACCOUNTS, b.participant), 'participant is admitted');
  const market = marketOf(chain, b.market);
  const startMs = (market === undefined ? 0n : b.fromPeriod * market.periodMs) as ChainMs;
  openAccount(world, id, {
    ...owner,
    publicKey: b.meterKey,
    role: 'meter',
    status: 'active',
    commitment: undefined,
    partner: b.participant,
    expiresMs: 0n as ChainMs,
    credit: FULL_CREDIT,
  });
  world.set(ACCOUNTS, b.participant, { ...owner, partner: id });
  world.set(METER_NUMBERS, b.number, { account: id });
  const registers = { importWh: b.importWh, exportWh: b.exportWh } as Pick<
    Meter,
    'importWh' | 'exportWh'
  >;
  world.set(METERS, id, {
    participant: b.participant,
    number: b.number,
    market: b.market,
    fromPeriod: b.fromPeriod,
    previousMarket: '',
    sequence: 0n,
    endMs: startMs,
    ...registers,
  });
  if (market === undefined) return;
  world.set(
    REGISTERS,
    { meter: id, endMs: startMs },
    { ...registers, sequence: 0n, spread: false },
  );
  countEnrolled(world, b.market, 1);
}

function countEnrolled(world: World, market: string, change: number): void {
  if (market === '') return;
  const meters = (world.get(ENROLLED, market)?.meters ?? 0) + change;
  world.set(ENROLLED, market, { meters });
}

export const bindMeter: TxRule<'bindMeter'> = {
  check(context, { body }) {
    if (!isCentre(context)) return 'NOT_ALLOWED';
    const participant = accountOf(context, body.participant);
    if (participant === undefined) return 'UNKNOWN_ACCOUNT';
    if (participant.role !== 'prosumer') return 'NOT_ALLOWED';
    if (participant.partner !== undefined) return 'METER_BOUND';
    if (!/^[0-9]{12}$/.test(body.number)) return 'BAD_ENCODING';
    if (context.world.get(METER_NUMBERS, body.number) !== undefined) return 'METER_BOUND';
    if (body.importWh > MAX_REGISTER_WH || body.exportWh > MAX_REGISTER_WH) return 'AMOUNT_RANGE';
    if (!checkKey(body.meterKey)) return 'BAD_KEY';
    const meter = accountIdOf(context.chain.chainId, body.meterKey);
    if (accountOf(context, meter) !== undefined) return 'ALREADY_ADMITTED';
    if (body.market !== '' && marketOf(context.chain, body.market) === undefined)
      return 'UNKNOWN_MARKET';
    return undefined;
  },
  apply(context, { body }) {
    const market = marketOf(context.chain, body.market);
    const fromPeriod = market === undefined ? 0n : tradingPeriod(market, context.timeMs);
    bind(context.world, context.chain, { ...body, fromPeriod: fromPeriod as PeriodIndex });
  },
};

/** The last change of market has not come, or the market before has not settled its last period. */
function isMoving({ chain, world, timeMs }: CheckContext, meter: Meter): boolean {
  const fromMs = enrolledFromMs(chain, meter);
  if (fromMs > timeMs) return true;
  const previous = marketOf(chain, meter.previousMarket);
  if (previous === undefined) return false;
  const last = (fromMs / previous.periodMs - 1n) as PeriodIndex;
  if (timeMs < periodTimes(previous, last).settle) return true;
  return world.entries(PERIODS, previous.id).some(({ key }) => key.period <= last);
}

/** The old market has opened its orders for the next period: it ends after that one. */
function movesAt({ chain, timeMs }: CheckContext, meter: Meter): bigint {
  const old = marketOf(chain, meter.market);
  return old === undefined ? timeMs : (tradingPeriod(old, timeMs) + 1n) * old.periodMs;
}

/** A contract, trade or right of the meter is for a period that ends after it would move (1.5). */
function isBound({ chain, world }: CheckContext, meter: Meter, moveMs: bigint): boolean {
  const old = marketOf(chain, meter.market);
  if (old === undefined) return false;
  const account = meter.participant;
  return world
    .entries(PERIODS, old.id)
    .filter(({ key }) => periodTimes(old, key.period).deliveryEnd > moveMs)
    .some(({ key }) => (world.get(POSITIONS, { ...key, account })?.tradedWh ?? 0n) > 0n);
}

export const enrol: TxRule<'enrol'> = {
  check(context, { body }) {
    const meter = meterOf(context.world, context.sender);
    if (meter === undefined) return 'UNKNOWN_METER';
    if (marketOf(context.chain, body.market) === undefined) return 'UNKNOWN_MARKET';
    if (meter.market === body.market) return 'METER_BOUND';
    if (isMoving(context, meter)) return 'OPEN_CONTRACTS';
    return isBound(context, meter, movesAt(context, meter)) ? 'OPEN_CONTRACTS' : undefined;
  },
  apply(context, { body }) {
    const { chain, world } = context;
    const meter = present(meterOf(world, context.sender), 'checked');
    const next = present(marketOf(chain, body.market), 'checked');
    const freeMs = movesAt(context, meter);
    const { id, ...rest } = meter;
    world.set(METERS, id, {
      ...rest,
      previousMarket: meter.market,
      market: body.market,
      fromPeriod: firstPeriodFrom(next, freeMs),
    });
    const account = world.get(ACCOUNTS, meter.participant) as Account;
    world.set(ACCOUNTS, meter.participant, { ...account, node: body.node });
    countEnrolled(world, meter.market, -1);
    countEnrolled(world, body.market, 1);
  },
};
