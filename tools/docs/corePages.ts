// Reference pages from the core room: error codes, transactions, lines, parameters, limits.
import type { Field } from '../../core/src/codec/codec.js';
import { CODES, type CodeEntry } from '../../core/src/errors.js';
import * as coreLimits from '../../core/src/limits.js';
import {
  CHAIN_MECHANISMS,
  DEFAULT_PERIOD_MS,
  defaultOf,
  hasParam,
  MARKET_PARAMS,
  type Mechanism,
  OFFSETS,
  type Param,
  PARAM_NAMES,
} from '../../core/src/markets.js';
import { CONSENSUS_RANGES } from '../../core/src/params.js';
import { LINE_KINDS } from '../../core/src/receipt.js';
import { BODIES, ROLES } from '../../core/src/tx.js';
import * as netLimits from '../../node/src/net/limits.js';
import { docstrings, headings, recordDocs } from './docstrings.js';
import { fieldRows } from './fields.js';
import { code, type Page, table } from './markdown.js';

const ERRORS = 'core/src/errors.ts';
const MENDERS: Readonly<Record<CodeEntry['mender'], string>> = {
  sender: 'whoever sent it',
  operator: 'operator of the node',
  centre: 'the centre',
  peer: 'the peer that sent it',
  nobody: 'nobody; a person decides',
};

export function errors(): Page {
  const groups = headings(ERRORS, 'export const CODES = {');
  const names = Object.keys(CODES) as (keyof typeof CODES)[];
  const body = [...new Set(groups.values())].flatMap((group) => [
    `## ${group}`,
    '',
    ...table(
      ['code', 'meaning', 'who can mend it'],
      names
        .filter((name) => groups.get(name) === group)
        .map((name) => [code(name), CODES[name].meaning, MENDERS[CODES[name].mender]]),
    ),
  ]);
  return { file: 'errors.md', title: 'Error codes', source: ERRORS, body };
}

const TX = 'core/src/tx.ts';

export function transactions(): Page {
  const kinds = Object.entries(BODIES as Readonly<Record<string, unknown>>);
  const body = [
    'On the wire: `[kind, sender, validFrom, validUntil, salt, body, signature]`. The id is',
    'SHA-256 of `["tx", chainId, kind, sender, validFrom, validUntil, salt, body]`, and the',
    'signature is over those bytes. Amounts are in base units: Wh, 10^-p currency per kWh,',
    '10^-(p+3) currency.',
    '',
    `Roles: ${ROLES.map(code).join(', ')}.`,
    '',
    ...kinds.flatMap(([kind, field]) => [
      `## ${kind}`,
      '',
      ...table(['field', 'type', 'what'], fieldRows(field as Field<unknown>, recordDocs(TX, kind))),
    ]),
  ];
  return { file: 'transactions.md', title: 'Transactions', source: TX, body };
}

export function lines(): Page {
  const body = [
    'A line is `[kind, account, n, ...fields, availableBefore, lockedBefore, availableAfter,',
    'lockedAfter, creditAfter]`; lines of a receipt stand in ascending (kind, account, n)',
    '(light-clients 4.2). A number once used keeps its meaning.',
    '',
    ...table(
      ['kind', 'name', 'fields'],
      Object.entries(LINE_KINDS).map(([name, { kind, fields }]) => [
        String(kind),
        name,
        fields.map(code).join(', '),
      ]),
    ),
  ];
  return { file: 'lines.md', title: 'Lines of receipts', source: 'core/src/receipt.ts', body };
}

const PARAMS = 'core/src/params.ts';

const KIND_TEXT: { readonly [kind in Param['kind']]: string } = {
  flag: 'true or false',
  word: 'word',
  count: 'whole number',
  ms: 'chain ms',
  ratio: 'decimal, kept in ppm',
  price: 'currency/kWh',
  money: 'currency',
  energy: 'kWh, kept in Wh',
  edges: 'pairs of nodes',
  names: 'list of ids',
};

/** Default by mechanism, in base units. */
function defaultText(name: (typeof PARAM_NAMES)[number]): string {
  const of = CHAIN_MECHANISMS.filter((mechanism) => hasParam(mechanism, name));
  const texts = of.map((mechanism) => String(defaultOf(mechanism, name) ?? 'none') || 'none');
  const [first] = texts;
  if (texts.every((text) => text === first)) return first ?? '';
  return of.map((mechanism, i) => `${mechanism}: ${texts[i]}`).join('; ');
}

function rangeText({ min, max, words, kind }: Param): string {
  if (words !== undefined) return words.join(', ');
  if (kind === 'flag' || (min === undefined && max === undefined)) return '';
  return `${min ?? 0}..${max ?? ''}`;
}

const paramRows = (): readonly (readonly string[])[] =>
  PARAM_NAMES.map((name) => {
    const param = MARKET_PARAMS[name] as Param;
    const of = CHAIN_MECHANISMS.filter((mechanism) => hasParam(mechanism, name));
    return [
      code(param.file),
      code(name),
      KIND_TEXT[param.kind],
      defaultText(name),
      rangeText(param),
      of.length === CHAIN_MECHANISMS.length ? 'all' : of.join(', '),
      param.module ? 'modules' : 'params',
    ];
  });

const offsetRows = (mechanism: Mechanism): readonly (readonly string[])[] =>
  OFFSETS[mechanism].map(({ name, default: def, demo }) => [
    mechanism,
    code(name),
    String(def),
    String(demo),
  ]);

export function parameters(): Page {
  const body = [
    '## Consensus',
    '',
    ...table(
      ['parameter', 'default', 'least', 'most', 'unit'],
      Object.entries(CONSENSUS_RANGES).map(([name, range]) => [
        code(name),
        String(range.default),
        String(range.min),
        String(range.max),
        range.unit,
      ]),
    ),
    '`fallbackProposers` is true or false, true by default. `voteTimeoutMs` <=',
    '`proposeTimeoutMs` <= `timeoutCapMs`; `driftMs` < `proposeTimeoutMs` + `minBlockMs`.',
    '',
    '## Mechanisms of a market',
    '',
    ...table(
      ['mechanism', 'period, chain ms'],
      CHAIN_MECHANISMS.map((mechanism) => [code(mechanism), String(DEFAULT_PERIOD_MS[mechanism])]),
    ),
    '## Offsets',
    '',
    'Chain ms from the start of the period before delivery; of `continuous` from the start of',
    'delivery. Of `bilateral`: periods before delivery; ms after the reading deadline.',
    '',
    ...table(
      ['mechanism', 'offset', 'default', '`demo` and `dev`'],
      CHAIN_MECHANISMS.flatMap((mechanism) => offsetRows(mechanism)),
    ),
    '## Parameters and modules of a market',
    '',
    'The genesis file writes decimals; defaults and ranges here are in base units, as in the state',
    'and in `chain_parameters`, with three decimals of prices.',
    '',
    ...table(
      ['in files', 'in the state', 'unit', 'default', 'range', 'mechanisms', 'part of'],
      paramRows(),
    ),
  ];
  return { file: 'parameters.md', title: 'Parameters', source: PARAMS, body };
}

function limitRows(limits: object, file: string): readonly (readonly string[])[] {
  const docs = docstrings(file);
  return Object.entries(limits)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'bigint')
    .map(([name, value]) => [code(name), String(value), docs.get(name) ?? '']);
}

export function limits(): Page {
  const file = 'core/src/limits.ts';
  const titles = ['limit', 'value', 'what'];
  const body = [
    'Equal on every node; what a chain may choose is a parameter.',
    '',
    ...table(titles, limitRows(coreLimits, file)),
    '## Network layer',
    '',
    ...table(titles, limitRows(netLimits, 'node/src/net/limits.ts')),
  ];
  return { file: 'limits.md', title: 'Limits', source: file, body };
}
