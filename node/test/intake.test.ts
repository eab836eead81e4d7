// The way into the mempool beside blocks that become final meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Money } from '../../core/src/amount.js';
import { person, TestChain, testGenesis } from '../../state/test/harness.js';
import type { Executor } from '../src/executor.js';
import { Intake, type IntakeNeeds } from '../src/intake.js';
import { Mempool } from '../src/mempool.js';

test('what a block made final while its signature was verified does not wait', async () => {
  const chain = new TestChain(testGenesis(['ann', 'bob']));
  const [first, second] = [1n, 2n].map((amount) =>
    chain.tx(person('ann'), 'transfer', {
      market: '',
      to: chain.id(person('bob')),
      amount: amount as Money,
      memo: new Uint8Array(0),
    }),
  ) as [ReturnType<typeof chain.tx>, ReturnType<typeof chain.tx>];
  const mempool = new Mempool(10);
  let added = 0;
  const intake = new Intake({
    executor: {
      get at() {
        return chain.at;
      },
      world: () => chain.world(),
    } as unknown as Executor,
    mempool,
    verifier: {
      verifyBatch(items: readonly unknown[]) {
        chain.block(1000n, [first]);
        return Promise.resolve(items.map(() => true));
      },
    },
    store: { journalTxs: () => Promise.resolve() },
    clock: { chainNowMs: () => 1000n },
    counters: { refused: (code: string) => assert.fail(code) },
    driftMs: 0n,
    onAdded: () => {
      added += 1;
    },
    isAlone: true,
    links: { publish: () => Promise.resolve(0) },
  } as unknown as IntakeNeeds);
  const answers = await Promise.all([first, second].map(({ bytes }) => intake.submit(bytes)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['accepted', 'accepted'],
  );
  assert.deepEqual(
    [...mempool.candidates()].map(({ id }) => id),
    [second.id],
  );
  assert.equal(added, 1);
});
