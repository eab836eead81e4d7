// Time as a port: monotonic and wall time of this machine, and chain time made of wall time
// (consensus 5.1). The only file that reads a clock for the protocol.
import type { ChainMs } from '../../core/src/amount.js';

export interface Clock {
  /** Never goes back; only differences mean something. */
  monotonicMs(): number;
  /** UTC, ms since 1970; may be set back. */
  wallMs(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/** `clock` of genesis. */
export interface ChainClockParams {
  readonly wallStartMs: bigint;
  readonly chainStartMs: bigint;
  /** Chain ms per wall ms, 1 or more. */
  readonly rate: bigint;
}

export interface ChainClock {
  /** chainStartMs + rate x (wall - wallStartMs); never negative. */
  now(): ChainMs;
  /** Wall ms until chain time reaches `time`; 0 when it has. */
  wallMsUntil(time: bigint): number;
}

export function createChainClock(params: ChainClockParams, clock: Clock): ChainClock {
  const { wallStartMs, chainStartMs, rate } = params;
  const at = (wall: bigint): bigint => chainStartMs + rate * (wall - wallStartMs);
  const now = (): ChainMs => {
    const time = at(BigInt(Math.floor(clock.wallMs())));
    return (time > 0n ? time : 0n) as ChainMs;
  };
  return {
    now,
    wallMsUntil(time) {
      const left = time - now();
      return left <= 0n ? 0 : Number((left + rate - 1n) / rate);
    },
  };
}
