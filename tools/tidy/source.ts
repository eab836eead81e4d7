// A source file as the rules see it: the code with comments, strings and patterns blanked out
// (every character keeps its place), and beside it the comments and the texts. A small scanner,
// because the compiler of this project offers no tree to programs.

export interface Piece {
  /** 1 for the first line. */
  readonly line: number;
  readonly text: string;
}

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** `text` with everything that is not code replaced by spaces. */
  readonly code: string;
  readonly comments: readonly Piece[];
  /** Contents of strings and templates. */
  readonly strings: readonly Piece[];
}

interface Scanner {
  readonly text: string;
  readonly code: string[];
  readonly comments: Piece[];
  readonly strings: Piece[];
  at: number;
  line: number;
  /** Open braces within each template's ${}. */
  readonly templates: number[];
}

export function readSource(path: string, text: string): Source {
  const s: Scanner = {
    text,
    code: [],
    comments: [],
    strings: [],
    at: 0,
    line: 1,
    templates: [],
  };
  while (s.at < text.length) step(s);
  const { comments, strings } = s;
  return { path, text, lines: text.split('\n'), code: s.code.join(''), comments, strings };
}

/** Line of a place in the text. */
export function lineAt(source: Source, at: number): number {
  let line = 1;
  for (let i = 0; i < at; i++) if (source.text[i] === '\n') line++;
  return line;
}

function step(s: Scanner): void {
  const char = s.text[s.at] as string;
  const next = s.text[s.at + 1];
  if (char === '/' && next === '/') blank(s, endOfLine(s), s.comments);
  else if (char === '/' && next === '*') blank(s, endOf(s, '*/', 2), s.comments);
  else if (char === "'" || char === '"') blank(s, endOfString(s, char), s.strings);
  else if (char === '`') template(s);
  else if (char === '/' && startsPattern(s)) blank(s, endOfPattern(s), []);
  else if (char === '}' && s.templates.at(-1) === 0) template(s);
  else {
    const depth = s.templates.length - 1;
    if (depth >= 0 && char === '{') s.templates[depth] = (s.templates[depth] as number) + 1;
    if (depth >= 0 && char === '}') s.templates[depth] = (s.templates[depth] as number) - 1;
    take(s, char);
  }
}

function take(s: Scanner, shown: string): void {
  if (s.text[s.at] === '\n') s.line++;
  s.code.push(s.text[s.at] === '\n' ? '\n' : shown);
  s.at++;
}

function blank(s: Scanner, end: number, into: Piece[]): void {
  into.push({ line: s.line, text: s.text.slice(s.at, end) });
  while (s.at < end) take(s, ' ');
}

function endOfLine(s: Scanner): number {
  const end = s.text.indexOf('\n', s.at);
  return end < 0 ? s.text.length : end;
}

function endOf(s: Scanner, mark: string, from: number): number {
  const end = s.text.indexOf(mark, s.at + from);
  return end < 0 ? s.text.length : end + mark.length;
}

function endOfString(s: Scanner, quote: string): number {
  let end = s.at + 1;
  while (end < s.text.length && s.text[end] !== quote && s.text[end] !== '\n')
    end += s.text[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, s.text.length);
}

/** From a backtick, or from the } that ends a ${}, to the next ${ or the closing backtick. */
function template(s: Scanner): void {
  const goesOn = s.text[s.at] === '}';
  if (goesOn) s.templates.pop();
  let end = s.at + 1;
  while (end < s.text.length && s.text[end] !== '`') {
    if (s.text[end] === '$' && s.text[end + 1] === '{') {
      blank(s, end + 2, s.strings);
      s.templates.push(0);
      return;
    }
    end += s.text[end] === '\\' ? 2 : 1;
  }
  blank(s, Math.min(end + 1, s.text.length), s.strings);
}

const BEFORE_PATTERN = /(^|[=(,:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|void))$/;

/** Whether the slash at hand begins a regular expression rather than a division. */
function startsPattern(s: Scanner): boolean {
  const before = s.code.slice(-200).join('').trimEnd();
  return BEFORE_PATTERN.test(before);
}

function endOfPattern(s: Scanner): number {
  let end = s.at + 1;
  let inClass = false;
  for (; end < s.text.length && s.text[end] !== '\n'; end++) {
    const char = s.text[end];
    if (char === '\\') end++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) break;
  }
  return Math.min(end + 1, s.text.length);
}
