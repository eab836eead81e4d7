// Every node is stopped while prices should be opened, and started when the window is over: the
// period is void, every lock and bond is back, nobody forfeits (consensus 5a.6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../core/src/bytes.js';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { sealedBidHash } from '../../core/src/seal.js';
import type { Side } from '../../core/src/tx.js';
import { BALANCES, CLOSED, PERIODS, POSITIONS } from '../../state/src/schema.js';
import { type Person, person } from '../../state/test/harness.js';
import { Cluster } from './cluster.js';

const AT = { market: 'spot', period: 1n as PeriodIndex };
const HUNDRED = 100_000_000n;
/** 17 kW for 15 min at 0.30 - 0.08. */
const BOND = 4250n * 220n;

function bidOf(cluster: Cluster, who: Person, side: Side) {
  const open = { ...AT, biddingRound: 1, side, energyWh: 1000n as WattHour };
  const price = 150n as Price;
  const nonce = new Uint8Array(16).fill(5);
  const { chainId } = cluster.genesis;
  const hash = sealedBidHash({ ...open, price, nonce, chainId, account: cluster.idOf(who) });
  return {
    seal: cluster.tx(who, 'sealBid', { ...open, hash }),
    reveal: () => cluster.tx(who, 'revealBid', { ...open, price, nonce, activate: false }),
  };
}

const balanceOf = (cluster: Cluster, who: Person) => {
  const { available, locked } = cluster.world('v1').get(BALANCES, cluster.idOf(who)) ?? {};
  return { available, locked };
};

test('a stop across the reveal window voids the period; locks and bonds return', async () => {
  const cluster = new Cluster({ validators: 4, rate: 1 });
  const [ann, bob] = [person('ann'), person('bob')];
  try {
    await cluster.startAll();
    const bids = [bidOf(cluster, ann, 'sell'), bidOf(cluster, bob, 'buy')];
    for (const { seal } of bids) {
      const answer = await cluster.nodes.get('v1')?.intake.submit(seal.bytes);
      assert.equal(answer?.status, 'accepted');
    }
    const sealed = await cluster.until((node) =>
      // On disk a moment before the state moves: both have to be seen.
      bids.every(
        ({ seal }) => node.store.locationOf(seal.id) !== undefined && !node.mempool.has(seal.id),
      ),
    );
    assert.ok(sealed, 'both bids are sealed');
    for (const who of [ann, bob])
      assert.deepEqual(balanceOf(cluster, who), { available: HUNDRED - BOND, locked: BOND });
    for (const name of cluster.names) await cluster.stop(name);
    // The declaration ends at 5 min, the clearing is at 10.
    cluster.skip(660_000n);
    await cluster.startAll();
    const cleared = await cluster.until(
      (node) => node.executor.world().get(PERIODS, AT)?.status !== 'declare',
    );
    assert.ok(cleared, 'the boundary steps are made up for');
    const world = cluster.world('v1');
    const record = world.get(PERIODS, AT) ?? world.get(CLOSED, AT);
    assert.equal(record?.void, true);
    for (const who of [ann, bob]) {
      assert.deepEqual(balanceOf(cluster, who), { available: HUNDRED, locked: 0n });
      const position = world.get(POSITIONS, { ...AT, account: cluster.idOf(who) });
      assert.equal(position?.outcome, 'VOID');
    }
    const late = await cluster.nodes
      .get('v2')
      ?.intake.submit(bidOf(cluster, ann, 'sell').reveal().bytes);
    assert.equal(late?.status === 'rejected' && late.code, 'WRONG_PHASE');
    const height = cluster.height('v1');
    assert.ok(await cluster.reach(height));
    const hashes = cluster.names.map((name) =>
      toHex(cluster.nodes.get(name)?.store.block(height) ?? (AT.period as never)),
    );
    assert.equal(new Set(hashes).size, 1);
  } finally {
    await cluster.close();
  }
});
