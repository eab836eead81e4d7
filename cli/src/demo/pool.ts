// The nodes an agent may ask. One is asked for news as long as it answers and is up to date; work
// is handed to all in turn. A node that fails is left alone for a moment.
import { present } from '../../../core/src/assert.js';
import { clientOf, type NodeEndpoint, type RpcClient } from '../network/client.js';

const CALL_MS = 1500;
/** A node that failed is not asked for so long, wall ms. */
const REST_MS = 1000;

interface Member {
  readonly client: RpcClient;
  restsUntil: number;
}

export class NodePool {
  readonly #members: readonly Member[];
  readonly #now: () => number;
  #reader = 0;
  #turn = 0;

  /** `now`: monotonic ms. */
  constructor(
    endpoints: readonly NodeEndpoint[],
    options: {
      readonly now: () => number;
      readonly open?: (endpoint: NodeEndpoint) => RpcClient;
    },
  ) {
    const open = options.open ?? ((endpoint) => clientOf(endpoint, CALL_MS));
    this.#members = endpoints.map((endpoint) => ({ client: open(endpoint), restsUntil: 0 }));
    this.#now = options.now;
  }

  /** All of them, also those that fail. */
  get clients(): readonly RpcClient[] {
    return this.#members.map(({ client }) => client);
  }

  /** The node that is asked for news. */
  reader(): RpcClient {
    return present(this.#members[this.#reader], 'the pool has a reader').client;
  }

  /** The reader failed or lags: the next one reads. */
  nextReader(): void {
    this.#reader = (this.#reader + 1) % this.#members.length;
  }

  /** The node whose turn it is; one that rests only where all do. */
  take(): RpcClient {
    for (let tried = 0; tried < this.#members.length; tried++) {
      const member = present(this.#members[this.#turn], 'a turn is a member');
      this.#turn = (this.#turn + 1) % this.#members.length;
      if (member.restsUntil <= this.#now()) return member.client;
    }
    return present(this.#members[this.#turn], 'a turn is a member').client;
  }

  failed(client: RpcClient): void {
    const member = this.#members.find((one) => one.client === client);
    if (member !== undefined) member.restsUntil = this.#now() + REST_MS;
  }
}
