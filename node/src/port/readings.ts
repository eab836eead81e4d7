// meter_readings over a NodeView: the registers a meter signed, and how settlement took periods.
import type { ChainMs, PeriodIndex } from '../../../core/src/amount.js';
import { type AccountId, parseAccount, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { NodePort, TimeRange } from '../../../rpc/src/ports.js';
import type { ReadingsView } from '../../../rpc/src/results/market.js';
import { marketOf } from '../../../state/src/chain.js';
import {
  ACCOUNTS,
  type Meter,
  METER_NUMBERS,
  METERS,
  OLD_SETTLEMENTS,
  REGISTERS,
  SETTLEMENTS,
} from '../../../state/src/schema.js';
import { isEnrolled } from '../../../state/src/tx/context.js';
import type { World } from '../../../state/src/world.js';
import type { NodeView } from '../view.js';
import { atTip, notHere } from './read.js';

function findMeter(world: World, name: string): { id: AccountId; meter: Meter } {
  const id = name.startsWith('bb1')
    ? parseAccount(name)
    : (world.get(METER_NUMBERS, name)?.account ?? notHere('the meter'));
  const own = world.get(METERS, id);
  if (own !== undefined) return { id, meter: own };
  const partner = world.get(ACCOUNTS, id)?.partner ?? notHere('the meter');
  return { id: partner, meter: world.get(METERS, partner) ?? notHere('the meter') };
}

export function readingsPart(view: NodeView): Pick<NodePort, 'readings'> {
  return { readings: (name, range) => readingsView(view, name, range) };
}

type Registers = ReadingsView['readings'][number];
type Period = ReadingsView['periods'][number];

/** The newest periods of the range, at most a page of them. */
function readingsView(view: NodeView, name: string, range: TimeRange): ReadingsView {
  const world = view.world();
  const { id, meter } = findMeter(world, name);
  const readings: Registers[] = [];
  const periods: Period[] = [];
  for (const endMs of endsOf(view, meter, range)) {
    const registers = world.get(REGISTERS, { meter: id, endMs: endMs as ChainMs });
    if (registers !== undefined) readings.push({ endMs, ...registers });
    const settled = settledAt(view, world, { meter, endMs });
    if (settled !== undefined) periods.push(settled);
  }
  return {
    meter: printAccount(id),
    participant: printAccount(meter.participant),
    readings: readings.reverse(),
    periods: periods.reverse(),
    corrections: periods.flatMap((of) => replacedIn(world, meter, of)),
    at: atTip(view),
  };
}

/** Ends of periods, newest first. */
function* endsOf(view: NodeView, meter: Meter, { from, to }: TimeRange): Iterable<bigint> {
  const market = marketOf(view.chain, meter.market) ?? marketOf(view.chain, meter.previousMarket);
  if (market === undefined) return;
  const { periodMs } = market;
  const { timeMs } = view.tip();
  const last = to !== undefined && to <= timeMs ? to - 1n : timeMs;
  let endMs = (last / periodMs) * periodMs;
  for (let i = 0; i < RPC_PAGE && endMs >= (from ?? 0n) && endMs >= 0n; i++, endMs -= periodMs)
    yield endMs;
}

/** The lines of a period that corrections replaced, oldest first. */
function replacedIn(
  world: World,
  meter: Meter,
  { market, period }: Period,
): ReadingsView['corrections'] {
  const key = { market, period: period as PeriodIndex, account: meter.participant };
  const newest = world.get(SETTLEMENTS, key)?.version ?? 1;
  return Array.from({ length: newest - 1 }, (_, i) => BigInt(i + 1)).flatMap((version) => {
    const line = world.get(OLD_SETTLEMENTS, { ...key, version });
    if (line === undefined) return [];
    const { importWh, exportWh } = line;
    return [{ market, period, version, importWh, exportWh }];
  });
}

function settledAt(
  view: NodeView,
  world: World,
  { meter, endMs }: { readonly meter: Meter; readonly endMs: bigint },
): Period | undefined {
  for (const id of [meter.market, meter.previousMarket]) {
    const market = marketOf(view.chain, id);
    if (market === undefined || endMs === 0n || endMs % market.periodMs !== 0n) continue;
    const period = (endMs / market.periodMs - 1n) as PeriodIndex;
    if (!isEnrolled(view.chain, meter, { market, period })) continue;
    const line = world.get(SETTLEMENTS, { market: id, period, account: meter.participant });
    if (line === undefined) continue;
    const { quality, importWh, exportWh } = line;
    return { market: id, period, endMs, quality, importWh, exportWh };
  }
  return undefined;
}
