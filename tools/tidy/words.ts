// Words that must not stand in code, each with what to write instead. `everywhere` holds for every
// file, `pure` for the rooms that know no clock, chance, input or waiting (house rule: time is
// told, never asked; money and energy are bigint).
import type { Finding } from './finding.js';
import { lineAt, type Source } from './source.js';
import { isPure } from './path.js';

interface Ban {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly instead: string;
}
const ban = (rule: string, pattern: RegExp, instead: string): Ban => ({ rule, pattern, instead });

const BARE_ERROR = ban(
  'bare error',
  /\bnew (Error|TypeError|RangeError)\(/g,
  'ProtocolError(code, ...) at an edge, assert for a mistake of ours, a code for a rule',
);

const EVERYWHERE: readonly Ban[] = [
  ban(
    'any',
    /(?:[:<|&,[]|\bas|=>)\s*any\b(?!\s*[(.])|\bany\[\]/g,
    'say what it is, or `unknown` and check',
  ),
  ban('default export', /\bexport default\b/g, 'export by name'),
  ban('enum', /(?<![.\w])enum\s/g, 'a union of words, or a const object'),
];

const PURE: readonly Ban[] = [
  ban('clock', /\b(Date|performance)\b/g, 'take the time as an argument'),
  ban('chance', /\bMath\.random\b|\bcrypto\b/g, 'derive it from a hash, or take it as an argument'),
  ban(
    'timer',
    /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    'return an effect; the shell keeps the timers',
  ),
  ban('waiting', /\b(async|await|Promise)\b/g, 'load first, then compute synchronously'),
  ban(
    'number',
    /\bNumber\(|\b(parseFloat|parseInt)\b|\bNumber\.parse/g,
    'amounts stay bigint; a count from one is an exception with its reason',
  ),
  ban('float', /(?<![\w.])\d+\.\d+|\b\d+e-\d+/g, 'integers in ppm or base units'),
  ban(
    'library arithmetic',
    /\bMath\.(?!(floor|ceil|trunc|min|max|abs|sign|imul|clz32)\b)\w+/g,
    'exact integer arithmetic: libraries differ in the last bit',
  ),
  ban('locale', /\blocaleCompare\b|\btoLocale\w*/g, 'compareBytes, or < on ASCII'),
  ban('shell', /\b(process|console|globalThis|require)\b\s*[.(]/g, 'return facts; the shell acts'),
];

const TEST = /(^|\/)test\//;

function matches(source: Source, bans: readonly Ban[]): readonly Finding[] {
  return bans.flatMap(({ rule, pattern, instead }) =>
    [...source.code.matchAll(pattern)].map((match) => ({
      file: source.path,
      line: lineAt(source, match.index),
      rule,
      instead,
    })),
  );
}

export const words = (source: Source): readonly Finding[] => [
  ...matches(source, EVERYWHERE),
  // A test may play a library that throws what it likes.
  ...(TEST.test(source.path) ? [] : matches(source, [BARE_ERROR])),
  ...(isPure(source.path) ? matches(source, PURE) : []),
];
