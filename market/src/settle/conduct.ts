// What one account did of its contracts in a period (market-bilateral 2, 5, 7): each side is judged
// on its own register, so its conduct can be told without the others. Used where a default counts
// in the credit and nothing else hangs on it (settlement 4.3).
import { present } from '../../../core/src/assert.js';
import { allocate, isDefault } from './allocate.js';
import type { Conduct } from './credit.js';
import type { Tolerance } from './rules.js';

/** Contracts of an account on its side, in the order in which they are served. */
export interface OwnContracts {
  /** The register of that side, Wh. */
  readonly meteredWh: bigint;
  readonly energiesWh: readonly bigint[];
}

export interface OwnConduct extends Conduct {
  readonly shortfallWh: bigint;
}

/** Served first in, first out, against somebody who does all that was agreed. */
export function conductOf(
  { meteredWh, energiesWh }: OwnContracts,
  tolerance: Tolerance,
): OwnConduct {
  const contractWh = energiesWh.reduce((sum, wh) => sum + wh, 0n);
  const allocations = allocate({
    registers: [
      { exportWh: meteredWh, importWh: 0n },
      { exportWh: 0n, importWh: contractWh },
    ],
    contracts: energiesWh.map((energyWh) => ({ seller: 0, buyer: 1, energyWh, kind: 'trade' })),
    allocation: 'fifo',
  });
  const shorts = allocations.map(({ shortSellerWh }) => shortSellerWh);
  return {
    hasContract: energiesWh.length > 0,
    hasDefaulted: shorts.some((wh, i) =>
      isDefault(wh, present(energiesWh[i], 'an energy each'), tolerance),
    ),
    contractWh,
    shortfallWh: shorts.reduce((sum, wh) => sum + wh, 0n),
  };
}
