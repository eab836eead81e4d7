// How quick this machine is, measured before the clock of a demo starts: how long its processes
// take to come up, and how long a block takes to become final when nothing else goes on.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError } from '../../../core/src/errors.js';
import { clientOf, type NodeEndpoint } from '../network/client.js';
import { DEFAULT_PERIOD_MS, type Mechanism, OFFSETS } from '../../../core/src/markets.js';
import { DEMO_CONSENSUS } from '../network/genesis.js';
import { PROGRAM } from '../installation.js';

const CALL_MS = 1000;
const POLL_MS = 10;
const CONNECT_POLL_MS = 100;

const runOnce = (args: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });

/** Wall ms for so many processes to load the program, all at once. */
export async function measureLoad(processes: number): Promise<number> {
  const began = performance.now();
  await Promise.all(Array.from({ length: processes }, () => runOnce([PROGRAM, '--help'])));
  return performance.now() - began;
}

interface Seen {
  readonly height: number;
  readonly peers: number;
}

async function ask(endpoint: NodeEndpoint): Promise<Seen | undefined> {
  try {
    const status = await clientOf(endpoint, CALL_MS).call('node_status', {});
    return { height: Number(status.height.final), peers: Number(status.peers) };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Whether every node has a link to every other before `untilMs` (UTC ms). */
export async function untilConnected(
  endpoints: readonly NodeEndpoint[],
  untilMs: number,
): Promise<boolean> {
  while (Date.now() < untilMs) {
    const all = await Promise.all(endpoints.map(ask));
    if (all.every((seen) => seen !== undefined && seen.peers >= endpoints.length - 1)) return true;
    await sleep(CONNECT_POLL_MS);
  }
  return false;
}

/**
 * Wall ms from the reason to open a height to its block being final, the largest seen until
 * `untilMs` (UTC ms); undefined where too few blocks were made. Before the clock starts the only
 * reason is maxIdleMs, so what an interval is longer is what a block takes.
 */
export async function measureFinality(
  endpoint: NodeEndpoint,
  untilMs: number,
): Promise<number | undefined> {
  let last: { readonly height: number; readonly atMs: number } | undefined;
  const took: number[] = [];
  while (Date.now() < untilMs) {
    const seen = await ask(endpoint);
    const atMs = performance.now();
    if (seen !== undefined && seen.height !== last?.height) {
      const isNext = last !== undefined && seen.height === last.height + 1;
      if (isNext) took.push(atMs - (last?.atMs ?? 0) - DEMO_CONSENSUS.maxIdleMs);
      last = { height: seen.height, atMs };
    }
    await sleep(POLL_MS);
  }
  // The first interval began before this was watching.
  const whole = took.slice(1);
  return whole.length === 0 ? undefined : Math.max(...whole);
}

/** Blocks that must fit into the shortest phase: closing, opening, and one that was under way. */
export const BLOCKS_PER_PHASE = 3;

/** Chain ms of the shortest phase in which agents answer to what the chain says. */
export function shortestPhaseMs(mechanism: Mechanism): number {
  // Its phases are whole periods.
  if (mechanism === 'bilateral') return DEFAULT_PERIOD_MS.bilateral;
  if (mechanism === 'reputation') return shortestOfRound();
  const offsets = OFFSETS[mechanism].map(({ demo }) => demo).filter((ms) => ms > 0);
  const first = offsets[0] ?? LONG_PHASE_MS;
  const gaps = offsets.slice(1).map((ms, i) => ms - (offsets[i] ?? 0));
  return Math.min(first, ...gaps);
}
const LONG_PHASE_MS = 300_000;

/** Bids may come before `commit`, and nobody has to choose: quotes are opened, contracts signed. */
function shortestOfRound(): number {
  const [, reveal = 0, choose = 0, match = 0, every = 0] = OFFSETS.reputation.map((o) => o.demo);
  return Math.min(choose - reveal, every - match);
}

/** The highest rate at which agents can answer in time where a block takes so long. */
export const fastestRate = (finalityMs: number, phaseMs: number): number =>
  Math.max(1, Math.floor(phaseMs / (BLOCKS_PER_PHASE * Math.max(1, finalityMs))));
