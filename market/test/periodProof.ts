// What is asked of every random period besides periodFault: shares and penalties made again from
// the formulas by other code, locks that cover what is taken from them, and the ratio in decimals
// of 70 digits (market-bilateral 3, 10, G7, G8).
import { periodFault } from '../src/settle/check.js';
import type { PeriodInput, SettledContract, SettledPeriod } from '../src/settle/period.js';
import type { PenaltyRules } from '../src/settle/rules.js';
import { ratioOfDecimals } from './decimals.js';

export type Fault = string | undefined;

const TRILLION = 10n ** 12n;
const checked = new Set<string>();

/** The ratio against the decimals, once per credit, n and parameters. */
function ratioFault(ratio: bigint, C: number, n: number, rules: PenaltyRules): Fault {
  const key = `${C} ${n} ${rules.k1Ppm} ${rules.k2Ppm} ${rules.gPpm} ${ratio}`;
  if (checked.has(key)) return undefined;
  const { exact, scale } = ratioOfDecimals(C, n, rules);
  const off = exact - ratio * (scale / TRILLION);
  if ((off < 0n ? -off : off) * 10n ** 9n > scale) return `ratio at C = ${C}, n = ${n}`;
  if (checked.size < 100_000) checked.add(key);
  return undefined;
}

/** Every side: a penalty exactly where a default is not free, of the right size. */
function penaltyFault(input: PeriodInput, period: SettledPeriod, i: number): Fault {
  const { penalty } = input.rules;
  const contract = input.contracts[i];
  const one = period.contracts[i];
  if (contract === undefined || one === undefined) return 'a contract is missing';
  const sides = [
    [contract.seller, one.sellerDefaulted, one.ratioSeller, one.penaltySeller] as const,
    [contract.buyer, one.buyerDefaulted, one.ratioBuyer, one.penaltyBuyer] as const,
  ];
  const shorts = [one.shortSellerWh, one.shortBuyerWh];
  const prices = [contract.price.sellTwice, contract.price.buyTwice];
  for (const [at, [account, hasDefaulted, ratio, amount]] of sides.entries()) {
    const before = input.accounts[account]?.credit;
    const after = period.accounts[account]?.credit;
    if (before === undefined || after === undefined) return 'an account is missing';
    const isFree = penalty?.freeAtFullCredit === true && before.C === 100;
    if (penalty === undefined || !hasDefaulted || isFree) {
      if (amount !== 0n) return 'a penalty without reason';
      continue;
    }
    const want = (ratio * (prices[at] ?? 0n) * (shorts[at] ?? 0n)) / (2n * TRILLION);
    if (amount !== want) return 'a penalty of the wrong size';
    const fault = ratioFault(ratio, after.C, after.n, penalty);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Formula 10 to the letter: for every contract, every sharer by cumulative floors. */
function sharesByFormula(input: PeriodInput, period: SettledPeriod, rules: PenaltyRules) {
  const shares = input.accounts.map(() => 0n);
  let reserve = 0n;
  const credit = (k: number): bigint =>
    input.accounts[k]?.suspended === true ? 0n : BigInt(period.accounts[k]?.credit.C ?? 0);
  const spread = (pot: bigint, parties: readonly number[]): void => {
    const sharers = input.accounts.map((_, k) => k).filter((k) => !parties.includes(k));
    const total = sharers.reduce((sum, k) => sum + credit(k), 0n);
    if (total === 0n) reserve += pot;
    let before = 0n;
    for (const k of total === 0n ? [] : sharers) {
      const upTo = before + credit(k);
      shares[k] = (shares[k] ?? 0n) + (pot * upTo) / total - (pot * before) / total;
      before = upTo;
    }
  };
  let pool = 0n;
  input.contracts.forEach(({ seller, buyer }, i) => {
    const one = period.contracts[i] as SettledContract;
    const both = one.sellerDefaulted && one.buyerDefaulted;
    const mu = both ? 0n : rules.muPpm;
    const toBuyer = (mu * one.penaltySeller) / 1_000_000n;
    const toSeller = (mu * one.penaltyBuyer) / 1_000_000n;
    shares[buyer] = (shares[buyer] ?? 0n) + toBuyer;
    shares[seller] = (shares[seller] ?? 0n) + toSeller;
    const pot = one.penaltySeller + one.penaltyBuyer - toBuyer - toSeller;
    if (rules.sharing === 'pooled') pool += pot;
    else spread(pot, [seller, buyer]);
  });
  spread(pool, []);
  return { shares, reserve };
}

function shareFault(input: PeriodInput, period: SettledPeriod): Fault {
  const { penalty } = input.rules;
  if (penalty === undefined) return undefined;
  const { shares, reserve } = sharesByFormula(input, period, penalty);
  const surplus = period.contracts.reduce((sum, c) => sum + c.buyerPays - c.sellerGets, 0n);
  if (period.counter.reserve !== reserve + surplus) return 'the reserve is not what is left over';
  const wrong = period.accounts.findIndex(({ penaltyShare }, k) => penaltyShare !== shares[k]);
  return wrong < 0 ? undefined : `the share of account ${wrong} is not that of formula 10`;
}

/** What the locks of the contracts cover is never exceeded: nobody is paid from nowhere. */
function lockFault({ contracts, rules }: PeriodInput, period: SettledPeriod): Fault {
  if (rules.payment === 'contract') return undefined;
  for (const [i, { energyWh, price, congestion = 0n, bothWheel }] of contracts.entries()) {
    const one = period.contracts[i] as SettledContract;
    const fees = energyWh * rules.wheeling;
    const buyerLock = (energyWh * price.buyTwice) / 2n + fees + energyWh * congestion;
    const sellerLock = (energyWh * price.sellTwice) / 2n + (bothWheel ? fees : 0n);
    const buyerPays = one.buyerPays + one.penaltyBuyer + one.wheelingBuyer + one.congestion;
    if (buyerPays > buyerLock) return `contract ${i}: beyond the lock of the buyer`;
    if (one.penaltySeller + one.wheelingSeller > sellerLock + one.sellerGets)
      return `contract ${i}: beyond the lock of the seller`;
  }
  return undefined;
}

/** The first thing that is wrong with a settled period, in words. */
export function proofFault(input: PeriodInput, period: SettledPeriod): Fault {
  const fault = periodFault(input, period) ?? shareFault(input, period) ?? lockFault(input, period);
  if (fault !== undefined) return fault;
  for (const i of input.contracts.keys()) {
    const wrong = penaltyFault(input, period, i);
    if (wrong !== undefined) return `contract ${i}: ${wrong}`;
  }
  return undefined;
}
