// A validator's node reviews by itself: which listings, by which rule, once, and not by a state
// that is old (market-bilateral L3, V1, V2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../core/src/assert.js';
import { equalBytes } from '../../core/src/bytes.js';
import { decodeTx, type Tx, type TxOf } from '../../core/src/tx.js';
import { listingOf } from '../../state/src/markets/bilateral/listing.js';
import { Pairs } from '../../state/test/bilateral.js';
import { PERIOD, person } from '../../state/test/harness.js';
import { transferOf } from '../../state/test/trade.js';
import { ReviewDuty } from '../src/review.js';
import { quietLog } from './cluster.js';

const FRESH_MS = 10_000n;
const TERMS = { seller: 'a', buyer: 'b', kwh: 80, price: 640, period: 6n };

/** The duty of one validator of a chain, with what it hands in. */
class Desk {
  readonly handedIn: TxOf<'ballot'>[] = [];
  readonly mempool: Tx[] = [];
  nowMs: bigint;
  mayVote = true;
  readonly duty: ReviewDuty;

  constructor(p: Pairs, name: string) {
    const { chain } = p;
    this.nowMs = chain.at.parent.timeMs;
    this.duty = new ReviewDuty({
      executor: {
        world: () => chain.world(),
        get at() {
          return chain.at;
        },
      },
      mempool: { candidates: () => this.mempool.values() },
      signer: {
        publicKey: person(name).key,
        signOther: (bytes) => chain.signBytes(person(name), bytes),
      },
      clock: { chainNowMs: () => this.nowMs },
      log: quietLog,
      freshMs: FRESH_MS,
      mayVote: () => this.mayVote,
      submit: async (bytes) => {
        const tx = present(decodeTx(chain.at.chain.chainId, bytes), 'a ballot decodes');
        this.handedIn.push(tx as TxOf<'ballot'>);
        return { id: tx.id, status: 'accepted' };
      },
    });
  }

  /** A block has become final: bits of what is handed in now. */
  async look(): Promise<readonly number[]> {
    const before = this.handedIn.length;
    this.duty.look();
    await Promise.resolve();
    return this.handedIn.slice(before).map(({ body }) => body.bits);
  }
}

function listed(validators: number): { readonly p: Pairs; readonly listing: Tx } {
  const p = new Pairs({ homes: ['a', 'b', 'c'], validators });
  p.take(1000n);
  const listing = p.list(TERMS);
  p.take(2000n, [listing]);
  p.take(3000n);
  return { p, listing };
}

/** The buyer gives away all it has but a unit. */
function moved({ chain }: Pairs): Tx {
  const amount = chain.balance(person('b')).available - 1n;
  return transferOf(chain, { from: person('b'), to: chain.id(person('c')), amount });
}

test('the committee votes, the chain approves, nobody votes again', async () => {
  const { p, listing } = listed(6);
  const committee = listingOf(p.chain.world(), listing.id)?.committee ?? [];
  assert.equal(committee.length, 4);
  const desks = Array.from({ length: 6 }, (_, i) => new Desk(p, `v${i}`));
  for (const [i, desk] of desks.entries()) {
    const isMember = committee.some((id) => equalBytes(id, p.chain.id(person(`v${i}`))));
    assert.deepEqual(await desk.look(), isMember ? [1] : [], `v${i}`);
  }
  p.take(
    4000n,
    desks.flatMap(({ handedIn }) => handedIn),
  );
  assert.equal(p.state(listing), 'APPROVED');
  for (const desk of desks) assert.deepEqual(await desk.look(), []);
});

test('who could not pay any more is voted against', async () => {
  const { p, listing } = listed(4);
  p.take(4000n, [moved(p)]);
  const desks = Array.from({ length: 4 }, (_, i) => new Desk(p, `v${i}`));
  for (const desk of desks) assert.deepEqual(await desk.look(), [0]);
  p.take(
    5000n,
    desks.flatMap(({ handedIn }) => handedIn),
  );
  assert.equal(p.state(listing), 'REJECTED');
});

test('a ballot that got lost is sent again with the bits that were said', async () => {
  const { p } = listed(4);
  const desk = new Desk(p, 'v0');
  assert.deepEqual(await desk.look(), [1]);
  desk.mempool.push(...desk.handedIn);
  assert.deepEqual(await desk.look(), [], 'it waits');
  desk.mempool.length = 0;
  p.take(4000n, [moved(p)]);
  assert.deepEqual(await desk.look(), [1]);
});

test('nothing is said by an old state, while following, after the review, by others', async () => {
  const { p } = listed(4);
  const desk = new Desk(p, 'v1');
  desk.nowMs += FRESH_MS + 1n;
  assert.deepEqual(await desk.look(), []);
  desk.nowMs -= FRESH_MS + 1n;
  desk.mayVote = false;
  assert.deepEqual(await desk.look(), []);
  assert.deepEqual(await new Desk(p, 'a').look(), []);
  assert.deepEqual(await new Desk(p, 'centre').look(), []);
  const late = new Desk(p, 'v2');
  p.take(4n * PERIOD - 1n);
  late.nowMs = 4n * PERIOD;
  assert.deepEqual(await late.look(), []);
  desk.mayVote = true;
  desk.nowMs = 4n * PERIOD - 1n;
  assert.deepEqual(await desk.look(), [1]);
});
