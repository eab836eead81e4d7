// Fields of the canonical encoding as rows of a table; records within records become rows of their
// own, named with a dot.
import type { Field } from '../../core/src/codec/codec.js';
import { code } from './markdown.js';

/** The record at the bottom of lists and optionals, if there is one. */
function recordIn(field: Field<unknown>): Field<unknown> | undefined {
  if (field.parts !== undefined) return field;
  return field.inner === undefined ? undefined : recordIn(field.inner);
}

export function fieldRows(
  record: Field<unknown>,
  docs: ReadonlyMap<string, string>,
  prefix = '',
): readonly (readonly string[])[] {
  return Object.entries(record.parts ?? {}).flatMap(([name, field]) => {
    const own = [code(prefix + name), field.name, docs.get(name) ?? ''];
    const nested = recordIn(field);
    if (nested === undefined) return [own];
    const mark = field.name.startsWith('list') ? '[].' : '.';
    return [own, ...fieldRows(nested, docs, `${prefix}${name}${mark}`)];
  });
}
