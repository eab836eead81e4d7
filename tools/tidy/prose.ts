// What comments and texts say: rule ids in one form, no promises to do it later, nothing that is
// true on one machine only.
import type { Finding } from './finding.js';
import { roomOf } from './path.js';
import type { Piece, Source } from './source.js';

const HYPHENATED = [
  'light-clients',
  'meters-and-grid',
  'market-(?:call|two-round|reputation|neighbourhood|bilateral|uniform)',
].join('|');
const PAGES = [
  HYPHENATED,
  'conventions|consensus|settlement|parameters|interfaces|reliability',
].join('|');

interface Check {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const LATER: Check = {
  rule: 'later',
  pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
  instead: 'open an issue; the code says what is',
};
const MACHINE: Check = {
  rule: 'machine path',
  pattern: /(?<![\w.:/)\]}])\/(home|root|Users|tmp|work|mnt)\/\w/,
  instead: 'a path that exists on every machine, or os.tmpdir()',
};
const WORDS = 'rules?|sections?|sec\\.|paragraph|no\\.|§|#';
/**
 * A page, a word for its parts, a number: there is one form of a rule id, and a search finds it.
 */
const LONG_ID: Check = {
  rule: 'rule id',
  pattern: new RegExp(`\\b(${PAGES})(\\.md)?,? (${WORDS}) ?[A-Z]?\\d`),
  instead: 'page and number, as in "consensus 3.5"',
};
/** A page with a hyphen is no word of the language: it stands for a rule. */
const NO_NUMBER: Check = {
  rule: 'rule id',
  pattern: new RegExp(`\\b(${HYPHENATED})\\b(?!(\\.md)?,? ("|[A-Z]?\\d|[A-Z]\\b))(?!\\.md\\b)`),
  instead: 'say which rule, as in "market-call 8"',
};

function found(source: Source, pieces: readonly Piece[], checks: readonly Check[]) {
  const findings: Finding[] = [];
  for (const piece of pieces)
    piece.text.split('\n').forEach((text, i) => {
      const rules = new Set<string>();
      for (const { rule, pattern, instead } of checks) {
        if (rules.has(rule) || !pattern.test(text)) continue;
        rules.add(rule);
        findings.push({ file: source.path, line: piece.line + i, rule, instead });
      }
    });
  return findings;
}

export function prose(source: Source): readonly Finding[] {
  const ids = roomOf(source.path) === undefined ? [LONG_ID] : [LONG_ID, NO_NUMBER];
  return [
    ...found(source, joined(source.comments), [LATER, MACHINE, ...ids]),
    ...found(source, source.strings, [LATER, MACHINE]),
  ];
}

/** Machine paths in files that are no code. */
export const machinePaths = (path: string, text: string): readonly Finding[] =>
  text
    .split('\n')
    .flatMap((line, i) =>
      MACHINE.pattern.test(line)
        ? [{ file: path, line: i + 1, rule: MACHINE.rule, instead: MACHINE.instead }]
        : [],
    );

const PAGE_AT_END = new RegExp(`\\b(${PAGES})(\\.md)?,?$`);

/** A rule id may stand on two lines: then the first is read with the number from the second. */
function joined(comments: readonly Piece[]): readonly Piece[] {
  return comments.map((piece, i) => {
    const next = comments[i + 1];
    if (next?.line !== piece.line + 1 || !PAGE_AT_END.test(piece.text)) return piece;
    const [first = ''] = next.text.replace(/^[/* ]+/, '').split(' ', 1);
    return { ...piece, text: `${piece.text} ${first}` };
  });
}
