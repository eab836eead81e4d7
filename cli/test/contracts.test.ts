// Contracts of the demo: who agrees with whom, what both sign, and who signs and confirms what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../core/src/assert.js';
import { fromHex, toHex } from '../../core/src/bytes.js';
import { verifyStrict } from '../../core/src/ed25519.js';
import { asHash, sha256 } from '../../core/src/hash.js';
import { printAccount } from '../../core/src/ids.js';
import { listingBytes } from '../../core/src/listing.js';
import { decodeTx, type TxOf } from '../../core/src/tx.js';
import { nodeBackend } from '../../node/src/crypto/backend.js';
import { termsOf } from '../../state/src/markets/bilateral/list.js';
import type { Bid } from '../src/demo/decide.js';
import { Pairs, pairsOf } from '../src/demo/pairs.js';
import { Signers } from '../src/demo/signatures.js';
import { walletOf } from '../src/demo/wallet.js';
import { type ContractNews, fetchPeriod, type PeriodNews } from '../src/demo/watch.js';
import type { RpcClient } from '../src/network/client.js';
import { newHomes } from '../src/network/keys.js';

const CHAIN = asHash(sha256(new Uint8Array(1)));
const homes = newHomes(['a', 'b', 'c', 'd', 'grid']);
const wallets = homes.map((home) =>
  walletOf(home, {
    chainId: CHAIN,
    market: 'spot',
    mechanism: 'reputation',
    backend: nodeBackend(),
  }),
);
const walletAt = (i: number) => present(wallets[i], 'a wallet per home');
const [a, b, c, d, grid] = [walletAt(0), walletAt(1), walletAt(2), walletAt(3), walletAt(4)];
const bid = (side: Bid['side'], energyWh: bigint, price: bigint): Bid => ({
  side,
  energyWh,
  price,
});

const BIDS = [
  { wallet: a, bid: bid('sell', 500n, 101n) },
  { wallet: b, bid: bid('buy', 300n, 200n) },
  { wallet: c, bid: bid('sell', 900n, 120n) },
  { wallet: d, bid: bid('buy', 800n, 250n) },
];

test('the largest seller agrees with the largest buyer, until one side has nothing left', () => {
  const pairs = pairsOf(BIDS, 5n);
  const seen = pairs.map((p) => [p.seller.name, p.buyer.name, p.energyWh, p.price]);
  assert.deepEqual(seen, [
    ['c', 'd', 800n, 185n],
    ['c', 'b', 100n, 160n],
    ['a', 'b', 200n, 150n],
  ]);
  assert.deepEqual(pairsOf(BIDS.slice(0, 1), 1n), []);
});

test('a listing has the signature of the buyer, and both confirm that listing', () => {
  const listing = { from: 0n, until: 900_000n };
  const times = { listing, confirm: { from: 1_800_000n, until: 3_600_000n }, afterMs: 1 };
  const pairs = new Pairs({ market: 'spot', tick: 1n });
  const parcels = pairs.parcels({ period: 4n, bids: BIDS.slice(0, 2), times });
  assert.deepEqual(
    parcels.map(({ kind, fromMs, untilMs }) => [kind, fromMs, untilMs]),
    [
      ['list', 1, 900_000],
      ['confirmListing', 1_800_001, 3_600_000],
      ['confirmListing', 1_800_001, 3_600_000],
    ],
  );
  const [first, ...rest] = parcels.map(({ bytes }) =>
    present(decodeTx(CHAIN, present(fromHex(bytes), 'hex')), 'a transaction'),
  );
  const list = first as TxOf<'list'>;
  const buyerKey = present(homes[1], 'b').owner.publicKey;
  const { signature } = list.body;
  assert.ok(verifyStrict(buyerKey, listingBytes(CHAIN, termsOf(list)), signature));
  for (const tx of rest) assert.deepEqual((tx as TxOf<'confirmListing'>).body.listing, list.id);
});

const contract: ContractNews = {
  id: '11'.repeat(32),
  seller: a.account,
  buyer: b.account,
  energyWh: 100n,
  priceSum: 300n,
  state: 'PROPOSED',
  waits: 'sign',
  deadline: 7_200_000n,
  signed: { buyer: false, seller: true, grid: false },
};
const newsOf = (...contracts: ContractNews[]): PeriodNews => ({
  period: 2n,
  phase: 'sign',
  sealed: 2,
  revealed: 2,
  isVoid: false,
  trades: undefined,
  unopened: [],
  contracts,
});

test('who has not signed signs once, the buyer confirms, a paid contract waits for nobody', () => {
  const signers = new Signers({ homes: [a, b, c, d], grid });
  const sent = (one: ContractNews) =>
    signers.parcels(newsOf(one), 5).map(({ kind, bytes, untilMs }) => {
      const tx = present(decodeTx(CHAIN, present(fromHex(bytes), 'hex')), 'a transaction');
      const by = homes.find((_, i) => wallets[i]?.account === printAccount(tx.sender))?.name;
      const ids = (tx as TxOf<'sign'>).body.contracts.map(toHex);
      assert.deepEqual(ids, [contract.id]);
      return [kind, by, untilMs];
    });
  assert.deepEqual(sent(contract), [
    ['sign', 'b', 7_200_000],
    ['sign', 'grid', 7_200_000],
  ]);
  assert.deepEqual(sent(contract), []);
  const delivered = { ...contract, state: 'DELIVERED', waits: 'confirm' };
  assert.deepEqual(sent(delivered), [['confirm', 'b', 7_200_000]]);
  assert.deepEqual(sent({ ...contract, id: '22'.repeat(32), state: 'SETTLED', waits: null }), []);
});

test('the grid company of a demo takes every page of the contracts of a period', async () => {
  const one = (number: number) => ({
    ...contract,
    id: String(number).padStart(64, '0'),
    energyWh: '100',
    priceSum: '300',
    deadline: null,
  });
  const pages: Readonly<Record<string, object>> = {
    '': { contracts: [one(0), one(1)], cursor: '2' },
    '2': { contracts: [one(2)] },
  };
  const asked: unknown[] = [];
  const call = async (_method: string, query: { readonly cursor?: string }): Promise<unknown> => {
    asked.push(query);
    const reputation = pages[query.cursor ?? ''];
    const counts = { sealed: '2', revealed: '2' };
    const rest = { phase: 'sign', counts, void: false, clearing: null, time: '5' };
    return { ...rest, at: { height: '1' }, reputation };
  };
  const of = { market: 'spot', period: 2n, signer: grid.account };
  const { contracts } = await fetchPeriod({ call } as unknown as RpcClient, of);
  assert.deepEqual(
    contracts?.map(({ id }) => Number(id)),
    [0, 1, 2],
  );
  const query = { market: 'spot', period: '2', account: grid.account };
  assert.deepEqual(asked, [query, { ...query, cursor: '2' }]);
});
