// Events to one connection. Each subscription is a cursor into the chain: it reads final blocks
// from the node as fast as the client reads, so nothing is queued, lost or sent twice.
// A client that stops reading is dropped with RPC_LIMIT.
import { ProtocolError } from '../../core/src/errors.js';
import { RPC_MAX_EVENT_BYTES, RPC_MAX_SUBSCRIPTIONS } from '../../core/src/limits.js';
import { toJson } from './encode.js';
import type { EventCursor, Filter, Subscriber } from './method.js';
import type { NodePort } from './ports.js';
import { type ChainEvent, type EventsOfBlock, TOPICS, type Topic } from './results/events.js';

export interface SubscriptionNeeds {
  readonly port: Pick<NodePort, 'events' | 'finalHeight' | 'onFinal'>;
  send(text: string): void;
  /** Ends the connection. */
  drop(why: string): void;
  /** Bytes that the client has not read yet. */
  waiting(): number;
  /** Told of our own mistakes; the connection ends. */
  onBug?(error: unknown): void;
  /** How long a client may leave a full buffer as it is, ms; default PATIENCE_MS. */
  readonly patienceMs?: number;
}

export interface Subscriptions extends Subscriber {
  close(): void;
}

const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

interface Subscription {
  readonly id: string;
  readonly filters: readonly Filter[];
  /** Of the filters, the one whose events come last in a block. */
  readonly lastTopic: Topic;
  /** The last event that was sent or passed over. */
  height: bigint;
  index: number;
}

/** JSON of the data of an event, made once for all who read it. */
const encoded = new WeakMap<ChainEvent, string>();
function dataText(event: ChainEvent): string {
  const known = encoded.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify(toJson(event.data));
  encoded.set(event, text);
  return text;
}

const wants = (filters: readonly Filter[], event: ChainEvent): boolean =>
  filters.some(
    ({ topic, about }) => topic === event.topic && (about === undefined || about === event.about),
  );

const lastTopicOf = (filters: readonly Filter[]): Topic =>
  TOPICS.findLast((topic) => filters.some((filter) => filter.topic === topic)) ?? TOPICS[0];

const cursorText = ({ height, index }: EventCursor): string => `${height}:${index}`;

export function createSubscriptions(needs: SubscriptionNeeds): Subscriptions {
  const active = new Map<string, Subscription>();
  let next = 1;
  let pumping = false;
  let stop: (() => void) | undefined;
  const poke = (): void => {
    if (pumping || active.size === 0) return;
    pumping = true;
    void pump(needs, active)
      .catch((error: unknown) => {
        active.clear();
        needs.onBug?.(error);
        needs.drop('the events cannot be read');
      })
      .then(() => {
        pumping = false;
        const behind = [...active.values()].some((s) => s.height < needs.port.finalHeight());
        if (behind) setImmediate(poke);
      });
  };
  return {
    subscribe(filters, from) {
      if (active.size >= RPC_MAX_SUBSCRIPTIONS)
        throw new ProtocolError('RPC_LIMIT', 'too many subscriptions on this connection', {
          limit: RPC_MAX_SUBSCRIPTIONS,
        });
      const start = from ?? endOf(needs.port, needs.port.finalHeight());
      checkKept(needs.port, start);
      const lastTopic = lastTopicOf(filters);
      const subscription: Subscription = { id: String(next++), filters, lastTopic, ...start };
      active.set(subscription.id, subscription);
      stop ??= needs.port.onFinal(poke);
      // After the answer to this call.
      setImmediate(poke);
      return { subscription: subscription.id, cursor: cursorText(start) };
    },
    unsubscribe: (id) => active.delete(id),
    close() {
      active.clear();
      stop?.();
      stop = undefined;
    },
  };
}

/** The last event of a block. */
const endOf = (port: SubscriptionNeeds['port'], height: bigint): EventCursor => ({
  height,
  index: Math.max(0, (port.events(height)?.upTo('account').length ?? 0) - 1),
});

function checkKept(port: SubscriptionNeeds['port'], from: EventCursor): void {
  const first = from.height + 1n;
  if (first > port.finalHeight() || port.events(first) !== undefined) return;
  throw new ProtocolError('HISTORY_PRUNED', 'the block after this cursor is not kept here', {
    height: first.toString(),
  });
}

/** Brings every subscription to the newest final block. */
async function pump(needs: SubscriptionNeeds, active: Map<string, Subscription>): Promise<void> {
  for (const subscription of [...active.values()]) {
    while (active.has(subscription.id) && subscription.height <= needs.port.finalHeight()) {
      const block = needs.port.events(subscription.height);
      if (block === undefined && subscription.height > 0n)
        return needs.drop('the node no longer keeps the blocks of this cursor');
      if (block !== undefined && !(await sendBlock(needs, active, { subscription, block }))) return;
      if (subscription.height >= needs.port.finalHeight()) break;
      subscription.height += 1n;
      subscription.index = -1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Sends what is left of a block; false where the connection is over. */
async function sendBlock(
  needs: SubscriptionNeeds,
  active: Map<string, Subscription>,
  at: { readonly subscription: Subscription; readonly block: EventsOfBlock },
): Promise<boolean> {
  const { subscription, block } = at;
  const events = block.upTo(subscription.lastTopic);
  while (subscription.index + 1 < events.length) {
    if (!active.has(subscription.id)) return true;
    if (needs.waiting() > RPC_MAX_EVENT_BYTES && !(await drained(needs, active))) return false;
    subscription.index += 1;
    const event = events[subscription.index] as ChainEvent;
    if (!wants(subscription.filters, event)) continue;
    needs.send(
      `{"jsonrpc":"2.0","method":"event","params":{"subscription":"${subscription.id}",` +
        `"cursor":"${cursorText(subscription)}","topic":"${event.topic}",` +
        `"data":${dataText(event)}}}`,
    );
  }
  return true;
}

/** Waits until the client has read; drops it where it reads nothing for long. */
async function drained(needs: SubscriptionNeeds, active: Map<string, unknown>): Promise<boolean> {
  let least = needs.waiting();
  let since = performance.now();
  while (active.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const waiting = needs.waiting();
    if (waiting <= RPC_MAX_EVENT_BYTES / 2) return true;
    if (waiting < least) {
      least = waiting;
      since = performance.now();
    }
    if (performance.now() - since > (needs.patienceMs ?? PATIENCE_MS)) {
      needs.drop('events are not read');
      return false;
    }
  }
  return false;
}
