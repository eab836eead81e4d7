// Chain time by the wall clock, as every node of the network has it (consensus 5.1).

export interface ChainClock {
  readonly rate: number;
  /** Chain ms now. */
  now(): number;
  /** UTC ms at which the chain's clock shows `chainMs`. */
  wallAt(chainMs: number): number;
}

export interface ClockOrigin {
  readonly wallStartMs: bigint;
  readonly chainStartMs: bigint;
  readonly rate: number;
}

/** `wallNow`: UTC ms. */
export function chainClock(origin: ClockOrigin, wallNow: () => number = Date.now): ChainClock {
  const [wallStart, chainStart] = [Number(origin.wallStartMs), Number(origin.chainStartMs)];
  const { rate } = origin;
  return {
    rate,
    now: () => chainStart + rate * (wallNow() - wallStart),
    wallAt: (chainMs) => wallStart + (chainMs - chainStart) / rate,
  };
}
