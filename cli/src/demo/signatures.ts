// Who signs or confirms which contracts, from what a period shows (market-reputation 1.10): both
// parties and the grid company what was matched, the buyer what was delivered. Pure; a contract is
// asked for once, whatever happens to the transaction is the outbox's business.
import { fromHex } from '../../../core/src/bytes.js';
import { present } from '../../../core/src/assert.js';
import { asHash } from '../../../core/src/hash.js';
import type { Parcel } from './outbox.js';
import type { Wallet } from './wallet.js';
import type { ContractNews, PeriodNews } from './watch.js';

type What = 'sign' | 'confirm';

export interface SignersOptions {
  readonly homes: readonly Wallet[];
  readonly grid: Wallet;
}

export class Signers {
  readonly #homes: ReadonlyMap<string, Wallet>;
  readonly #grid: Wallet;
  readonly #asked = new Set<string>();

  constructor({ homes, grid }: SignersOptions) {
    this.#homes = new Map(homes.map((wallet) => [wallet.account, wallet]));
    this.#grid = grid;
  }

  /** What is to be sent now, chain ms. */
  parcels({ period, contracts = [] }: PeriodNews, nowMs: number): readonly Parcel[] {
    return contracts.flatMap((contract) => {
      const { waits, deadline, id } = contract;
      if ((waits !== 'sign' && waits !== 'confirm') || deadline === undefined) return [];
      return this.#missing(contract, waits).flatMap((wallet): Parcel[] => {
        const name = `${waits}/${id}/${wallet.account}`;
        if (this.#asked.has(name)) return [];
        this.#asked.add(name);
        const ids = [asHash(present(fromHex(id, 32), 'the id of a contract'))];
        // An hour is enough for either, and begins at a time that a second run finds again.
        const window = { from: deadline - WINDOW_MS, until: deadline };
        const signed = wallet.about(waits, { period, ids }, window);
        return [{ ...signed, kind: waits, fromMs: nowMs, untilMs: Number(deadline) }];
      });
    });
  }

  #missing({ seller, buyer, signed }: ContractNews, what: What): readonly Wallet[] {
    const homes = this.#homes;
    const ask = (account: string, has: boolean) => (has ? undefined : homes.get(account));
    const all =
      what === 'confirm'
        ? [ask(buyer, false)]
        : [
            ask(seller, signed.seller),
            ask(buyer, signed.buyer),
            signed.grid ? undefined : this.#grid,
          ];
    return all.flatMap((wallet) => wallet ?? []);
  }
}

const WINDOW_MS = 3_600_000n;
