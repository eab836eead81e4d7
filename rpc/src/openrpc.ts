// The OpenRPC 1.3 document of a table of methods: parameters from their schemas, results in words.
import { z } from 'zod';
import type { Method } from './method.js';

interface Descriptor {
  readonly name: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

function paramsOf(method: Method): readonly Descriptor[] {
  const schema = z.toJSONSchema(method.params, { target: 'draft-7', io: 'input' });
  const required = new Set(schema.required ?? []);
  const params = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as Record<string, unknown>;
    return {
      name,
      required: required.has(name),
      ...(typeof description === 'string' && { description }),
      schema: rest,
    };
  });
  // OpenRPC wants required parameters first.
  return params.sort((a, b) => Number(b.required) - Number(a.required));
}

export function openRpc(methods: Readonly<Record<string, Method>>): unknown {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Busbar',
      version: '1.0.0',
      description:
        'Params by name. Integers are decimal strings in base units, bytes lower-case hex. ' +
        'Errors other than faults of protocol: -32000 with data.code.',
    },
    methods: Object.entries(methods).map(([name, method]) => ({
      name,
      summary: method.summary,
      tags: [{ name: method.scope }],
      paramStructure: 'by-name',
      params: paramsOf(method),
      result: { name: 'result', description: method.result, schema: { type: 'object' } },
      errors: [{ code: -32000, message: 'refused; the code is in data.code' }],
    })),
  };
}
