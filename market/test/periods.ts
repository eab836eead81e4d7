// Random delivery periods in sequences: a small community whose states are carried along, with
// every module, both ways to pay and to allocate. The same seed gives the same periods; used by the
// tests at a fiftieth of the count and by `bench/settlements`.
import type { Money } from '../../core/src/amount.js';
import { createPrng, type Prng } from '../../sim/src/prng.js';
import type { CreditState } from '../src/settle/credit.js';
import type {
  PeriodAccount,
  PeriodContract,
  PeriodInput,
  SettledPeriod,
} from '../src/settle/period.js';
import {
  type ContractPrice,
  meanPrice,
  onePrice,
  type PenaltyRules,
  type PeriodRules,
  twoPrices,
} from '../src/settle/rules.js';
import { mill, wh } from './books.js';

/** A community over some periods under one set of rules. */
export interface Community {
  readonly rules: PeriodRules;
  readonly sides: readonly ('sell' | 'buy')[];
  readonly states: { credit: CreditState; suspended: boolean }[];
}

const ppm = (prng: Prng, max: number): bigint => BigInt(prng.below(max * 1_000_000 + 1));

function anyPenalty(prng: Prng): PenaltyRules {
  for (;;) {
    const isPaper = prng.chance(0.5);
    const [k1Ppm, k2Ppm, gPpm] = isPaper
      ? [5_000_000n, 5_000_000n, 3_000_000n]
      : [ppm(prng, 12), ppm(prng, 12), ppm(prng, 12)];
    if (k2Ppm * (k1Ppm + gPpm) > 99_000_000_000_000n) continue;
    return {
      k1Ppm,
      k2Ppm,
      gPpm,
      muPpm: prng.chance(0.7) ? 800_000n : ppm(prng, 1) % 1_000_000n,
      freeAtFullCredit: prng.chance(0.7),
      sharing: prng.chance(0.9) ? 'per-penalty' : 'pooled',
    };
  }
}

function anyRules(prng: Prng): PeriodRules {
  const isContract = prng.chance(0.15);
  return {
    payment: isContract ? 'contract' : 'delivered',
    allocation: prng.chance(0.7) ? 'fifo' : 'pro-rata',
    tick: 1n,
    feedIn: mill(prng.between(0, 400)),
    retail: mill(prng.between(400, 900)),
    balancing: prng.chance(0.9),
    reward: prng.chance(0.5),
    rewardFactorPpm: 20_000n,
    greenFactorPpm: 1_080_000n,
    coefficientFloorPpm: -1_000_000n,
    amountBasis: 'exact',
    tolAbsWh: wh(prng.chance(0.5) ? 0 : 100),
    tolRelPpm: prng.chance(0.5) ? 0n : 20_000n,
    wheeling: mill(prng.chance(0.5) ? 0 : prng.below(60)),
    handling: BigInt(prng.chance(0.5) ? 0 : prng.below(5000)) as Money,
    credit: prng.chance(0.9)
      ? {
          c: prng.between(1, 10),
          iMax: prng.between(1, 9),
          minVolumeWh: wh(prng.below(1500)),
          suspendBelow: 60,
        }
      : undefined,
    penalty: isContract || prng.chance(0.1) ? undefined : anyPenalty(prng),
  };
}

export function anyCommunity(prng: Prng): Community {
  const size = prng.between(2, 9);
  const rules = anyRules(prng);
  const sides = Array.from({ length: size }, (_, i) =>
    i === 0 ? 'sell' : i === 1 || prng.chance(0.5) ? 'buy' : 'sell',
  );
  const states = sides.map(() => {
    const C = prng.chance(0.4) ? 100 : prng.below(101);
    const D = C === 100 ? prng.below(20) : prng.below(rules.credit?.c ?? 1);
    const i = C === 100 ? 0 : prng.below((rules.credit?.iMax ?? 8) + 1);
    return { credit: { C, D, i, n: prng.below(70) }, suspended: prng.chance(0.05) };
  });
  return { rules, sides, states };
}

function anyPrice(prng: Prng, { feedIn, retail }: PeriodRules): ContractPrice {
  const [low, high] = [2 * Number(feedIn), 2 * Number(retail)];
  const sell = BigInt(prng.between(low, high));
  const kind = prng.below(10);
  if (kind < 6) return onePrice(mill(sell / 2n));
  return kind < 8 ? meanPrice(sell) : twoPrices(sell, BigInt(prng.between(Number(sell), high)));
}

function anyContract(prng: Prng, { sides, rules }: Community): PeriodContract {
  const of = (side: 'sell' | 'buy'): number =>
    prng.pick(sides.flatMap((one, i) => (one === side ? [i] : [])));
  const kind = prng.below(10);
  return {
    seller: of('sell'),
    buyer: of('buy'),
    energyWh: BigInt(prng.chance(0.03) ? 0 : prng.between(1, 4000)),
    kind: kind < 6 ? 'trade' : kind < 9 ? 'bilateral' : 'replacement',
    price: anyPrice(prng, rules),
    congestion: prng.chance(0.8) ? undefined : BigInt(prng.below(30)),
    bothWheel: prng.chance(0.3),
  };
}

/** A register around what was contracted: exact, a little or much off, or nothing. */
function anyRegister(prng: Prng, contracted: bigint): bigint {
  const kind = prng.below(10);
  if (kind < 3) return contracted;
  if (kind < 6) return contracted + BigInt(prng.below(3000));
  if (kind < 9) return (contracted * BigInt(prng.below(1001))) / 1000n;
  return kind === 9 && prng.chance(0.3) ? 0n : BigInt(prng.below(6000));
}

/** The next period of a community. */
export function anyPeriod(prng: Prng, community: Community): PeriodInput {
  const { sides, states, rules } = community;
  const contracts = Array.from({ length: prng.below(9) }, () => anyContract(prng, community));
  const contracted = sides.map(() => 0n);
  for (const { seller, buyer, energyWh } of contracts)
    for (const party of [seller, buyer]) contracted[party] = (contracted[party] ?? 0n) + energyWh;
  const accounts = sides.map((side, i): PeriodAccount => {
    const own = wh(anyRegister(prng, contracted[i] ?? 0n));
    const other = wh(prng.chance(0.7) ? 0 : prng.below(2000));
    const [exportWh, importWh] = side === 'sell' ? [own, other] : [other, own];
    const declaredWh = prng.chance(0.5) ? contracted[i] : undefined;
    const state = states[i] as Community['states'][number];
    return {
      importWh,
      exportWh,
      green: prng.chance(0.3),
      side,
      declaredWh: declaredWh === undefined ? undefined : wh(declaredWh),
      ...state,
    };
  });
  return { accounts, contracts, rules };
}

/** States after a period are the states before the next one. */
export function carryOn({ states }: Community, period: SettledPeriod): void {
  period.accounts.forEach(({ credit, step }, i) => {
    const suspended = states[i]?.suspended === true || step?.suspend === true;
    states[i] = { credit, suspended };
  });
}

const PERIODS_OF_A_COMMUNITY = 25;

/** Periods one after the other, without end. */
export function* periodsOf(seed: number): Generator<{
  readonly input: PeriodInput;
  readonly done: (period: SettledPeriod) => void;
}> {
  const prng = createPrng(seed);
  for (;;) {
    const community = anyCommunity(prng);
    for (let i = 0; i < PERIODS_OF_A_COMMUNITY; i++)
      yield {
        input: anyPeriod(prng, community),
        done: (period) => carryOn(community, period),
      };
  }
}
