// The penalty ratio in decimals of 70 digits, straight from formulas 6-8 of market-bilateral 3:
// the exponential by its series, the square root by Newton. Shares nothing with the code it checks.

const DIGITS = 70n;
const SCALE = 10n ** DIGITS;

/** e^(-n/2): the n-th power of the series of e^(-1/2). */
function exponential(n: number): bigint {
  let [sum, term] = [SCALE, SCALE];
  for (let k = 1n; term !== 0n; k++) {
    term = -term / (2n * k);
    sum += term;
  }
  let power = SCALE;
  for (let i = 0; i < n; i++) power = (power * sum) / SCALE;
  return power;
}

function root(value: bigint): bigint {
  if (value === 0n) return 0n;
  let x = value + SCALE;
  for (;;) {
    const next = (x + value / x) / 2n;
    if (next >= x) return x;
    x = next;
  }
}

const sigmoids = new Map<number, bigint>();

/** ( 1 / (1 + e^(-n/2)) )^2, 0 at n = 0. */
function sigmoidSquared(n: number): bigint {
  if (n === 0) return 0n;
  const known = sigmoids.get(n);
  if (known !== undefined) return known;
  const sigmoid = (SCALE * SCALE) / (SCALE + exponential(n));
  const squared = (sigmoid * sigmoid) / SCALE;
  sigmoids.set(n, squared);
  return squared;
}

export interface DecimalRules {
  readonly k1Ppm: bigint;
  readonly k2Ppm: bigint;
  readonly gPpm: bigint;
}

/** sqrt(1 - x^2) with x = C/100 + 0.01 k2 (100 - C) beta / 100, at the scale that is returned. */
export function ratioOfDecimals(credit: number, n: number, rules: DecimalRules) {
  const ppm = 1_000_000n;
  const beta = (rules.k1Ppm * sigmoidSquared(n)) / ppm + (rules.gPpm * SCALE) / ppm;
  const C = BigInt(credit);
  const x = (C * SCALE) / 100n + (rules.k2Ppm * (100n - C) * beta) / (ppm * 10_000n);
  const square = SCALE - (x * x) / SCALE;
  return { exact: root(square * SCALE), scale: SCALE };
}
