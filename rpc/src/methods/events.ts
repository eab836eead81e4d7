// events_subscribe, events_unsubscribe: over WebSocket only.
import { z } from 'zod';
import { ProtocolError } from '../../../core/src/errors.js';
import {
  type CallContext,
  type EventCursor,
  type Filter,
  method,
  type Subscriber,
} from '../method.js';
import { TOPICS, type Topic } from '../results/events.js';

const topic = z
  .string()
  .regex(/^(headers|blocks|market(:[a-z][a-z0-9-]{0,31})?|account(:bb1[02-9ac-hj-np-z]{1,60})?)$/)
  .describe('headers, blocks, market, market:ID, account, account:ID');

export const eventCursor = z
  .string()
  .regex(/^[0-9]{1,18}:[0-9]{1,9}$/)
  .describe('"height:index" of the last event that was seen');

export function filterOf(text: string): Filter {
  const [name, about] = text.split(':');
  return { topic: TOPICS.find((known) => known === name) as Topic, about };
}

export function parseCursor(text: string): EventCursor {
  const [height = '0', index = '0'] = text.split(':');
  return { height: BigInt(height), index: Number(index) };
}

function subscriberOf({ subscriber }: CallContext): Subscriber {
  if (subscriber !== undefined) return subscriber;
  throw new ProtocolError('NOT_SUPPORTED', 'events come over the WebSocket at /ws');
}

export const eventMethods = {
  events_subscribe: method({
    scope: 'read',
    summary:
      'Starts notifications `event` {subscription, cursor, topic, data} of final blocks, from ' +
      'the next block or, with a cursor, from the event after it: nothing lost, nothing twice.',
    result: 'subscription, cursor (from which it goes on)',
    params: z.strictObject({
      topics: z.array(topic).min(1).max(16).describe('what to be told of'),
      cursor: eventCursor.optional(),
    }),
    run: (context, { topics, cursor }) =>
      subscriberOf(context).subscribe(
        topics.map(filterOf),
        cursor === undefined ? undefined : parseCursor(cursor),
      ),
  }),
  events_unsubscribe: method({
    scope: 'read',
    summary: 'Ends a subscription of this connection.',
    result: 'unsubscribed',
    params: z.strictObject({ subscription: z.string().max(20).describe('its id') }),
    run: (context, { subscription }) => ({
      unsubscribed: subscriberOf(context).unsubscribe(subscription),
    }),
  }),
};
