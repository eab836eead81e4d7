// The shape of a method: name, scope, schema, words for the reference, and the call itself.
import type { z } from 'zod';
import { ProtocolError } from '../../core/src/errors.js';
import type { Session } from './access.js';
import type { NodePort } from './ports.js';
import type { Topic } from './results/events.js';

export const SCOPES = ['read', 'trade', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Filter {
  readonly topic: Topic;
  /** A market or an account; undefined: all of the topic. */
  readonly about: string | undefined;
}

export interface EventCursor {
  readonly height: bigint;
  readonly index: number;
}

/** The connection of a caller that can be told things later. */
export interface Subscriber {
  /** Id of the subscription, and the cursor from which it goes on. */
  subscribe(
    filters: readonly Filter[],
    from: EventCursor | undefined,
  ): { readonly subscription: string; readonly cursor: string };
  /** Whether there was one of that id. */
  unsubscribe(subscription: string): boolean;
}

export interface CallContext {
  readonly port: NodePort;
  readonly session: Session;
  /** undefined over plain HTTP. */
  readonly subscriber: Subscriber | undefined;
}

export interface MethodOf<S extends z.ZodObject, R> {
  readonly scope: Scope;
  readonly summary: string;
  /** What the answer holds, in words. */
  readonly result: string;
  readonly params: S;
  /** A check by hand in place of the schema, where speed matters; undefined: ask the schema. */
  readonly quick?: (params: Readonly<Record<string, unknown>>) => z.output<S> | undefined;
  /** JSON of the result by hand, likewise; undefined: encode it. */
  readonly print?: (result: Awaited<R>) => string | undefined;
  run(context: CallContext, params: z.output<S>): R;
}

/** A method as the dispatcher sees it. */
export interface Method extends MethodOf<z.ZodObject, unknown> {}

export const method = <S extends z.ZodObject, R>(definition: MethodOf<S, R>): MethodOf<S, R> =>
  definition;

/** The value, or NOT_FOUND about what was asked for. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ProtocolError('NOT_FOUND', `${what} is not here`);
  return value;
}
