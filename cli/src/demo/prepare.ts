// Brings the network of a demo up so that its clock starts when everything is connected, at a rate
// that the machine can hold. Both are in genesis, so what turns out too early or too fast is made
// again before the clock starts; in the run nothing changes.
import { ProtocolError } from '../../../core/src/errors.js';
import { DEMO_CONSENSUS } from '../network/genesis.js';
import { type Network, type RunningNetwork, removeNetwork } from '../network/network.js';
import { fastestRate, measureFinality, measureLoad, untilConnected } from './measure.js';

export interface PrepareOptions {
  /** Processes of the network. */
  readonly processes: number;
  /** Chain ms of the shortest phase of the market. */
  readonly phaseMs: number;
  readonly rate: number;
  /** Whether the rate may be lowered. */
  readonly mayLower: boolean;
  readonly make: (clock: {
    readonly rate: number;
    readonly wallStartMs: number;
  }) => Promise<Network>;
  readonly run: (network: Network) => Promise<RunningNetwork>;
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

const LEAST_LEAD_MS = 10_000;
/** A node does more at its start than load the program. */
const START_FACTOR = 2.5;
/** Blocks of the lead that are timed. */
const TIMED_BLOCKS = 3;
/** Measuring ends so long before the clock starts. */
const MARGIN_MS = 300;
const ATTEMPTS = 3;

export interface Prepared {
  readonly running: RunningNetwork;
  /** Wall ms that an empty block took; undefined: not measured. */
  readonly finalityMs: number | undefined;
}

/** Running, connected, and with the start of its clock ahead. Throws NOT_READY. */
export async function prepareNetwork(options: PrepareOptions): Promise<Prepared> {
  const { say, stop } = options;
  let { rate } = options;
  let startMs = START_FACTOR * (await measureLoad(options.processes));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const began = Date.now();
    const leadMs = Math.max(LEAST_LEAD_MS, startMs + TIMED_BLOCKS * DEMO_CONSENSUS.maxIdleMs);
    const wallStartMs = Math.ceil(began + leadMs);
    const network = await options.make({ rate, wallStartMs });
    const running = await options.run(network);
    const isLast = attempt === ATTEMPTS;
    const verdict = await judge(running, { ...options, rate, wallStartMs }).catch(async (error) => {
      await running.stop();
      throw error;
    });
    const { finalityMs } = verdict;
    if (verdict.ok || stop.aborted) return { running, finalityMs };
    say(isLast ? verdict.why : `${verdict.why} Starting again, at rate ${verdict.rate}.`);
    if (isLast && verdict.usable) return { running, finalityMs };
    await running.stop();
    removeNetwork(network);
    rate = verdict.rate;
    startMs = Math.max(startMs, verdict.startMs ?? 0);
  }
  throw new ProtocolError('NOT_READY', 'the nodes did not get connected before the clock started');
}

type Verdict =
  | { readonly ok: true; readonly finalityMs?: number }
  | {
      readonly ok: false;
      readonly finalityMs?: number;
      readonly why: string;
      /** Connected: better than nothing. */
      readonly usable: boolean;
      readonly rate: number;
      /** Wall ms that coming up took or would take. */
      readonly startMs?: number;
    };

async function judge(
  running: RunningNetwork,
  options: PrepareOptions & { readonly wallStartMs: number },
): Promise<Verdict> {
  const { rate, wallStartMs, stop } = options;
  const began = Date.now();
  const untilMs = wallStartMs - MARGIN_MS;
  const stopped = new Promise<'stopped'>((resolve) => {
    stop.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  if ((await Promise.race([running.ready, stopped])) === 'stopped') return { ok: true };
  if (!(await untilConnected(running.endpoints, untilMs))) {
    const startMs = 2 * (Date.now() - began);
    const why = 'The nodes came up too slowly for the start of the clock.';
    return { ok: false, usable: false, rate, startMs, why };
  }
  const [first] = running.endpoints;
  if (first === undefined) return { ok: true };
  const finalityMs = await measureFinality(first, untilMs);
  if (finalityMs === undefined) {
    const startMs = wallStartMs - began;
    const why = 'Too few blocks were made before the start of the clock to time them.';
    return { ok: false, usable: true, rate, startMs, why };
  }
  const fastest = fastestRate(finalityMs, options.phaseMs);
  if (fastest >= rate) return { ok: true, finalityMs };
  const words = `a block takes ${finalityMs.toFixed(0)} ms`;
  if (!options.mayLower) {
    options.say(
      `This machine is too slow for rate ${rate}: ${words}; expect periods without trade.`,
    );
    return { ok: true, finalityMs };
  }
  const why = `This machine is too slow for rate ${rate}: ${words}; it can hold ${fastest}.`;
  return { ok: false, usable: true, rate: fastest, finalityMs, why };
}
