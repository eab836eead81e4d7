// What commands print: one JSON document on stdout with --json, else tables for people.
// Diagnostics go to stderr.
import { ProtocolError } from '../../core/src/errors.js';

/** A failure whose document is on stdout already. */
export class ReportedFailure extends ProtocolError {}

export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

export function printLine(text = ''): void {
  process.stdout.write(`${printable(text)}\n`);
}

export function printDiagnostic(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Names come from files: a control character must not reach the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  /** Numbers stand on the right. */
  readonly right?: boolean;
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/gu;
/** Columns on a terminal: a Chinese character takes two. */
const widthOf = (text: string): number => [...text].length + (text.match(WIDE)?.length ?? 0);

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : text + space;
}

/** A titled table; nothing where there are no rows. */
export function printTable<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): void {
  if (rows.length === 0) return;
  const cells = rows.map((row) => columns.map(({ of }) => of(row)));
  const widths = columns.map((column, c) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[c] ?? '')), widthOf(column.title)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, c) => pad(text, widths[c] ?? 0, columns[c]?.right === true))
      .join('  ')
      .trimEnd();
  printLine(title);
  printLine(`  ${line(columns.map((column) => column.title))}`);
  for (const row of cells) printLine(`  ${line(row)}`);
  printLine();
}
