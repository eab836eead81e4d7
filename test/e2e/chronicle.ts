// What was seen final, when it was seen: the hash of each height. Two hashes at one height, or a
// height whose hash is another one later, is a fork or a loss (reliability, "nothing final is lost").
import { ProtocolError } from '../../core/src/errors.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DevNetwork, type Sight, until } from './devNetwork.js';

const EVERY_MS = 100;

export class Chronicle {
  readonly #net: DevNetwork;
  readonly #hashes = new Map<bigint, string>();
  #watching = false;
  #watch: Promise<void> = Promise.resolve();
  #fault: ProtocolError | undefined;

  constructor(net: DevNetwork) {
    this.#net = net;
  }

  /** Heights that were seen. */
  get size(): number {
    return this.#hashes.size;
  }

  note({ height, hash }: Sight): void {
    if (height === 0n) return;
    const known = this.#hashes.get(height);
    this.#hashes.set(height, hash);
    if (known === undefined || known === hash) return;
    const fault = new ProtocolError('CONFLICT', `two hashes at height ${height}`);
    this.#fault = fault;
    throw fault;
  }

  /** Looks at every node again and again, until `end`. */
  begin(): void {
    this.#watching = true;
    this.#watch = this.#follow();
  }

  async #follow(): Promise<void> {
    while (this.#watching) {
      for (const sight of await Promise.all(this.#net.names.map((name) => this.#net.sight(name))))
        if (sight !== undefined && this.#fault === undefined) this.note(sight);
      await sleep(EVERY_MS);
    }
  }

  async end(): Promise<void> {
    this.#watching = false;
    await this.#watch;
  }

  /** Every node has every height that was seen, under the hash that was seen. */
  async compare(): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    const net = this.#net;
    const seen = [...this.#hashes];
    const highest = seen.reduce((most, [height]) => (height > most ? height : most), 0n);
    await net.reach(highest);
    for (const name of net.names)
      for (const [height, hash] of seen) {
        const header = await until(`${name} tells height ${height}`, () =>
          net.client(name).call('chain_header', { height: `${height}` }),
        );
        if (header.hash !== hash)
          throw new ProtocolError('CONFLICT', `${name} has another block at height ${height}`);
      }
  }
}
