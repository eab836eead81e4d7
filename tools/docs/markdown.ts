// Pieces of the reference pages.

export interface Page {
  /** File name under docs/reference. */
  readonly file: string;
  readonly title: string;
  /** Source file that the page is printed from. */
  readonly source: string;
  readonly body: readonly string[];
}

export const printPage = ({ title, source, body }: Page): string =>
  [
    `# ${title}`,
    '',
    `Printed from \`${source}\` by \`npm run docs\`; changes belong there.`,
    '',
    ...body,
    '',
  ].join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A table with its titles; nothing where there are no rows. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line), ''];
}

export const code = (text: string): string => `\`${text}\``;
