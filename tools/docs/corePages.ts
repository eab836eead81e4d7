// Reference pages from the core room: error codes, transactions, lines, parameters, limits.
import type { Field } from '../../core/src/codec/codec.js';
import { CODES, type CodeEntry } from '../../core/src/errors.js';
import * as coreLimits from '../../core/src/limits.js';
import { callParamsField, CONSENSUS_RANGES, marketField } from '../../core/src/params.js';
import { LINE_KINDS } from '../../core/src/receipt.js';
import { BODIES, ROLES } from '../../core/src/tx.js';
import * as netLimits from '../../node/src/net/limits.js';
import { readMarket } from '../../state/src/genesis/markets.js';
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

/** A market that says only what it must: everything else is the default. */
function defaultMarket(): { readonly [name: string]: unknown } {
  const least = { id: 'spot', mechanism: 'call', params: { feedIn: '0', retail: '0' } };
  return readMarket(least, 'markets[0]', 3) as never;
}

const shown = (value: unknown): string =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';

export function parameters(): Page {
  const market = defaultMarket();
  const ofCall = market.params as { readonly [name: string]: unknown };
  const own = new Set(['id', 'mechanism', 'params', 'feedIn', 'retail']);
  const rows = (
    field: Field<unknown>,
    defaults: typeof market,
    docs: ReadonlyMap<string, string>,
  ) =>
    Object.entries(field.parts ?? {}).map(([name, { name: type }]) => [
      code(name),
      type,
      own.has(name) ? '' : shown(defaults[name]),
      docs.get(name) ?? '',
    ]);
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
    '## A market',
    '',
    'In base units, as in the state and in `chain_parameters`; the genesis file writes decimals.',
    '',
    ...table(
      ['parameter', 'type', 'default', 'what'],
      rows(marketField as Field<unknown>, market, recordDocs(PARAMS, 'market')),
    ),
    '## Parameters of the mechanism `call`',
    '',
    ...table(
      ['parameter', 'type', 'default (3 price decimals)', 'what'],
      rows(callParamsField as Field<unknown>, ofCall, recordDocs(PARAMS, 'call parameters')),
    ),
  ];
  return { file: 'parameters.md', title: 'Parameters', source: PARAMS, body };
}

function limitRows(limits: object, file: string): readonly (readonly string[])[] {
  const docs = docstrings(file);
  return Object.entries(limits)
    .filter(([, value]) => typeof value === 'number')
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
