// Which contract a metered Wh belongs to (settlement 4.2; market-bilateral 2, 3;
// market-neighbourhood 1.5). Each side is judged on its own register; what both have is delivered.
// Decides energy only.
import { assert, present } from '../../../core/src/assert.js';
import { largestRemainder } from '../shares.js';
import type { AllocationRule, Tolerance } from './rules.js';

/**
 * Served in this order whatever the place in the list: contracts of the bilateral market first in,
 * first out; trades of the market that settles, by its own rule; replacements of a contract that
 * failed, from what is left (market-bilateral L5).
 */
export type ContractKind = 'bilateral' | 'trade' | 'replacement';

export interface EnergyContract {
  /** Place in the list of accounts. */
  readonly seller: number;
  readonly buyer: number;
  readonly energyWh: bigint;
  readonly kind: ContractKind;
}

/** One reading per account and period. */
export interface Registers {
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

export interface Allocation {
  /** Part of the seller's export for this contract. */
  readonly offerWh: bigint;
  /** Part of the buyer's import for this contract. */
  readonly takeWh: bigint;
  readonly deliveredWh: bigint;
  readonly shortSellerWh: bigint;
  readonly shortBuyerWh: bigint;
}

/** What is still free of the registers. */
interface Left {
  readonly exportWh: bigint[];
  readonly importWh: bigint[];
}

const leastOf = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const energyAt = (list: readonly bigint[], account: number): bigint =>
  present(list[account], 'a contract names accounts of the list');

/** Contracts by their place in the list, with what they are served. */
export interface AllocationInput {
  readonly registers: readonly Registers[];
  readonly contracts: readonly EnergyContract[];
  readonly allocation: AllocationRule;
}

/** One allocation per contract, in the order of the list. */
export function allocate(input: AllocationInput): readonly Allocation[] {
  const { registers, contracts, allocation } = input;
  const left = registersLeft(registers);
  const result: (Allocation | undefined)[] = contracts.map(() => undefined);
  const serve = (kinds: readonly ContractKind[], partsOf: PartsOf): void => {
    const places = contracts.flatMap(({ kind }, i) => (kinds.includes(kind) ? [i] : []));
    const served = places.map((i) => present(contracts[i], 'a contract of the list'));
    partsOf(served, left).forEach((part, at) => {
      const place = present(places[at], 'a part per contract');
      result[place] = allocationOf(present(served[at], 'served'), part);
    });
  };
  if (allocation === 'fifo') serve(['bilateral', 'trade'], inOrder);
  else {
    serve(['bilateral'], inOrder);
    serve(['trade'], shareRegisters);
  }
  replace(input, result);
  return result.map((one) => present(one, 'every contract is of a kind'));
}

const registersLeft = (registers: readonly Registers[]): Left => ({
  exportWh: registers.map(({ exportWh }) => exportWh),
  importWh: registers.map(({ importWh }) => importWh),
});

interface Part {
  readonly offerWh: bigint;
  readonly takeWh: bigint;
}

/** Parts of the contracts of one kind, from what is left of the registers. */
type PartsOf = (contracts: readonly EnergyContract[], left: Left) => readonly Part[];

function allocationOf({ energyWh }: EnergyContract, { offerWh, takeWh }: Part): Allocation {
  assert(offerWh <= energyWh && takeWh <= energyWh, 'no contract gets more than it says');
  return {
    offerWh,
    takeWh,
    deliveredWh: leastOf(offerWh, takeWh),
    shortSellerWh: energyWh - offerWh,
    shortBuyerWh: energyWh - takeWh,
  };
}

const inOrder: PartsOf = (contracts, left) =>
  contracts.map((contract) => takeFirst(contract, left));

/** Each side sets aside its own part, whatever the other one has (market-bilateral 2). */
function takeFirst({ seller, buyer, energyWh }: EnergyContract, left: Left): Part {
  const offerWh = leastOf(energyWh, energyAt(left.exportWh, seller));
  const takeWh = leastOf(energyWh, energyAt(left.importWh, buyer));
  left.exportWh[seller] = energyAt(left.exportWh, seller) - offerWh;
  left.importWh[buyer] = energyAt(left.importWh, buyer) - takeWh;
  return { offerWh, takeWh };
}

/** Each register pro rata over its contracts, never above one of them. */
function shareRegisters(contracts: readonly EnergyContract[], left: Left): readonly Part[] {
  const offers = shareRegister(contracts, ({ seller }) => seller, left.exportWh);
  const takes = shareRegister(contracts, ({ buyer }) => buyer, left.importWh);
  return contracts.map((_, i) => ({
    offerWh: energyAt(offers, i),
    takeWh: energyAt(takes, i),
  }));
}

function shareRegister(
  contracts: readonly EnergyContract[],
  sideOf: (contract: EnergyContract) => number,
  leftWh: readonly bigint[],
): readonly bigint[] {
  const places = new Map<number, number[]>();
  contracts.forEach((contract, i) => {
    const account = sideOf(contract);
    const of = places.get(account);
    if (of === undefined) places.set(account, [i]);
    else of.push(i);
  });
  const parts = contracts.map(({ energyWh }) => energyWh);
  for (const [account, of] of places) {
    const weights = of.map((i) => energyAt(parts, i));
    const meteredWh = energyAt(leftWh, account);
    if (meteredWh >= weights.reduce((sum, wh) => sum + wh, 0n)) continue;
    const shares = largestRemainder(meteredWh, weights);
    of.forEach((i, at) => {
      parts[i] = energyAt(shares, at);
    });
  }
  return parts;
}

/** Second pass, from what the first one did not deliver; no shortfall (market-bilateral 3). */
function replace(
  { registers, contracts }: AllocationInput,
  result: (Allocation | undefined)[],
): void {
  if (!contracts.some(({ kind }) => kind === 'replacement')) return;
  const left = registersLeft(registers);
  const use = ({ seller, buyer }: EnergyContract, deliveredWh: bigint): void => {
    left.exportWh[seller] = energyAt(left.exportWh, seller) - deliveredWh;
    left.importWh[buyer] = energyAt(left.importWh, buyer) - deliveredWh;
  };
  contracts.forEach((contract, i) => {
    const first = result[i];
    if (first !== undefined) use(contract, first.deliveredWh);
  });
  contracts.forEach((contract, i) => {
    if (contract.kind !== 'replacement') return;
    const { seller, buyer, energyWh } = contract;
    const both = leastOf(energyAt(left.exportWh, seller), energyAt(left.importWh, buyer));
    const partWh = leastOf(energyWh, both);
    use(contract, partWh);
    result[i] = {
      offerWh: partWh,
      takeWh: partWh,
      deliveredWh: partWh,
      shortSellerWh: 0n,
      shortBuyerWh: 0n,
    };
  });
}

const PPM = 1_000_000n;

/** Rule 5 with G1: a shortfall above the band, on the side's own reading. */
export function isDefault(shortWh: bigint, energyWh: bigint, tolerance: Tolerance): boolean {
  const { tolAbsWh, tolRelPpm } = tolerance;
  return shortWh > tolAbsWh && shortWh * PPM > energyWh * tolRelPpm;
}
