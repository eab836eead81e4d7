// Reference pages from state, node and rpc: kinds of leaves, metrics, JSON-RPC methods.
import type { Field } from '../../core/src/codec/codec.js';
import { METRICS, type MetricRow } from '../../node/src/metrics.js';
import { METHODS } from '../../rpc/src/methods/table.js';
import { openRpc } from '../../rpc/src/openrpc.js';
import { TABLES } from '../../state/src/schema.js';
import { headings, recordDocs } from './docstrings.js';
import { fieldRows } from './fields.js';
import { code, type Page, table } from './markdown.js';

const SCHEMA = 'state/src/schema.ts';

export function state(): Page {
  const body = [
    'Leaves of the state tree: path = SHA-256(0x02, kind, key) (light-clients 2.1). Text in a key',
    'is preceded by its length, numbers are 8 bytes. A kind once used keeps its meaning.',
    '',
    ...TABLES.flatMap(({ kind, name, about, value }) => {
      const field = value as Field<unknown>;
      return [
        `## ${kind} ${name}`,
        '',
        about,
        '',
        ...table(['field', 'type', 'what'], fieldRows(field, recordDocs(SCHEMA, field.name))),
      ];
    }),
  ];
  return { file: 'state.md', title: 'State', source: SCHEMA, body };
}

export function metrics(): Page {
  const file = 'node/src/metrics.ts';
  const groups = headings(file, 'export const METRICS = {');
  const rows = Object.entries(METRICS) as [string, MetricRow][];
  const body = [...new Set(groups.values())].flatMap((group) => [
    `## ${group}`,
    '',
    ...table(
      ['metric', 'type', 'labels', 'what'],
      rows
        .filter(([name]) => groups.get(name) === group)
        .map(([name, { type, labels = [], help }]) => [
          code(name),
          type,
          labels.map(code).join(', '),
          help,
        ]),
    ),
  ]);
  return { file: 'metrics.md', title: 'Metrics', source: file, body };
}

interface Param {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}
interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The form of a parameter in words. */
function formOf(schema: Schema): string {
  const { type, pattern = '', enum: words, items, anyOf } = schema;
  if (schema.const !== undefined) return code(schema.const);
  if (words !== undefined) return words.map(code).join(', ');
  if (anyOf !== undefined) return anyOf.map(formOf).join(' or ');
  if (items !== undefined) return `list of ${formOf(items)}`;
  if (pattern.startsWith('^(0|[1-9]')) return 'whole number as a decimal string';
  if (pattern.includes('[0-9a-f]')) {
    const digits = /\{(\d+)\}\$$/.exec(pattern)?.[1];
    return digits === undefined ? 'hex' : `hex, ${Number(digits) / 2} bytes`;
  }
  if (pattern.startsWith('^bb1')) return 'account id (bb1...)';
  return type ?? 'value';
}

export function rpc(): Page {
  const document = openRpc(METHODS) as {
    readonly methods: readonly { readonly name: string; readonly params: readonly Param[] }[];
  };
  const body = [
    'JSON-RPC 2.0 over HTTP POST `/` and WebSocket `/ws`; params by name, integers as decimal',
    'strings in base units, bytes as lower-case hex. Tokens (`Authorization: Bearer`) carry the',
    'scopes `read`, `trade`, `operate`. Errors beside those of the protocol: -32000 with',
    '`data.code` of errors.md.',
    '',
    ...document.methods.flatMap(({ name, params }) => {
      const { scope, summary, result } = METHODS[name] as (typeof METHODS)[string];
      return [
        `## ${name}`,
        '',
        `${summary} Scope: ${code(scope)}.`,
        '',
        ...table(
          ['param', 'form', 'needed', 'what'],
          params.map((param) => [
            code(param.name),
            formOf(param.schema),
            param.required ? 'yes' : '',
            param.description ?? '',
          ]),
        ),
        `Result: ${result}.`,
        '',
      ];
    }),
  ];
  return { file: 'rpc.md', title: 'JSON-RPC', source: 'rpc/src/methods/', body };
}
