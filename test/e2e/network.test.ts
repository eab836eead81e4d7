// A real network of six processes, over JSON-RPC alone: agreement, refusals, proofs, the gate, and
// one order to one settled trade. What happens when processes are killed: kills.test.ts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import { printAccount, systemAccountId } from '../../core/src/ids.js';
import { nodePaths } from '../../cli/src/network/files.js';
import { readKeyFile } from '../../node/src/signer/keyfile.js';
import { genesisOf, replay } from './audit.js';
import { agreedAt, chainIdOf, finalTime, moneyOf, periodOf, settle, submit } from './desk.js';
import { DevNetwork, reporting, until } from './devNetwork.js';
import { Hand, Signer, windowFrom } from './hand.js';
import { Outsider } from './outsider.js';
import { alteredAnswers, believes, type ProvenAccount } from './proofs.js';
import { badTransactions } from './refusals.js';
import { deliver, match, type Balances, type Matched, type Pair } from './trade.js';

const net = new DevNetwork({ rate: 60, homes: 8 });
const checked = reporting(net);
let chainId: Hash;
let hands: readonly Hand[];

const handOf = (i: number): Hand => hands[i] as Hand;

before(async () => {
  await net.up();
  chainId = await chainIdOf(net.client('centre'));
  hands = net.homes().map((home) => new Hand(home, chainId));
});

after(() => net.close());

test(
  'all six agree on hash and state root',
  checked(async () => {
    assert.equal(net.names.length, 6);
    await net.reach(5n);
    const header = await agreedAt(net, 5n);
    assert.equal(header.height, '5');
    const height = await net.tip();
    await net.reach(height);
    await agreedAt(net, height);
  }),
);

/** The declaration of a period, with the scene for the transactions that it refuses. */
async function sceneOf(at: string) {
  const client = net.client(at);
  const { period } = await until('a declaration', async () => {
    const view = await periodOf(client);
    return view.phase === 'declare' ? view : undefined;
  });
  const [ann, bob] = [handOf(0), handOf(1)];
  const [keys] = net.homes();
  assert.ok(keys);
  const { available } = await moneyOf(client, ann.owner.account);
  const { consensus } = await client.call('chain_parameters', {});
  return {
    ...{ chainId, keys, ann, bob, period: BigInt(period), tooMuch: available + 1n },
    now: await finalTime(client),
    maxTxBytes: Number(consensus.maxTxBytes),
  };
}

test(
  'what breaks a rule is refused with its code and leaves no trace in the state',
  checked(async () => {
    const client = net.client('validator-1');
    const other = net.client('validator-2');
    const scene = await sceneOf('validator-1');
    const from = await net.tip();
    const before = await moneyOf(client, scene.ann.owner.account);
    const answers = [];
    for (const { fault, code, bytes } of badTransactions(scene))
      answers.push({ fault, code, got: await submit(client, { bytes }) });
    // A declaration that ended meanwhile answers some of them otherwise; there is a next one.
    assert.deepEqual(
      answers.filter(({ code, got }) => got !== code),
      [],
    );
    await assert.rejects(client.callAny('tx_submit', { bytes: '0xzz' }), { code: 'RPC_FAULT' });
    const to = (await net.tip()) + 2n;
    await net.reach(to);
    for (let h = from + 1n; h <= to; h++) {
      const { transactions } = await other.call('chain_block', { height: `${h}` });
      assert.ok(transactions.every(({ kind }) => kind === 'system'));
    }
    // Only one node saw them; all have the root that the blocks alone give.
    await agreedAt(net, to);
    await replay(genesisOf(net.dir), other, to);
    assert.deepEqual(await moneyOf(client, scene.ann.owner.account), before);
    const good = scene.ann.transfer(scene.bob.owner.id, 1n, windowFrom(await finalTime(client)));
    assert.equal(await settle(client, good), 'final', 'without a fault it is taken');
    assert.equal(await submit(client, good), 'DUPLICATE_TX');
  }),
);

test(
  'a balance is proven to whoever knows no more than genesis',
  checked(async () => {
    const client = net.client('validator-3');
    const { account } = handOf(0).owner;
    const answer = await client.call('account_get', { account, proof: true });
    const proven = answer.proof as ProvenAccount | undefined;
    assert.ok(proven);
    const genesis = genesisOf(net.dir);
    const balance = believes(genesis, handOf(0).owner.id, proven);
    assert.deepEqual(balance, {
      available: BigInt(answer.available),
      locked: BigInt(answer.locked),
      arrears: BigInt(answer.arrears),
    });
    for (const [what, altered] of alteredAnswers(proven))
      assert.equal(believes(genesis, handOf(0).owner.id, altered), undefined, what);
    assert.equal(believes(genesis, handOf(1).owner.id, proven), undefined, 'of another account');
  }),
);

test(
  'a key that nobody admitted cannot connect; once admitted it follows the chain',
  checked(async () => {
    const outsider = new Outsider(net.dir);
    const key = toHex(outsider.publicKey);
    const status = () => outsider.client().call('node_status', {});
    const listed = async (): Promise<readonly string[]> => {
      const lists = await Promise.all(net.names.map((n) => net.client(n).call('node_peers', {})));
      return lists.flatMap(({ peers }) => peers.map(({ publicKey }) => publicKey));
    };
    try {
      await outsider.start(net.dir);
      await until('the outsider answers', status);
      const height = await net.tip();
      await until('the outsider was refused', () => (outsider.refusals >= 5 ? true : undefined));
      await net.reach(height + 3n);
      const { peers, height: own } = await status();
      assert.deepEqual({ peers, final: own.final }, { peers: '0', final: '0' });
      assert.ok(!(await listed()).includes(key));
      const { secret, publicKey } = readKeyFile(nodePaths(net.dir, 'centre').key, {
        allowPlain: true,
      });
      const centre = new Signer({ seed: secret, publicKey: publicKey as never }, chainId);
      const client = net.client('standby');
      const admit = outsider.admission(centre, windowFrom(await finalTime(client)));
      assert.equal(await settle(client, admit), 'final');
      await until('the admitted node is at the tip', async () => {
        const { height: now } = await status();
        return BigInt(now.final) >= height + 3n ? true : undefined;
      });
      assert.ok((await listed()).includes(key));
    } finally {
      await outsider.stop();
    }
  }),
);

const TERMS = { energyWh: 1000n, ask: 150n, bid: 201n };
/** Delivered as traded; beside it the seller draws 100 Wh and the buyer feeds in 50. */
const METERED = {
  seller: { importWh: 100n, exportWh: 1000n },
  buyer: { importWh: 1000n, exportWh: 50n },
};

interface Settled {
  readonly matched: Matched;
  readonly after: Balances;
  readonly pool: bigint;
}

/** With other homes where this machine missed a window. */
async function tradeOnce(): Promise<Settled> {
  const at = { seller: net.client('validator-2'), buyer: net.client('validator-4') };
  const pool = printAccount(systemAccountId(chainId, 'pool:reward'));
  for (let i = 0; i + 1 < hands.length; i += 2) {
    const pair: Pair = { seller: handOf(i), buyer: handOf(i + 1) };
    const before = await moneyOf(at.seller, pool);
    const matched = await match(pair, TERMS, at);
    if (matched === 'late') continue;
    const after = await deliver(pair, matched.period, { ...METERED, client: at.seller });
    if (after === 'late') continue;
    const { available } = await moneyOf(at.seller, pool);
    return { matched, after, pool: available - before.available };
  }
  throw new assert.AssertionError({ message: 'every trade was late: is the machine so slow?' });
}

test(
  'one order to one settled trade, to the unit',
  checked(async () => {
    const { matched, after, pool } = await tradeOnce();
    const { before, sealed, revealed, cleared, paid } = matched;
    const { energyWh, ask, bid } = TERMS;
    const [retail, feedIn] = [300n, 80n];
    const bond = ((17_000n * 900n) / 3600n) * (retail - feedIn);
    const collateral = energyWh * (retail - feedIn);
    const price = (ask + bid) / 2n;
    const amount = energyWh * price;
    assert.deepEqual(
      matched.trades.map((t) => [t.energyWh, t.price]),
      [[`${energyWh}`, `${price}`]],
    );
    const locks = ({ seller, buyer }: Balances) => [seller.locked, buyer.locked];
    assert.deepEqual(locks(sealed), [bond, bond]);
    assert.deepEqual(locks(revealed), [collateral, energyWh * bid]);
    assert.deepEqual(locks(cleared), [collateral, amount]);
    assert.deepEqual(locks(paid), [collateral + amount, 0n]);
    // market-call 19: 2 % of the money, the green seller 2.16 %; both did what they declared.
    const [sellerReward, buyerReward] = [(amount * 216n) / 10_000n, (amount * 2n) / 100n];
    const sold = amount - METERED.seller.importWh * retail + sellerReward;
    const bought = METERED.buyer.exportWh * feedIn - amount + buyerReward;
    assert.deepEqual(after.seller, {
      ...{ available: before.seller.available + sold, locked: 0n, arrears: 0n },
    });
    assert.deepEqual(after.buyer, {
      ...{ available: before.buyer.available + bought, locked: 0n, arrears: 0n },
    });
    assert.equal(pool, -sellerReward - buyerReward);
    const height = await net.tip();
    await net.reach(height);
    await agreedAt(net, height);
    const supply = await net.client('centre').call('chain_supply', {});
    assert.equal(BigInt(supply.accounts), BigInt(supply.issued) - BigInt(supply.redeemed));
    await replay(genesisOf(net.dir), net.client('validator-1'), height);
  }),
);
