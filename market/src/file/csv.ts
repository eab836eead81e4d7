// CSV of orders (interfaces "market clear"): the header holds field names, one order per line,
// RFC 4180 quotes. An empty cell is an absent field. Gives the same values as the JSON form, so
// that one reader checks both.
import { refuse } from './document.js';

/** Fields that are not text in JSON. */
const FLAGS = new Set(['green', 'adjust']);
const COUNTS = new Set(['seq']);
const COUNT = /^(0|[1-9][0-9]{0,14})$/;

/** The orders of a CSV text, as the JSON form would hold them. */
export function ordersOfCsv(text: string): readonly Record<string, unknown>[] {
  const [header, ...lines] = rowsOf(text);
  if (header === undefined) return refuse('FILE_FORMAT', 'orders', 'the header line is missing');
  if (new Set(header).size !== header.length)
    return refuse('FILE_FORMAT', 'orders', 'a column stands twice in the header');
  return lines.map((cells, i) => {
    if (cells.length !== header.length)
      refuse('FILE_FORMAT', `orders[${i}]`, `${header.length} cells are wanted`);
    const entries = header.map((name, c) => [name, valueOf(name, cells[c] as string)] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  });
}

function valueOf(name: string, cell: string): string | number | boolean | undefined {
  if (cell === '') return undefined;
  if (FLAGS.has(name) && (cell === 'true' || cell === 'false')) return cell === 'true';
  return COUNTS.has(name) && COUNT.test(cell) ? Number(cell) : cell;
}

/** Where the reader of cells stands. */
interface Cursor {
  readonly text: string;
  at: number;
}

function rowsOf(text: string): readonly (readonly string[])[] {
  const cursor: Cursor = { text: text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'), at: 0 };
  const rows: string[][] = [];
  while (cursor.at < cursor.text.length) {
    const row = rowOf(cursor);
    if (row.length > 1 || row[0] !== '') rows.push(row);
  }
  return rows;
}

function rowOf(cursor: Cursor): string[] {
  const row = [cellOf(cursor)];
  while (cursor.text[cursor.at] === ',') {
    cursor.at++;
    row.push(cellOf(cursor));
  }
  const end = cursor.text[cursor.at++];
  if (end !== undefined && end !== '\n') refuse('FILE_FORMAT', 'orders', 'text after a quote');
  return row;
}

function cellOf(cursor: Cursor): string {
  if (cursor.text[cursor.at] === '"') return quotedCellOf(cursor);
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !',\n'.includes(cursor.text[cursor.at] as string))
    cursor.at++;
  const cell = cursor.text.slice(start, cursor.at).trim();
  return cell.includes('"') ? refuse('FILE_FORMAT', 'orders', 'a quote inside a cell') : cell;
}

function quotedCellOf(cursor: Cursor): string {
  let cell = '';
  for (;;) {
    const close = cursor.text.indexOf('"', cursor.at + 1);
    if (close < 0) return refuse('FILE_FORMAT', 'orders', 'a quote is not closed');
    cell += cursor.text.slice(cursor.at + 1, close);
    cursor.at = close + 1;
    if (cursor.text[cursor.at] !== '"') return cell;
    cell += '"';
  }
}
