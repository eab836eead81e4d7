// One kill -9 and what came of it: whether the others went on, and when the process was back at the
// tip. Times are wall ms, for reports; what must hold is decided by the caller.
import { type DevNetwork, until } from './devNetwork.js';

export interface KillReport {
  readonly node: string;
  /** Highest final height when it was killed. */
  readonly atHeight: bigint;
  /** Blocks that the others made until it was back. */
  readonly meanwhile: bigint;
  /** Kill to the next final block of the others. */
  readonly nextBlockMs: number;
  /** Kill to the start of the new process. */
  readonly downMs: number;
  /** Start of the new process to its first answer, and to being at the tip of the others. */
  readonly answersMs: number;
  readonly backMs: number;
}

/** Kills a process and waits until it is back at the tip. */
export async function killOne(net: DevNetwork, name: string): Promise<KillReport> {
  const others = net.names.filter((other) => other !== name);
  const atHeight = await net.tip(others);
  const pid = net.kill(name);
  const killed = performance.now();
  const next = until('the others go on', async () =>
    (await net.tip(others)) > atHeight ? performance.now() : undefined,
  );
  const started = await net.restarted(name, pid);
  const answers = await until(`${name} answers`, async () =>
    (await net.sight(name)) === undefined ? undefined : performance.now(),
  );
  const { at, height } = await until(`${name} is at the tip`, async () => {
    const tip = await net.tip(others);
    const own = await net.sight(name);
    const isBack = own !== undefined && own.height >= tip;
    return isBack ? { at: performance.now(), height: own.height } : undefined;
  });
  return {
    node: name,
    atHeight,
    meanwhile: height - atHeight,
    nextBlockMs: (await next) - killed,
    downMs: started - killed,
    answersMs: answers - started,
    backMs: at - started,
  };
}

export interface BlackoutReport {
  readonly atHeight: bigint;
  /** Last start of a process to the first new final block, and to the same on every node. */
  readonly firstBlockMs: number;
  readonly everywhereMs: number;
}

/** Kills every process at once and waits until all of them have a new final block. */
export async function killAll(net: DevNetwork): Promise<BlackoutReport> {
  const { names } = net;
  const atHeight = await net.tip();
  const pids = names.map((name) => ({ name, pid: net.kill(name) }));
  const starts = await Promise.all(pids.map(({ name, pid }) => net.restarted(name, pid)));
  const started = Math.max(...starts);
  await until('a new block', async () => ((await net.tip()) > atHeight ? true : undefined));
  const first = performance.now();
  await net.reach(atHeight + 1n);
  return {
    atHeight,
    firstBlockMs: first - started,
    everywhereMs: performance.now() - started,
  };
}
