// The HTML of `busbar market compare`: one file that needs nothing from anywhere, with the table
// and a plot of each of its quantities.
import type { CompareReport } from '../../market/src/file/compare.js';
import { BLUE, GREEN, GREY, ORANGE, page, table } from './demo/page.js';
import { plot, type Series } from './demo/plot.js';
import { type Compared, comparedLines, COMPARISON, comparisonRows } from './printMarket.js';

export function compareReport(report: CompareReport, file: string): string {
  const compared = comparedLines(report).flatMap(({ name, result }) =>
    result === undefined ? [] : [{ name, ...result }],
  );
  const series = (look: Omit<Series, 'values'>, of: (one: Compared) => string | null): Series => ({
    ...look,
    // For the screen only.
    values: compared.map((one) => (of(one) === null ? undefined : Number(of(one)))),
  });
  const figure = (title: string, unit: string, shown: readonly Series[]): string =>
    plot({ title, unit, label: (i) => compared[i]?.name ?? '', series: shown });
  const bars = (name: string, colour: string) => ({ name, colour, kind: 'bars' }) as const;
  const points = (name: string, colour: string) => ({ name, colour, kind: 'points' }) as const;
  return page('Markets compared', [
    table(['orders'], [[file]]),
    table(COMPARISON, comparisonRows(report)),
    figure('Traded between neighbours', 'kWh', [
      series(bars('volume', GREEN), ({ volume }) => volume),
    ]),
    figure('Prices of the trades', 'currency per kWh', [
      series(bars('average', GREY), ({ prices }) => prices.average),
      series(points('least', BLUE), ({ prices }) => prices.least),
      series(points('most', ORANGE), ({ prices }) => prices.most),
    ]),
    figure('Welfare: what trades are worth to both sides', 'currency', [
      series(bars('welfare', GREEN), ({ welfare }) => welfare),
    ]),
    figure('What buyers pay and sellers get, the rest of the grid included', 'currency', [
      series(bars('buyers with the grid alone', GREY), (one) => one.gridOnlyBuyersPay),
      series(bars('buyers pay', BLUE), (one) => one.buyersPay),
      series(bars('sellers with the grid alone', GREY), (one) => one.gridOnlySellersGet),
      series(bars('sellers get', ORANGE), (one) => one.sellersGet),
    ]),
  ]);
}
