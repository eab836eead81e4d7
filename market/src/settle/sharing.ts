// Who gets the penalties of a period (market-bilateral 10, D1, G7; formula 10). All from one
// snapshot of credits, by cumulative floors in canonical order, so that every penalty is paid out
// to the last unit. Decides amounts only.
import { assert, present } from '../../../core/src/assert.js';
import type { PenaltyRules } from './rules.js';

/** Penalties of one contract. */
export interface Penalty {
  /** Places in the list of accounts. */
  readonly seller: number;
  readonly buyer: number;
  /** Both sides fell short, with or without a penalty for each. */
  readonly both: boolean;
  /** T of each side. */
  readonly penaltySeller: bigint;
  readonly penaltyBuyer: bigint;
}

export interface SharingInput {
  /** After the step of all nodes, in canonical order; 0 where an account may not share. */
  readonly credits: readonly number[];
  readonly penalties: readonly Penalty[];
}

export interface Shared {
  /** Per account: its part as the victim and as one of the others. */
  readonly shares: readonly bigint[];
  /** What nobody may share (G7). */
  readonly reserve: bigint;
}

const PPM = 1_000_000n;

/** Shares of all penalties; they and the reserve sum to the penalties. */
export function sharePenalties(
  { credits, penalties }: SharingInput,
  { muPpm, sharing }: Pick<PenaltyRules, 'muPpm' | 'sharing'>,
): Shared {
  const pots = createPots(credits);
  const shares = credits.map(() => 0n);
  const give = (account: number, part: bigint): void => {
    shares[account] = present(shares[account], 'a party of the list') + part;
  };
  let pooled = 0n;
  for (const { seller, buyer, both, penaltySeller, penaltyBuyer } of penalties) {
    // Of one side alone the other party gets mu x T; of both sides it is all the others' (rule 10).
    const toBuyer = both ? 0n : (penaltySeller * muPpm) / PPM;
    const toSeller = both ? 0n : (penaltyBuyer * muPpm) / PPM;
    give(buyer, toBuyer);
    give(seller, toSeller);
    const pot = penaltySeller - toBuyer + penaltyBuyer - toSeller;
    if (sharing === 'pooled') pooled += pot;
    else pots.add(pot, [seller, buyer]);
  }
  pots.add(pooled, []);
  const { parts, reserve } = pots.empty();
  return { shares: shares.map((share, i) => share + present(parts[i], 'a part each')), reserve };
}

/** What is left of a pot after whole units per point of credit. */
interface Rest {
  readonly without: readonly number[];
  /** Sum of the credits that share. */
  readonly total: number;
  /** Below `total`. */
  readonly units: number;
}

/** Sums of credits stay in the whole numbers that a machine word adds: 10 million accounts. */
const MAX_CREDITS = 2 ** 30 - 1;

/**
 * Pots that are shared by credit, each without the parties of its contract. A pot of q x W + r
 * units over credits that sum to W gives everybody q per point, which all pots do together in one
 * sum, and r units by cumulative floors (0.5 ms per pot at 100,000 accounts).
 */
function createPots(credits: readonly number[]) {
  const sum = credits.reduce((total, credit) => total + credit, 0);
  assert(Number.isInteger(sum) && sum <= MAX_CREDITS, 'credits are small whole numbers');
  /** Units per point of everybody, and what the parties do not get of it. */
  let perPoint = 0n;
  const withheld = new Map<number, bigint>();
  const rests: Rest[] = [];
  let reserve = 0n;
  const creditOf = (account: number): number => present(credits[account], 'a party of the list');

  function add(pot: bigint, without: readonly number[]): void {
    assert(pot >= 0n, 'a penalty is not negative');
    if (pot === 0n) return;
    const total = without.reduce((left, account) => left - creditOf(account), sum);
    if (total === 0) {
      reserve += pot;
      return;
    }
    const each = pot / BigInt(total);
    if (each > 0n) {
      perPoint += each;
      for (const account of without) withheld.set(account, (withheld.get(account) ?? 0n) + each);
    }
    const units = Number(pot % BigInt(total));
    if (units > 0) rests.push({ without, total, units });
  }

  function empty(): { readonly parts: readonly bigint[]; readonly reserve: bigint } {
    const units = restUnits(credits, rests);
    const parts = credits.map((credit, i) => {
      const whole = (perPoint - (withheld.get(i) ?? 0n)) * BigInt(credit);
      return whole + BigInt(present(units[i], 'units of everybody'));
    });
    return { parts, reserve };
  }
  return { add, empty };
}

/** Credits are 0..100. */
const CREDIT_VALUES = 101;

/** Units of every account of all rests together. */
function restUnits(credits: readonly number[], rests: readonly Rest[]): readonly number[] {
  const values = [...new Set(credits)];
  /** Units that every account of a credit gets, and what its parties do not get of it. */
  const whole = new Float64Array(CREDIT_VALUES);
  const withheld = new Float64Array(credits.length);
  const carried = new Int32Array(credits.length);
  const sharing = Uint8Array.from(credits);
  const fraction = new Int32Array(CREDIT_VALUES);
  for (const { without, total, units } of rests) {
    for (const credit of values) {
      const each = Math.floor((units * credit) / total);
      fraction[credit] = units * credit - each * total;
      whole[credit] = (whole[credit] as number) + each;
    }
    for (const account of without) {
      const credit = credits[account] as number;
      withheld[account] = (withheld[account] as number) + Math.floor((units * credit) / total);
      sharing[account] = 0;
    }
    const left = carry(carried, { sharing, fraction, total });
    assert(left === 0, 'a rest is shared to the last unit');
    for (const account of without) sharing[account] = credits[account] as number;
  }
  return credits.map(
    (credit, i) => (whole[credit] as number) - (withheld[i] as number) + (carried[i] as number),
  );
}

interface Carry {
  /** Credit of each account that shares. */
  readonly sharing: Uint8Array;
  /** By credit: what an account adds to the running sum, below `total`. */
  readonly fraction: Int32Array;
  readonly total: number;
}

/** One more unit for each account at which the running sum passes `total`; without a branch. */
function carry(carried: Int32Array, { sharing, fraction, total }: Carry): number {
  let running = 0;
  for (let i = 0; i < sharing.length; i++) {
    const over = running + (fraction[sharing[i] as number] as number) - total;
    /** -1 where the sum stays below. */
    const below = over >> 31;
    running = over + (total & below);
    carried[i] = (carried[i] as number) + 1 + below;
  }
  return running;
}
