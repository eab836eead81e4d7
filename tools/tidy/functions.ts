// Where functions begin and end, found by brackets in the code of a source. A block belongs to a
// function where `=>` or a parameter list (with or without a return type) stands before it.
import { lineAt, type Source } from './source.js';

export interface FunctionSpan {
  /** Line of the parameter list, or of the block. */
  readonly from: number;
  readonly to: number;
}

const CONTROL = /\b(if|for|while|switch|catch|with|await)\s*$/;
/** After braces that are a part of a return type. */
const TYPE_GOES_ON = /^\s*([{|&[]|=>)/;
const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Place of the opening bracket of each closing one. */
function partnersOf(code: string): ReadonlyMap<number, number> {
  const open: number[] = [];
  const partners = new Map<number, number>();
  for (let i = 0; i < code.length; i++) {
    const char = code[i] as string;
    if (char === '(' || char === '[' || char === '{') open.push(i);
    const wanted = PAIRS[char];
    if (wanted === undefined) continue;
    const from = open.pop();
    if (from !== undefined && code[from] === wanted) partners.set(i, from);
  }
  return partners;
}

const endBefore = (code: string, at: number): number => code.slice(0, at).trimEnd().length;

export function functionsOf(source: Source): readonly FunctionSpan[] {
  const { code } = source;
  const partners = partnersOf(code);
  const spans: FunctionSpan[] = [];
  for (const [to, from] of partners) {
    if (code[from] !== '{' || TYPE_GOES_ON.test(code.slice(to + 1))) continue;
    const start = startOfFunction(code, from, partners);
    if (start !== undefined) spans.push({ from: lineAt(source, start), to: lineAt(source, to) });
  }
  return spans.sort((a, b) => a.from - b.from);
}

/** Place where the function of the block at `brace` begins, or undefined where it has none. */
function startOfFunction(
  code: string,
  brace: number,
  partners: ReadonlyMap<number, number>,
): number | undefined {
  const end = endBefore(code, brace);
  // An arrow whose value is an object: `=> ({`.
  const bare = code[end - 1] === '(' ? endBefore(code, end - 1) : end;
  if (code.slice(bare - 2, bare) === '=>') {
    const head = endBefore(code, bare - 2);
    if (code[head - 1] === ')') return partners.get(head - 1) ?? head;
    return parametersBefore(code, head, partners) ?? head;
  }
  if (code[end - 1] !== ')') return parametersBefore(code, end, partners);
  const list = partners.get(end - 1);
  return list === undefined || CONTROL.test(code.slice(0, list)) ? undefined : list;
}

/** Start of the parameter list of which the text up to `end` is the return type: `(...): type`. */
function parametersBefore(
  code: string,
  end: number,
  partners: ReadonlyMap<number, number>,
): number | undefined {
  for (let at = end - 1; at >= 0; at--) {
    const char = code[at] as string;
    if (char === ')' && /^\s*:/.test(code.slice(at + 1, end))) return partners.get(at);
    if (';{([,='.includes(char)) return undefined;
    // Braces with more than the rest of a type behind them are a block that came before.
    if (char === '}' && !/^\s*([|&>[]|$)/.test(code.slice(at + 1, end))) return undefined;
    if (PAIRS[char] !== undefined) at = partners.get(at) ?? -1;
  }
  return undefined;
}
