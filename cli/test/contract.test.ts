// `busbar contract` and `busbar grid` against a test chain: contracts of a market of reputation
// from the match to the rating, of a street until they are activated, and negotiated ones.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { PeriodIndex } from '../../core/src/amount.js';
import { fromHex } from '../../core/src/bytes.js';
import type { Hash } from '../../core/src/hash.js';
import type { FakeView } from '../../node/test/fakeView.js';
import { CONTRACTS, GRID_DATA } from '../../state/src/markets/reputation/tables.js';
import { pairsGenesis } from '../../state/test/bilateral.js';
import { HOUR, PERIOD, testGenesis } from '../../state/test/harness.js';
import {
  endOf,
  receiptOf,
  repGenesis,
  settleOf,
  timesOf,
} from '../../state/test/reputationTrade.js';
import { Street, streetGenesis } from '../../state/test/street.js';
import { readingOf } from '../../state/test/trade.js';
import * as contract from '../src/commands/contract.js';
import * as grid from '../src/commands/grid.js';
import * as order from '../src/commands/order.js';
import { Desk } from './desk.js';

const nodeOf = (t: TestContext, genesis: object, keys: readonly string[]): Promise<Desk> =>
  Desk.open(t, { genesis, modules: [contract, grid, order], keys });

interface Waiting {
  readonly id: string;
  readonly waits: string;
  readonly side: string | null;
  readonly counterparties: readonly string[];
  readonly energy: string;
  readonly price: string;
  readonly deadline: string;
}

const waiting = async (
  desk: Desk,
  who: string,
  market: string,
  ...more: string[]
): Promise<readonly Waiting[]> => {
  const page = await desk.does(who, 'contract', 'waiting', '--market', market, ...more);
  return page.contracts as readonly Waiting[];
};

const signedState = async (desk: Desk, id: string): Promise<string | undefined> => {
  const { signed } = await desk.node.json('contract', 'show', id);
  return (signed as { readonly state: string } | null)?.state;
};

const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve', 'grid', 'regulator'];
const P = 1n;
const t1 = timesOf(P, 1);
const SPOT = ['--market', 'spot'];
const hash = (hex: string): Hash => fromHex(hex) as Hash;
const NOBODY = '00'.repeat(32);

const feeder = {
  nodes: ['root', 'a', 'b'],
  lines: [
    { id: 'L1', from: 'root', to: 'a', capacity: '10' },
    { id: 'L2', from: 'a', to: 'b', capacity: '10' },
  ],
};
const nodes = { ann: 'a', bob: 'b', cat: 'b', dan: 'b', eve: 'a' };

/** ann sells 1 kWh to each of bob, cat and dan, who bid in this order; eve does nothing. */
async function matched(t: TestContext) {
  const genesis = repGenesis(['ann', 'bob', 'cat', 'dan', 'eve'], { feeder, nodes });
  const desk = await nodeOf(t, genesis, PEOPLE);
  const { view } = desk.node;
  const bids = [
    ['ann', 'sell', '3', '0.1'],
    ['bob', 'buy', '1', '0.25'],
    ['cat', 'buy', '1', '0.2'],
    ['dan', 'buy', '1', '0.15'],
  ] as const;
  for (const [who, side, energy, price] of bids) {
    const terms = ['--side', side, '--energy', energy, '--price', price];
    await desk.does(who, 'order', 'submit', ...SPOT, ...terms);
  }
  view.block(t1.closeOrders);
  for (const [who] of bids) await desk.does(who, 'order', 'reveal', ...SPOT);
  for (const at of [t1.mark, t1.board, t1.clear]) view.block(at);
  const ids = (await waiting(desk, 'ann', 'spot')).map(({ id }) => id);
  assert.equal(ids.length, 3);
  return { desk, view, ids: ids as [string, string, string] };
}

/** ann feeds in what three buy, and these take 1 kWh each. */
function deliver(view: FakeView, buyers: readonly string[]): void {
  const read = (end: bigint, share: bigint) => [
    readingOf(view.test, 'ann', { end, imp: 0n, exp: 3n * share, sequence: end / HOUR }),
    ...buyers.map((home) =>
      readingOf(view.test, home, { end, imp: share, exp: 0n, sequence: end / HOUR }),
    ),
  ];
  for (const [period, share] of [
    [0n, 0n],
    [P, 1000n],
  ] as const) {
    const { refused } = view.block(endOf(period), read(endOf(period), share));
    assert.deepEqual(refused, []);
    view.block(endOf(period) + 300_000n);
    view.block(settleOf(period));
  }
}

test('reputation: who signs, disputes, resolves, rates, confirms; who may not', async (t) => {
  const { desk, view, ids } = await matched(t);
  const [first, second, third] = ids;
  const sign = ['contract', 'sign'];
  assert.equal(await desk.refused('eve', ...sign, first), 'NOT_ALLOWED');
  assert.equal(await desk.refused('ann', ...sign, NOBODY), 'NOT_FOUND');
  assert.equal(await desk.refused('ann', ...sign, 'abc'), 'USAGE');
  assert.equal(await desk.refused('bob', 'contract', 'dispute', first), 'WRONG_PHASE');
  assert.equal(await desk.refused('bob', 'contract', 'rate', first), 'WRONG_PHASE');
  assert.equal(await desk.refused('bob', 'contract', 'confirm', first), 'WRONG_PHASE');
  assert.equal(await desk.refused('ann', ...sign, first, first), 'BAD_ENCODING');
  const many = Array<string>(65).fill(first);
  assert.equal(await desk.refused('ann', ...sign, ...many), 'USAGE');
  for (const who of ['ann', 'grid']) await desk.does(who, ...sign, ...ids);
  assert.equal(await desk.refused('ann', ...sign, first), 'WRONG_PHASE');
  assert.equal(await signedState(desk, first), 'PROPOSED');
  for (const [i, who] of ['bob', 'cat', 'dan'].entries())
    await desk.does(who, ...sign, ids[i] as string);
  assert.equal(await signedState(desk, first), 'ACTIVE');
  assert.equal(await desk.refused('bob', ...sign, first), 'WRONG_PHASE');

  deliver(view, ['bob', 'cat', 'dan']);
  assert.equal(await signedState(desk, first), 'DELIVERED');
  assert.equal(await desk.refused('ann', 'contract', 'confirm', first), 'NOT_ALLOWED');
  assert.equal(await desk.refused('eve', 'contract', 'dispute', first), 'NOT_ALLOWED');
  assert.equal(await desk.refused('regulator', 'contract', 'resolve', first), 'WRONG_PHASE');
  await desk.does('bob', 'contract', 'confirm', first);
  assert.equal(await signedState(desk, first), 'SETTLED');
  assert.equal(await desk.refused('bob', 'contract', 'confirm', first), 'WRONG_PHASE');
  assert.equal(await desk.refused('bob', 'contract', 'dispute', first), 'WRONG_PHASE');

  await desk.does('cat', 'contract', 'dispute', second);
  await desk.does('ann', 'contract', 'dispute', third);
  assert.equal(await signedState(desk, second), 'DISPUTED');
  assert.equal(await desk.refused('cat', 'contract', 'confirm', second), 'WRONG_PHASE');
  assert.equal(await desk.refused('grid', 'contract', 'resolve', second), 'NOT_ALLOWED');
  await desk.does('regulator', 'contract', 'resolve', second);
  await desk.does('regulator', 'contract', 'resolve', third, '--refund');
  assert.deepEqual(
    [await signedState(desk, second), await signedState(desk, third)],
    ['SETTLED', 'REFUNDED'],
  );

  const { signed } = await desk.does('ann', 'contract', 'list');
  assert.deepEqual(
    (signed as { readonly id: string }[]).map(({ id }) => id),
    ids,
  );
  const list = await desk.prints('bob', 'contract', 'list');
  assert.match(list, new RegExp(`^Signed contracts\\n.*\\n  ${first}  settled .* 0\\.175\\n`));
  assert.match(await desk.shows('contract', 'show', first), /^Contract\n.*\n.* 0\.175\n/);

  assert.equal(await desk.refused('eve', 'contract', 'rate', first), 'NOT_ALLOWED');
  await desk.does('bob', 'contract', 'rate', first, '--bad');
  await desk.does('bob', 'contract', 'rate', first);
  await desk.does('ann', 'contract', 'rate', first, '--bad');
  const rated = view
    .world()
    .get(CONTRACTS, { market: 'spot', period: P as PeriodIndex, id: hash(first) });
  assert.deepEqual([rated?.sellerIsGood, rated?.buyerIsGood], [true, false]);
  view.block(receiptOf(P) + HOUR);
  assert.equal(await desk.refused('bob', 'contract', 'rate', first), 'WRONG_PHASE');
});

test('reputation: who finds what waits for it, and until when', async (t) => {
  const { desk, view, ids } = await matched(t);
  const [first, second] = ids;
  const [ann, bob] = [desk.node.idOf('ann'), desk.node.idOf('bob')];
  const deadline = new Date(Number(t1.signed)).toISOString();
  const whole = { id: first, period: '1', energy: '1', price: '0.175', deadline };
  const [own] = await waiting(desk, 'bob', 'spot');
  assert.deepEqual(own, { ...whole, waits: 'sign', side: 'buy', counterparties: [ann] });
  const [grids] = await waiting(desk, 'grid', 'spot', '--period', '1');
  assert.deepEqual(grids, { ...whole, waits: 'sign', side: null, counterparties: [ann, bob] });
  assert.deepEqual(await waiting(desk, 'eve', 'spot'), []);
  assert.deepEqual(await waiting(desk, 'regulator', 'spot'), []);
  assert.deepEqual(await waiting(desk, 'bob', 'spot', '--period', '2'), []);
  const table = await desk.prints('bob', 'contract', 'waiting', ...SPOT);
  for (const shown of [first, ann, '0.175', deadline, 'sign']) assert.ok(table.includes(shown));
  assert.match(await desk.prints('eve', 'contract', 'waiting', ...SPOT), /nothing waits/);
  const asked = ['contract', 'waiting', ...SPOT];
  assert.equal((await desk.node.json(...asked, '--account', bob)).account, bob);
  assert.equal(await desk.node.refused(...asked), 'USAGE');
  assert.equal(await desk.node.refused(...asked, '--account', 'bb1x'), 'NOT_FOUND');
  assert.equal(await desk.refused('bob', ...asked, '--period', 'soon'), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('bob', 'contract', 'waiting', '--market', 'x'), 'UNKNOWN_MARKET');

  for (const who of ['ann', 'bob', 'grid']) await desk.does(who, 'contract', 'sign', first);
  assert.deepEqual(await waiting(desk, 'bob', 'spot'), []);
  assert.equal((await waiting(desk, 'ann', 'spot')).length, 2);
  for (const who of ['ann', 'cat', 'grid']) await desk.does(who, 'contract', 'sign', second);
  view.block(t1.signed);
  assert.deepEqual(await waiting(desk, 'ann', 'spot'), []);
  deliver(view, ['bob', 'cat', 'dan']);
  const receipt = new Date(Number(receiptOf(P))).toISOString();
  const [confirms] = await waiting(desk, 'bob', 'spot');
  assert.deepEqual([confirms?.waits, confirms?.deadline], ['confirm', receipt]);
  assert.deepEqual(await waiting(desk, 'ann', 'spot'), []);
  await desk.does('cat', 'contract', 'dispute', second);
  assert.deepEqual(await waiting(desk, 'cat', 'spot'), []);
  view.block(endOf(P) + 20n * HOUR);
  const disputes = await waiting(desk, 'regulator', 'spot');
  assert.deepEqual(
    disputes.map(({ id, waits }) => [id, waits]),
    [[second, 'resolve']],
  );
});

test('grid data and curtail: what the grid company publishes, and who else may not', async (t) => {
  const { desk, view, ids } = await matched(t);
  const curtail = ['grid', 'curtail', ...SPOT, '--period', '1', '--line', 'L2', '--energy', '0.6'];
  assert.equal(await desk.refused('ann', ...curtail), 'NOT_ALLOWED');
  for (const who of ['ann', 'bob', 'cat', 'dan', 'grid'])
    for (const [i, id] of ids.entries())
      if (who === 'ann' || who === 'grid' || ['bob', 'cat', 'dan'][i] === who)
        await desk.does(who, 'contract', 'sign', id);
  await desk.does('grid', ...curtail);
  let cutWh = 0n;
  for (const id of ids) {
    const { signed } = await desk.node.json('contract', 'show', id);
    const { energyWh = '', curtailedWh = '' } = signed as Record<string, string>;
    assert.equal(BigInt(energyWh) + BigInt(curtailedWh), 1000n);
    cutWh += BigInt(curtailedWh);
  }
  assert.equal(cutWh, 600n);
  assert.equal(await desk.refused('grid', ...curtail.with(-3, 'L9')), 'NOT_FOUND');
  assert.equal(await desk.refused('grid', ...curtail.with(-3, 'L'.repeat(99))), 'USAGE');
  assert.equal(await desk.refused('grid', ...curtail.with(3, 's'.repeat(99))), 'UNKNOWN_MARKET');
  assert.equal(await desk.refused('grid', ...curtail.with(-1, '0')), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('grid', ...curtail.with(-1, '1.0001')), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('grid', ...curtail.with(5, '3')), 'WRONG_PERIOD');
  assert.equal(await desk.refused('grid', ...curtail.with(5, 'x')), 'AMOUNT_GRAMMAR');

  const data = ['grid', 'data', ...SPOT];
  assert.equal(await desk.refused('ann', ...data, '--base', '0,0'), 'NOT_ALLOWED');
  assert.equal(await desk.refused('grid', ...data, '--base', '1'), 'BAD_ENCODING');
  assert.equal(await desk.refused('grid', ...data, '--base', '0,x'), 'AMOUNT_GRAMMAR');
  const many = Array<string>(20_000).fill('0').join(',');
  assert.equal(await desk.refused('grid', ...data, '--base', many), 'USAGE');
  const huge = ['--base', '0,0', '--c1', '9'.repeat(20)];
  assert.equal(await desk.refused('grid', ...data, ...huge), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('grid', ...data, '--base', '0,0', '--down', '1'), 'AMOUNT_RANGE');
  const fees = ['--c1', '0.007', '--c2', '0.002', '--c3', '0.001'];
  await desk.does(
    'grid',
    ...data,
    '--base',
    '-2.5,5',
    ...fees,
    '--subsidy',
    '0.02',
    '--budget',
    '1.5',
  );
  const [published] = view.world().entries(GRID_DATA, 'spot');
  const { baseWh, c1, subsidy, budget } = published?.value ?? {};
  assert.deepEqual([published?.key.period, baseWh], [2n, [-2500n, 5000n]]);
  assert.deepEqual([c1, subsidy, budget], [7n, 20n, 1_500_000n]);
});

test('neighbourhood: a contract is found, activated and shown by one id', async (t) => {
  const homes = [
    ['ann', 'N1'],
    ['bob', 'N3'],
    ['cat', 'N5'],
  ] as const;
  const genesis = streetGenesis({ homes, params: { rule: 'average' } });
  const desk = await nodeOf(t, genesis, ['ann', 'bob', 'cat']);
  const { view } = desk.node;
  const STREET = ['--market', 'street'];
  const bids = [
    ['ann', 'sell', '0.45'],
    ['bob', 'buy', '0.7'],
  ] as const;
  for (const [who, side, price] of bids)
    await desk.does(
      who,
      'order',
      'submit',
      ...STREET,
      '--side',
      side,
      '--energy',
      '3',
      '--price',
      price,
    );
  view.block(Street.at(1n, 60));
  await desk.does('ann', 'order', 'reveal', ...STREET, '--activate');
  await desk.does('bob', 'order', 'reveal', ...STREET);
  for (const seconds of [75, 90]) view.block(Street.at(1n, seconds));
  assert.deepEqual(await waiting(desk, 'ann', 'street'), []);
  const [waits] = await waiting(desk, 'bob', 'street');
  assert.deepEqual(waits, {
    id: waits?.id,
    period: '1',
    waits: 'activate',
    side: 'buy',
    counterparties: [desk.node.idOf('ann')],
    energy: '3',
    price: '0.575',
    deadline: new Date(Number(Street.at(2n, 0))).toISOString(),
  });
  const id = waits?.id ?? '';
  const shown = await desk.node.json('contract', 'show', id);
  assert.equal((shown.contract as { readonly id: string }).id, id);
  const { contracts } = await desk.does('bob', 'contract', 'list');
  assert.deepEqual(
    (contracts as { readonly id: string }[]).map((one) => one.id),
    [id],
  );
  const activate = ['contract', 'activate', id, ...STREET, '--period', '1'];
  assert.equal(await desk.refused('cat', ...activate), 'NOT_ALLOWED');
  assert.equal(await desk.refused('bob', ...activate.with(2, NOBODY)), 'NOT_FOUND');
  assert.equal(await desk.refused('bob', ...activate.with(2, 'abc')), 'USAGE');
  assert.equal(await desk.refused('bob', ...activate.with(-1, 'x')), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('bob', ...activate.with(-1, '9'.repeat(20))), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('bob', ...activate.with(-1, '7')), 'WRONG_PERIOD');
  await desk.does('bob', ...activate);
  assert.deepEqual(await waiting(desk, 'bob', 'street'), []);
  view.block(Street.at(2n, 0));
  assert.equal(await desk.refused('bob', ...activate), 'WRONG_PERIOD');
});

/** ann, bob and cat, four validators, and the terms that ann offers bob. */
async function negotiating(t: TestContext) {
  const genesis = pairsGenesis({ homes: ['ann', 'bob', 'cat'] });
  const keys = ['ann', 'bob', 'cat', 'v0', 'v1', 'v2', 'v3'];
  const desk = await nodeOf(t, genesis, keys);
  const file = desk.node.file('deal.json');
  const terms = ['--market', 'pairs', '--period', '6', '--energy', '80', '--price', '0.64'];
  const propose = ['contract', 'propose', ...terms, '--with', desk.node.idOf('bob'), '--out', file];
  const submit = async (who: string): Promise<string> => {
    const { id } = await desk.does(who, 'contract', 'submit', file);
    return id as string;
  };
  const stateOf = async (id: string): Promise<string> => {
    const { listing } = await desk.node.json('contract', 'show', id);
    return (listing as { readonly state: string }).state;
  };
  return { desk, file, propose, submit, stateOf };
}

test('bilateral: terms that are refused, before and after they are signed', async (t) => {
  const { desk, file, propose } = await negotiating(t);
  const sell = [...propose, '--side', 'sell'];
  assert.equal(await desk.refused('ann', ...propose, '--side', 'lend'), 'USAGE');
  assert.equal(await desk.refused('ann', ...sell, '--count', '-1'), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('ann', ...sell, '--count', '5000000000'), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('ann', ...sell, '--price', '9'.repeat(20)), 'AMOUNT_RANGE');
  assert.equal(await desk.refused('ann', ...sell, '--replaces', 'abc'), 'USAGE');
  assert.equal(await desk.refused('ann', ...sell, '--note', file), 'NOT_FOUND');
  await desk.does('ann', ...sell);
  assert.equal(await desk.refused('cat', 'contract', 'submit', file), 'NOT_ALLOWED');
  const signed = JSON.parse(readFileSync(file, 'utf8')) as object;
  const changed = async (change: object): Promise<string | undefined> => {
    writeFileSync(file, JSON.stringify({ ...signed, ...change }));
    return desk.refused('bob', 'contract', 'submit', file);
  };
  assert.equal(await changed({ price: '650' }), 'BAD_SIGNATURE');
  assert.equal(await changed({ chainId: NOBODY }), 'WRONG_CHAIN');
  assert.equal(await changed({ count: -1 }), 'FILE_FORMAT');
  assert.equal(await changed({ period: '9'.repeat(19) }), 'FILE_FORMAT');
  assert.equal(await changed({ colour: 1 }), 'FILE_FORMAT');
});

test('bilateral: proposed, submitted, voted on, confirmed by both, shown, listed', async (t) => {
  const { desk, propose, submit, stateOf } = await negotiating(t);
  const note = desk.node.file('note.txt');
  writeFileSync(note, 'delivered behind the barn');
  await desk.does('ann', ...propose, '--side', 'sell', '--note', note);
  const id = await submit('bob');
  assert.equal(await stateOf(id), 'LISTED');
  assert.equal(await desk.refused('ann', 'contract', 'vote', id), 'NOT_ALLOWED');
  assert.equal(await desk.refused('ann', 'contract', 'confirm', id), 'NOT_APPROVED');
  assert.deepEqual(await waiting(desk, 'ann', 'pairs'), []);
  for (const validator of ['v0', 'v1', 'v2']) await desk.does(validator, 'contract', 'vote', id);
  assert.equal(await stateOf(id), 'APPROVED');

  const [waits] = await waiting(desk, 'ann', 'pairs', '--period', '6');
  const deadline = new Date(Number(6n * PERIOD)).toISOString();
  assert.deepEqual([waits?.id, waits?.waits, waits?.side], [id, 'confirm', 'sell']);
  assert.deepEqual([waits?.energy, waits?.price, waits?.deadline], ['80', '0.64', deadline]);
  assert.deepEqual(await waiting(desk, 'ann', 'pairs', '--period', '7'), []);
  assert.deepEqual(await waiting(desk, 'cat', 'pairs'), []);
  assert.equal(await desk.refused('cat', 'contract', 'confirm', id), 'NOT_ALLOWED');
  await desk.does('ann', 'contract', 'confirm', id);
  assert.deepEqual(await waiting(desk, 'ann', 'pairs'), []);
  assert.match(await desk.prints('bob', 'contract', 'list'), /Listings\n/);
  await desk.does('bob', 'contract', 'confirm', id);
  assert.equal(await stateOf(id), 'CONTRACT');
  assert.equal(await desk.refused('bob', 'contract', 'confirm', id), 'ALREADY_CONFIRMED');

  const list = await desk.prints('bob', 'contract', 'list');
  assert.match(list, /^Contracts\n/);
  assert.doesNotMatch(list, /Listings/);
  const { contracts } = await desk.node.json('contract', 'list', desk.node.idOf('ann'));
  const [made] = contracts as { readonly id: string; readonly kind: string }[];
  const found = await desk.node.json('contract', 'show', made?.id ?? '');
  assert.deepEqual([made?.kind, (found.listing as { readonly id: string }).id], ['bilateral', id]);
  assert.equal(await desk.node.refused('contract', 'show', NOBODY), 'NOT_FOUND');
});

test('bilateral: what two of four validators vote against is rejected', async (t) => {
  const { desk, propose, submit, stateOf } = await negotiating(t);
  const withAnn = propose.with(-3, desk.node.idOf('ann'));
  await desk.does('bob', ...withAnn, '--side', 'buy', '--count', '2');
  const id = await submit('ann');
  for (const validator of ['v0', 'v1'])
    await desk.does(validator, 'contract', 'vote', id, '--against');
  desk.node.view.block(4n * PERIOD);
  assert.equal(await stateOf(id), 'REJECTED');
});

test('of a market where no contract is signed, nothing waits', async (t) => {
  const desk = await nodeOf(t, testGenesis(['ann']), ['ann']);
  const asked = ['contract', 'waiting', ...SPOT];
  assert.equal(await desk.refused('ann', ...asked), 'WRONG_MECHANISM');
});
