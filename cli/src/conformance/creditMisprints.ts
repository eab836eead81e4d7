// The tables of papers/004 as they are printed, beside what is consistent with the rest of the
// paper and what this program computes (market-bilateral 4, M1-M7). Shares and nets are compared
// with the pool that the authors used; the rule itself gives others (D1).
import { present } from '../../../core/src/assert.js';
import { divHalfAway } from '../../../core/src/amount.js';
import { parseDecimal, printFixed } from '../../../core/src/decimal.js';
import type { Misprint } from '../../../market/src/conformance.js';
import { settleFile } from '../../../market/src/file/settle.js';
import type { SettledPeriod } from '../../../market/src/settle/period.js';
import { penaltyOf } from '../../../market/src/settle/penalty.js';
import { type CreditVectors, sequenceOf, tableOf } from './creditForm.js';
import { pooledShares } from './creditPooling.js';

/** Period, price, P and T of the supplier, P and T of the consumer, C of both. */
const TABLES_A1_A2 = `
1 0.64 0.00 0.00 0.27 1.35 100 89
2 0.64 0.00 0.00 0.00 0.00 99 89
3 0.65 0.00 0.00 0.28 1.41 99 88
4 0.64 0.00 0.00 0.30 3.03 99 86
5 0.66 0.00 0.00 0.00 0.00 99 86
6 0.67 0.00 0.00 0.00 0.00 99 86
7 0.67 0.00 0.00 0.00 0.00 99 86
8 0.68 0.00 0.00 0.00 0.00 99 86
9 0.66 0.00 0.00 0.00 0.00 99 86
10 0.66 0.00 0.00 0.00 0.00 99 86
11 0.67 0.00 0.00 0.00 0.00 99 86
12 0.65 0.00 0.00 0.00 0.00 100 86
13 0.64 0.00 0.00 0.00 0.00 99 86
14 0.64 0.00 0.00 0.00 0.00 99 87
15 0.64 0.10 1.00 0.30 1.51 98 86`;

/** Node, C, shortfall and energy over the grid (kWh), T, share, income or outlay. */
const TABLES_2_3 = `
1 96 0 0 0.00 0.081 64.91
2 93 10 0 1.28 0.082 58.20
3 90 0 0 0.00 0.076 39.08
4 100 0 0 0.00 0.085 42.90
5 91 0 0 0.00 0.077 38.48
6 99 0 0 0.00 5.430 50.93
7 92 0 0 0.00 0.078 26.08
8 95 0 0 0.00 0.080 19.88
9 93 0 0 0.00 0.079 19.88
10 94 0 10 0.00 0.080 5.08
a 94 0 0 0.00 0.080 32.92
b 93 0 10 0.00 1.216 32.68
c 95 0 10 0.00 0.081 46.42
d 92 0 0 0.00 0.078 40.12
e 90 30 0 6.77 0.077 71.09
f 91 0 0 0.00 0.077 45.42
g 100 0 0 0.00 0.085 51.12
h 99 0 0 0.00 0.084 39.52
i 97 0 0 0.00 0.082 6.32
j 96 0 0 0.00 0.082 6.42`;

const rowsOf = (table: string): readonly (readonly string[])[] =>
  table
    .trim()
    .split('\n')
    .map((row) => row.split(' '));

const TRILLION = 10n ** 12n;
const CENT = 10_000n;

/** Micro currency with two decimals, half up. */
const cents = (micro: bigint): string => printFixed(divHalfAway(micro, CENT), 2);
const micro = (text: string): bigint =>
  parseDecimal(text, { field: 'printed', decimals: 6, signed: true });
/** A decimal text with fewer decimals, half up. */
const rounded = (text: string, decimals: number): string =>
  printFixed(divHalfAway(micro(text), 10n ** BigInt(6 - decimals)), decimals);

/** What is printed, and the columns it is compared with. */
interface Row {
  readonly name: string;
  readonly printed: readonly string[];
  readonly consistent: readonly string[];
  readonly computed: readonly string[];
  readonly columns: readonly string[];
}

const misprintsOf = ({ name, printed, consistent, computed, columns }: Row): readonly Misprint[] =>
  columns.flatMap((column, i): Misprint[] => {
    const [text = '', want = '', got = ''] = [printed[i], consistent[i], computed[i]];
    if (text === want && text === got) return [];
    return [{ cell: `${name} ${column}`, printed: text, consistent: want, computed: got }];
  });

/** Cells of the printed tables that are not what the rest of the paper gives. */
export const creditMisprints = (vectors: CreditVectors): readonly Misprint[] => [
  ...sequenceMisprints(vectors),
  ...tableMisprints(vectors),
];

const SEQUENCE_COLUMNS =
  'price,P(supplier),T(supplier),P(consumer),T(consumer),C(supplier),C(consumer)';

function sequenceMisprints({ tableA1A2 }: CreditVectors): readonly Misprint[] {
  const settled = settleFile(sequenceOf(tableA1A2));
  return rowsOf(TABLES_A1_A2).flatMap(([number, ...printed], at): readonly Misprint[] => {
    const row = tableA1A2[at];
    const period = settled[at]?.period;
    if (row === undefined || period === undefined) return [];
    const price = BigInt(row.price_micro);
    const priceAt = (ratio12: bigint | number): string =>
      cents((BigInt(ratio12) * price) / TRILLION);
    const contract = present(period.contracts[0], 'one contract');
    const [supplier, consumer] = period.accounts;
    return misprintsOf({
      name: `tableA1A2 ${number}`,
      columns: SEQUENCE_COLUMNS.split(','),
      printed,
      consistent: [
        cents(price),
        priceAt(row.sup.ratio_1e12),
        cents(BigInt(row.sup.T_micro)),
        priceAt(row.con.ratio_1e12),
        cents(BigInt(row.con.T_micro)),
        String(row.sup.C),
        String(row.con.C),
      ],
      computed: [
        pricesOfPenalty(printed[4] ?? '', contract) ?? cents(price),
        priceAt(contract.ratioSeller),
        cents(supplier?.penalty ?? 0n),
        priceAt(contract.ratioBuyer),
        cents(consumer?.penalty ?? 0n),
        String(supplier?.credit.C),
        String(consumer?.credit.C),
      ],
    });
  });
}

/** The prices, to the cent, at which the consumer's penalty is what is printed (M1). */
function pricesOfPenalty(
  printed: string,
  { ratioBuyer, shortBuyerWh }: SettledPeriod['contracts'][number],
): string | undefined {
  if (ratioBuyer === 0n) return undefined;
  const prices = Array.from({ length: 100 }, (_, cent) => BigInt(cent) * 10n);
  const fits = prices.filter(
    (price) => cents(penaltyOf(ratioBuyer, 2n * price, shortBuyerWh)) === printed,
  );
  return fits.map((price) => printFixed(price / 10n, 2)).join(' or ');
}

const TABLE_COLUMNS = 'C,short,grid,T,share,money';
/** Per kWh: feed-in of a supplier, retail of a consumer. */
const GRID_MILL = { sup: 500n, con: 750n };

function tableMisprints(vectors: CreditVectors): readonly Misprint[] {
  const { file, period } = present(settleFile(tableOf(vectors))[0], 'one period');
  const shares = pooledShares(vectors, 6);
  const kwh = (wh: bigint | number): string => String(BigInt(wh) / 1000n);
  return rowsOf(TABLES_2_3).flatMap(([id = '', ...printed]): readonly Misprint[] => {
    const want = vectors.tables2and3.nodes[id];
    const wantShare = vectors.tables2and3SharesAsPrintedPaperPooling[id];
    const got = period.accounts[file.accounts.findIndex((account) => account.id === id)];
    const share = shares.get(id);
    if (want === undefined || got === undefined) return [];
    if (wantShare === undefined || share === undefined) return [];
    const sign = want.role === 'sup' ? 1n : -1n;
    const [energy, grid] = [BigInt(want.energy_micro), BigInt(want.grid_micro)];
    const paid = cutCents(BigInt(want.T_micro));
    const moneyWith = (text: string): string => cents(energy + grid + sign * (micro(text) - paid));
    return misprintsOf({
      name: `tables2and3 ${id}`,
      columns: TABLE_COLUMNS.split(','),
      printed,
      consistent: [
        String(want.C_after),
        kwh(want.short_wh),
        kwh(grid / GRID_MILL[want.role]),
        cents(BigInt(want.T_micro)),
        rounded(wantShare, 3),
        moneyWith(wantShare),
      ],
      computed: [
        String(got.credit.C),
        kwh(got.shortfallWh),
        kwh(got.gridWh),
        cents(got.penalty),
        rounded(share, 3),
        cents(sign * (got.energyMoney + got.gridMoney + micro(share) - cutCents(got.penalty))),
      ],
    });
  });
}

const cutCents = (amount: bigint): bigint => (amount / CENT) * CENT;
