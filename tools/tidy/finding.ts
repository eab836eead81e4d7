// What a rule finds, and how it reads on a terminal.

export interface Finding {
  readonly file: string;
  /** 1 for the first line; 0 for the file as a whole. */
  readonly line: number;
  readonly rule: string;
  /** What to do instead. */
  readonly instead: string;
}

export const print = ({ file, line, rule, instead }: Finding): string =>
  `${file}:${line}: ${rule}: ${instead}`;

export const byPlace = (a: Finding, b: Finding): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line;
