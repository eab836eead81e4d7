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
  /**
   * The events from the first up to the last of this topic, or more; the place in the list is the
   * index of the cursor. Topics come in the order of TOPICS ('market' and 'account' mixed), and
   * what is not asked for is not made: a reader of headers costs the node no more than headers.
   */
  upTo(topic: Topic): readonly ChainEvent[];
}
