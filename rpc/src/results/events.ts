// What a final block tells, in an order that is the same on every node: the cursor of an event is
// "height:index", so a reader goes on from it at any node (interfaces.md "events_subscribe").

export const TOPICS = ['headers', 'blocks', 'market', 'account'] as const;
export type Topic = (typeof TOPICS)[number];

export interface ChainEvent {
  readonly topic: Topic;
  /** Market or account that it concerns; "" where the topic has none. */
  readonly about: string;
  /** Plain data of bigint and bytes; encoded once, however many read it. */
  readonly data: unknown;
}

export interface EventsOfBlock {
  readonly height: bigint;
  /** The place in this list is the index of the cursor. */
  readonly events: readonly ChainEvent[];
}
