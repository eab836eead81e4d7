// What a home sends to its market beside orders and contracts: `choose`, `forecast`, `flex`,
// `auction`, `order adjust`, `meter enrol`, with what the chain refuses.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import type { PeriodIndex } from '../../core/src/amount.js';
import { sha256 } from '../../core/src/hash.js';
import { toHex } from '../../core/src/bytes.js';
import { contractIdOf } from '../../core/src/listing.js';
import { CONDUCT, FLEXES } from '../../state/src/markets/neighbourhood/tables.js';
import { QUOTES } from '../../state/src/markets/reputation/tables.js';
import { ACCOUNTS, BOOK, METERS, type TradeKey } from '../../state/src/schema.js';
import { PERIOD, person, testGenesis } from '../../state/test/harness.js';
import { repGenesis, timesOf } from '../../state/test/reputationTrade.js';
import { Street, streetGenesis } from '../../state/test/street.js';
import * as auction from '../src/commands/auction.js';
import * as choose from '../src/commands/choose.js';
import * as flex from '../src/commands/flex.js';
import * as forecast from '../src/commands/forecast.js';
import * as meter from '../src/commands/meter.js';
import * as order from '../src/commands/order.js';
import { Desk } from './desk.js';

const MODULES = [auction, choose, flex, forecast, meter, order];
const openDesk = (t: TestContext, genesis: object, keys: readonly string[]): Promise<Desk> =>
  Desk.open(t, { genesis, modules: MODULES, keys });

const P1 = 1n as PeriodIndex;
const idOf = (desk: Desk, who: string) => desk.node.view.test.id(person(who));

/** A bid of somebody, sealed where the market is. */
const bid = (desk: Desk, market: string, terms: readonly [string, string, string, string]) => {
  const [who, side, energy, price] = terms;
  const what = ['--side', side, '--energy', energy, '--price', price];
  return desk.does(who, 'order', 'submit', '--market', market, ...what);
};

test('choose: partners, energy, refusal; who may not, and when', async (t) => {
  const desk = await openDesk(t, repGenesis(['ann', 'bob', 'cat', 'dan']), ['ann', 'bob', 'cat']);
  const { view } = desk.node;
  const bids = [
    ['ann', 'sell', '3', '0.1'],
    ['bob', 'buy', '1', '0.25'],
    ['cat', 'buy', '1', '0.2'],
  ] as const;
  for (const one of bids) await bid(desk, 'spot', one);
  const choice = ['choose', '--market', 'spot', '--round', '1'];
  assert.equal(await desk.refused('ann', ...choice), 'WRONG_PHASE');
  const at = timesOf(1n, 1);
  view.block(at.closeOrders);
  for (const [who] of bids) await desk.does(who, 'order', 'reveal', '--market', 'spot');
  view.block(at.mark);
  view.block(at.board);

  const [bob, cat] = [desk.node.idOf('bob'), desk.node.idOf('cat')];
  const partners = (text: string): Promise<string | undefined> =>
    desk.refused('ann', ...choice, '--partners', text);
  assert.equal(await partners('bb1x'), 'NOT_FOUND');
  assert.equal(await partners(''), 'NOT_FOUND');
  assert.equal(await partners(desk.node.idOf('dan')), 'PARTNERS');
  assert.equal(await partners(`${bob},${bob}`), 'PARTNERS');
  assert.equal(await partners(Array<string>(257).fill(bob).join(',')), 'USAGE');
  assert.equal(await desk.refused('ann', ...choice, '--energy', '3.001'), 'QUANTITY_LIMIT');
  assert.equal(await desk.refused('ann', ...choice, '--energy', '0'), 'QUANTITY_LIMIT');
  assert.equal(await desk.refused('ann', ...choice, '--energy', 'x'), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('ann', ...choice.with(-1, '0')), 'USAGE');
  assert.equal(await desk.refused('ann', ...choice.with(-1, '2')), 'WRONG_PHASE');
  assert.equal(await desk.refused('ann', ...choice.with(2, 'x')), 'UNKNOWN_MARKET');
  assert.equal(await desk.refused('ann', ...choice, '--period', '7'), 'WRONG_PERIOD');

  await desk.does('ann', ...choice, '--partners', cat, '--energy', '0.5');
  await desk.does('bob', ...choice, '--decline');
  const quoteOf = (who: string) =>
    view.world().get(QUOTES, { market: 'spot', period: P1, account: idOf(desk, who) });
  const chosen = { energyWh: 500n, partners: [idOf(desk, 'cat')] };
  assert.deepEqual(quoteOf('ann')?.choice, chosen);
  assert.equal(quoteOf('bob')?.declinedIn, 1);
  // The last one counts: with nothing named, everything stands and everybody will do.
  await desk.does('ann', ...choice);
  assert.deepEqual(quoteOf('ann')?.choice, { energyWh: undefined, partners: [] });
  view.block(at.clear);
  assert.equal(await desk.refused('ann', ...choice), 'WRONG_PHASE');
});

const HOMES = [
  ['ann', 'N1'],
  ['bob', 'N3'],
  ['cat', 'N2'],
] as const;

test('forecast: taken once bids are fixed, for a token each; the last one counts', async (t) => {
  const genesis = streetGenesis({ homes: HOMES, params: { tokensPerDay: 2 } });
  const desk = await openDesk(t, genesis, ['ann', 'grid']);
  const expect = ['forecast', '--market', 'street', '--net'];
  assert.equal(await desk.refused('ann', ...expect, '-0.35'), 'WRONG_PHASE');
  desk.node.view.block(Street.at(1n, 60));
  assert.equal(await desk.refused('ann', ...expect, '1.0001'), 'AMOUNT_GRAMMAR');
  assert.equal(await desk.refused('ann', ...expect, '9'), 'QUANTITY_LIMIT');
  assert.equal(await desk.refused('grid', ...expect, '1'), 'NOT_ALLOWED');
  assert.equal(await desk.refused('ann', ...expect, '1', '--period', '3'), 'WRONG_PERIOD');
  assert.equal(await desk.refused('ann', ...expect.with(2, 'x'), '1'), 'UNKNOWN_MARKET');
  assert.equal(await desk.refused('ann', 'forecast', '--market', 'street'), 'usage');
  await desk.does('ann', ...expect, '0.2', '--period', '1');
  await desk.does('ann', ...expect, '-0.35');
  assert.equal(await desk.refused('ann', ...expect, '1'), 'NO_TOKEN');
  const key = { market: 'street', account: idOf(desk, 'ann') };
  const conduct = desk.node.view.world().get(CONDUCT, key);
  assert.deepEqual(conduct?.forecasts, [{ period: 1n, netWh: -350n }]);
});

test('flex: energy of a seller, demand of a buyer; what is neither is refused', async (t) => {
  const genesis = streetGenesis({ homes: HOMES, params: { pricing: 'internal' } });
  const desk = await openDesk(t, genesis, ['ann', 'bob']);
  const play = ['flex', '--market', 'street'];
  const refused = (...more: string[]) => desk.refused('ann', ...play, ...more);
  for (const wrong of [
    [],
    ['--g', '2', '--demand', '1'],
    ['--g', '2'],
    ['--g', '2', '--k', '1', '--usual', '1'],
    ['--demand', '1', '--k', '1'],
    ['--demand', '1', '--emin', '0.1'],
  ])
    assert.equal(await refused(...wrong), 'USAGE', wrong.join(' '));
  assert.equal(await refused('--g', '2', '--k', '1', '--emin', '3'), 'BAD_ENCODING');
  assert.equal(await refused('--g', '9', '--k', '1'), 'QUANTITY_LIMIT');
  assert.equal(await refused('--g', '1', '--k', '9'.repeat(12)), 'AMOUNT_RANGE');
  assert.equal(await refused('--demand', 'x'), 'AMOUNT_GRAMMAR');
  const seller = ['--g', '2.5', '--usual', '0.8', '--emin', '0.3'];
  await desk.does('ann', ...play, ...seller);
  await desk.does('bob', ...play, '--demand', '1.2');
  const flexOf = (who: string) => {
    const key = { market: 'street', period: P1, account: idOf(desk, who) };
    const { g, k, emin, emax, demand } = desk.node.view.world().get(FLEXES, key) ?? {};
    return { g, k, emin, emax, demand };
  };
  // 0.4 a kWh x (1 kWh + 0.8 kWh), in 10^-6 of the currency.
  const own = { g: 2500n, k: 720_000n, emin: 300n, emax: 2500n, demand: 0n };
  assert.deepEqual(flexOf('ann'), own);
  assert.deepEqual(flexOf('bob'), { g: 0n, k: 0n, emin: 0n, emax: 0n, demand: 1200n });
  await desk.does('ann', ...play, '--g', '2', '--k', '0.5', '--emax', '1');
  assert.deepEqual(flexOf('ann'), { ...own, g: 2000n, k: 500_000n, emin: 0n, emax: 1000n });
  desk.node.view.block(Street.at(1n, 90));
  assert.equal(await refused(...seller), 'WRONG_PHASE');

  const auctions = await openDesk(t, streetGenesis({ homes: HOMES }), ['ann']);
  assert.equal(await auctions.refused('ann', ...play, ...seller), 'WRONG_MECHANISM');
  const call = await openDesk(t, testGenesis(['ann']), ['ann']);
  const elsewhere = [...play.with(-1, 'spot'), ...seller];
  assert.equal(await call.refused('ann', ...elsewhere), 'WRONG_MECHANISM');
});

test('auction: the trades of one’s own node, by their file or hash', async (t) => {
  const genesis = streetGenesis({ homes: HOMES, params: { rule: 'average' } });
  const desk = await openDesk(t, genesis, ['ann', 'bob', 'cat']);
  const { view } = desk.node;
  const publish = ['auction', '--market', 'street', '--round', '1'];
  const none = ['--result', '00'.repeat(32)];
  assert.equal(await desk.refused('cat', ...publish, ...none), 'WRONG_PHASE');
  await bid(desk, 'street', ['ann', 'sell', '3', '0.45']);
  await bid(desk, 'street', ['bob', 'buy', '3', '0.7']);
  view.block(Street.at(1n, 60));
  for (const who of ['ann', 'bob']) await desk.does(who, 'order', 'reveal', '--market', 'street');
  for (const seconds of [75, 90]) view.block(Street.at(1n, seconds));

  const file = desk.node.file('trades.json');
  const trade = {
    seller: desk.node.idOf('ann'),
    buyer: desk.node.idOf('bob'),
    energy: '3',
    price: '0.575',
    round: 1,
    auctioneer: 'N2',
  };
  const write = (trades: unknown): void => writeFileSync(file, JSON.stringify({ trades }));
  const wrong = (): number =>
    view.world().get(CONDUCT, { market: 'street', account: idOf(desk, 'cat') })?.wrongAuctions ?? 0;
  write([trade, { ...trade, auctioneer: 'N3' }, { ...trade, round: 2 }]);
  await desk.does('cat', ...publish, '--trades', file);
  assert.equal(wrong(), 0);
  // At two prices the energy of the one is the same, but the result is not.
  const { price: _, ...rest } = trade;
  write([{ ...rest, buyPrice: '0.6', sellPrice: '0.575' }]);
  await desk.does('cat', ...publish, '--trades', file);
  assert.equal(wrong(), 1);
  await desk.does('cat', ...publish, '--result', toHex(sha256(new Uint8Array(1))));
  assert.equal(wrong(), 2);

  assert.equal(await desk.refused('cat', ...publish), 'USAGE');
  assert.equal(await desk.refused('cat', ...publish, '--trades', file, ...none), 'USAGE');
  assert.equal(await desk.refused('cat', ...publish, '--result', 'abc'), 'USAGE');
  assert.equal(await desk.refused('cat', ...publish, '--trades', `${file}x`), 'NOT_FOUND');
  write('none');
  assert.equal(await desk.refused('cat', ...publish, '--trades', file), 'FILE_FORMAT');
  write([{ ...trade, seller: 'S1' }]);
  assert.equal(await desk.refused('cat', ...publish, '--trades', file), 'NOT_FOUND');
  assert.equal(await desk.refused('cat', ...publish, ...none, '--period', '4'), 'WRONG_PERIOD');
});

const TWO_ROUND = {
  id: 'spot',
  mechanism: 'two-round',
  params: { feedIn: '0.08', retail: '0.30' },
};

test('order adjust: quotes of round 2 from the reserve, or as they are given', async (t) => {
  const people = ['ann', 'bob', 'cat', 'dan'];
  const desk = await openDesk(t, testGenesis(people, { markets: [TWO_ROUND] }), people);
  const { view } = desk.node;
  // The first pair trades at 0.10 and 0.25: these are the references.
  await bid(desk, 'spot', ['ann', 'sell', '1', '0.1']);
  await bid(desk, 'spot', ['bob', 'buy', '1', '0.25']);
  await bid(desk, 'spot', ['cat', 'sell', '2', '0.2']);
  const adjust = ['order', 'adjust', '--market', 'spot'];
  const reserve = [...adjust, '--reserve', '0.185'];
  assert.equal(await desk.refused('cat', ...reserve), 'WRONG_PHASE');
  view.block(480_000n);
  assert.equal(await desk.refused('dan', ...reserve), 'NO_ORDER');
  await desk.does('cat', ...reserve);
  const quotes = () => {
    const key = { market: 'spot', period: P1, account: idOf(desk, 'cat') };
    return view.world().get(BOOK, key)?.orders[0]?.quotes;
  };
  // A tenth of the way from 0.200 to 0.100, then no further than the reserve.
  assert.deepEqual(quotes(), [190_000n, 185_000n]);
  await desk.does('cat', ...adjust, '--prices', '0.195,0.19');
  assert.deepEqual(quotes(), [195_000n, 190_000n]);
  const given = (text: string) => desk.refused('cat', ...adjust, '--prices', text);
  assert.equal(await given('0.195'), 'STEP_QUOTE');
  assert.equal(await given('0.195,0.1'), 'STEP_QUOTE');
  assert.equal(await given('0.195,'), 'AMOUNT_GRAMMAR');
  assert.equal(await given(Array<string>(65).fill('0.1').join(',')), 'USAGE');
  assert.equal(await desk.refused('cat', ...adjust), 'USAGE');
  assert.equal(await desk.refused('cat', ...reserve, '--prices', '0.1'), 'USAGE');
  assert.equal(await desk.refused('cat', ...reserve, '--period', '2'), 'NO_ORDER');
  const call = await openDesk(t, testGenesis(['ann']), ['ann']);
  assert.equal(await call.refused('ann', ...reserve), 'WRONG_MECHANISM');
});

test('order submit --right: energy bought is sold on, no more than there is', async (t) => {
  const market = { ...TWO_ROUND, mechanism: 'continuous' };
  const genesis = testGenesis(['ann', 'bob', 'cat'], { markets: [market] });
  const desk = await openDesk(t, genesis, ['ann', 'bob', 'cat']);
  // Sold before its day: delivery period 9.
  const place = (who: string, ...terms: readonly string[]): readonly string[] => {
    const [side = '', energy = '', price = '', ...more] = terms;
    const what = ['--side', side, '--energy', energy, '--price', price, '--period', '9'];
    return [who, 'order', 'submit', '--market', 'spot', ...what, ...more];
  };
  const does = ([who = '', ...args]: readonly string[]) => desk.does(who, ...args);
  const refused = ([who = '', ...args]: readonly string[]) => desk.refused(who, ...args);
  await does(place('ann', 'sell', '1', '0.15'));
  await does(place('bob', 'buy', '1', '0.15'));
  const key = { market: 'spot', period: 9n, index: 0n };
  const id = toHex(contractIdOf(desk.node.view.chain.chainId, key as TradeKey));
  const resale = (energy: string, right: string) =>
    place('bob', 'sell', energy, '0.2', '--right', right);
  assert.equal(await refused(place('bob', 'sell', '1', '0.2')), 'WRONG_SIDE');
  assert.equal(await refused(resale('1', 'abc')), 'USAGE');
  assert.equal(await refused(resale('1', '00'.repeat(32))), 'NOT_FOUND');
  assert.equal(await refused(resale('1.001', id)), 'RIGHT_SOLD');
  assert.equal(await refused(place('cat', 'sell', '1', '0.2', '--right', id)), 'NOT_ALLOWED');
  await does(resale('0.6', id));
  assert.equal(await refused(resale('0.5', id)), 'RIGHT_SOLD');
});

test('meter enrol: the meter moves, its node stays unless another is named', async (t) => {
  const [first] = (testGenesis(['ann']) as { readonly markets: readonly object[] }).markets;
  const markets = [first, { ...first, id: 'other' }, { ...first, id: 'third' }];
  const plain = testGenesis(['ann'], { markets }) as { accounts: object[] };
  const accounts = plain.accounts.map((one) => ({ ...one, node: 'N7' }));
  const desk = await openDesk(t, { ...plain, accounts }, ['ann', 'grid']);
  const { view } = desk.node;
  const seen = () => {
    const world = view.world();
    const { market, fromPeriod } = world.get(METERS, idOf(desk, 'ann meter')) ?? {};
    return [market, fromPeriod, world.get(ACCOUNTS, idOf(desk, 'ann'))?.node];
  };
  const enrol = ['meter', 'enrol', '--market'];
  assert.equal(await desk.refused('ann', ...enrol, 'nowhere'), 'UNKNOWN_MARKET');
  assert.equal(await desk.refused('ann', ...enrol, 'spot'), 'METER_BOUND');
  assert.equal(await desk.refused('grid', ...enrol, 'other'), 'UNKNOWN_METER');
  assert.equal(
    await desk.refused('ann', ...enrol, 'other', '--grid-node', 'n'.repeat(33)),
    'USAGE',
  );
  await desk.does('ann', ...enrol, 'other');
  assert.deepEqual(seen(), ['other', 2n, 'N7']);
  assert.equal(await desk.refused('ann', ...enrol, 'third'), 'OPEN_CONTRACTS');
  view.block(9n * PERIOD);
  await desk.does('ann', ...enrol, 'third', '--grid-node', 'N8');
  assert.deepEqual(seen(), ['third', 11n, 'N8']);
});
