// Life on a network while processes die: homes pay each other all the time, and some of them trade
// in every period. It counts what nodes accepted and checks in the end that all of it became
// final.
import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import { periodOf, submit } from './desk.js';
import { type DevNetwork, until } from './devNetwork.js';
import { type Bid, Hand, type Window, WINDOW_MS } from './hand.js';

const EVERY_MS = 200;
const TRADERS = 4;

interface Accepted {
  readonly id: string;
  readonly window: Window;
  readonly kind: 'transfer' | 'sealBid' | 'revealBid';
}

export interface TrafficCounts {
  accepted: number;
  /** Answered "unknown" or not at all: the caller does not know. */
  unclear: number;
  refused: number;
  final: number;
  /** Accepted, but never final. */
  lost: number;
  /** Of those lost, what they were. */
  readonly lostKinds: Record<string, number>;
}

export class Traffic {
  readonly counts: TrafficCounts = {
    accepted: 0,
    unclear: 0,
    refused: 0,
    final: 0,
    lost: 0,
    lostKinds: {},
  };
  readonly #net: DevNetwork;
  readonly #hands: readonly Hand[];
  readonly #accepted: Accepted[] = [];
  /** Last step of each trader: period and phase. */
  readonly #steps = new Map<string, string>();
  #turn = 0;
  #running = false;
  #work: Promise<void> = Promise.resolve();

  constructor(net: DevNetwork, chainId: Hash) {
    this.#net = net;
    this.#hands = net.homes().map((home) => new Hand(home, chainId));
  }

  begin(): void {
    this.#running = true;
    this.#work = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#running) {
      try {
        await this.#one();
      } catch (error) {
        // The node of this turn is dead: the next turn asks another one.
        if (!(error instanceof ProtocolError) || error.code !== 'RPC_UNREACHABLE') throw error;
        this.counts.unclear++;
      }
      await sleep(EVERY_MS);
    }
  }

  async #one(): Promise<void> {
    const turn = this.#turn++;
    const names = this.#net.names;
    const client = this.#net.client(names[turn % names.length] ?? '');
    const view = await periodOf(client);
    const from = BigInt(view.time);
    const window = { from, until: from + WINDOW_MS };
    const hand = this.#hands[turn % this.#hands.length] as Hand;
    const next = this.#hands[(turn + 1) % this.#hands.length] as Hand;
    await this.#send(client, {
      window,
      ...hand.transfer(next.owner.id, 1n, window),
    });
    const trader = turn % TRADERS;
    const step = `${view.period}/${view.phase}`;
    if (this.#steps.get(`${trader}`) === step) return;
    const bid: Bid = {
      period: BigInt(view.period),
      side: trader % 2 === 0 ? 'sell' : 'buy',
      energyWh: 500n,
      price: trader % 2 === 0 ? 120n : 250n,
    };
    const own = this.#hands[trader] as Hand;
    if (view.phase === 'declare') await this.#send(client, { window, ...own.seal(bid, window) });
    if (view.phase === 'reveal') await this.#send(client, { window, ...own.reveal(bid, window) });
    this.#steps.set(`${trader}`, step);
  }

  async #send(
    client: Parameters<typeof submit>[0],
    made: { id: Uint8Array; bytes: Uint8Array; window: Window; kind: Accepted['kind'] },
  ): Promise<void> {
    const answer = await submit(client, made);
    if (answer === 'accepted') {
      this.counts.accepted++;
      this.#accepted.push({ id: toHex(made.id), window: made.window, kind: made.kind });
    } else if (answer === 'unknown') this.counts.unclear++;
    else this.counts.refused++;
  }

  async end(): Promise<void> {
    this.#running = false;
    await this.#work;
  }

  /** Waits until the fate of everything accepted is known, by one node. */
  async audit(name: string): Promise<TrafficCounts> {
    const client = this.#net.client(name);
    for (const { id, kind, window } of this.#accepted) {
      const fate = await until(`the fate of ${kind} ${id.slice(0, 8)}`, async () => {
        const { status } = await client.call('tx_get', { id });
        if (status === 'final' || status === 'rejected') return status;
        const { time } = await client.call('node_status', {});
        return BigInt(time) > window.until ? 'expired' : undefined;
      });
      if (fate === 'final') this.counts.final++;
      else {
        this.counts.lost++;
        this.counts.lostKinds[kind] = (this.counts.lostKinds[kind] ?? 0) + 1;
      }
    }
    return this.counts;
  }
}
