// The genesis file: every field is refused by name where it is wrong, unknown or out of its range;
// what is left out has its default; spelling and order do not matter for the chain's id.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { CONSENSUS_RANGES, DEFAULT_CONSENSUS } from '../../core/src/params.js';
import { readGenesis } from '../src/genesis/genesis.js';
import { genesisState } from '../src/genesis/start.js';
import { ACCOUNTS, BALANCES, SUPPLY } from '../src/schema.js';
import { World } from '../src/world.js';
import { person, testGenesis } from './harness.js';

type Json = Record<string, unknown>;
const plain = (): Json => JSON.parse(JSON.stringify(testGenesis(['ann', 'bob']))) as Json;
/** Checked once: the keys of these tests are the same throughout. */
const CHECKED = { checkedBefore: '' };

/** The file with what stands at a path replaced; undefined takes it away. */
function withField(path: string, value: unknown): Json {
  const json = plain();
  const steps = path.split('.');
  const last = steps.pop() as string;
  let at = json;
  for (const step of steps) {
    at[step] ??= {};
    at = at[step] as Json;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
  return json;
}

function refuses(path: string, value: unknown, expected: { code?: string; field: string }): void {
  const json = withField(path, value);
  const shown = `${path} = ${JSON.stringify(value)}`;
  try {
    readGenesis(json);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${shown}: ${(error as Error).stack}`);
    assert.equal(error.code, expected.code ?? 'GENESIS', `${shown}: ${error.message}`);
    assert.ok(error.message.includes(expected.field), `${shown}: ${error.message}`);
    return;
  }
  assert.fail(`${shown} was taken`);
}

test('unknown fields, everywhere', () => {
  const places = [
    '',
    'clock.',
    'money.',
    'consensus.',
    'centres.0.',
    'validators.0.',
    'grid.',
    'regulator.',
    'accounts.0.',
    'accounts.0.meter.',
    'pools.',
    'markets.0.',
    'markets.0.offsets.',
    'markets.0.params.',
    'markets.0.modules.',
  ];
  for (const place of places)
    refuses(`${place}extra`, 1, { code: 'UNKNOWN_FIELD', field: 'extra' });
  const json = plain();
  json.peers = [{ publicKey: toHex(person('p').key), address: '/ip4/1.2.3.4', extra: 1 }];
  assert.throws(() => readGenesis(json), { code: 'UNKNOWN_FIELD' });
});

test('null, and a value of another kind, are refused where anything may stand', () => {
  const number = [null, '0', -1, 0.5, 2 ** 53, true, {}];
  const text = [null, 5, {}, 'ä', 'a\n', 'x'.repeat(65)];
  const flag = [null, 0, 'true'];
  const object = [null, 5, 'x', []];
  const list = [null, {}, 'x', 5];
  const decimal = [null, 5, '', '-1', '1e3', '01', '.5', '5.', '0x1', '1'.repeat(41)];
  const key = [null, 5, '', 'ab', 'AB'.repeat(32), 'zz'.repeat(32)];
  const all = (path: string, values: readonly unknown[], field?: string, code?: string): void => {
    const name = field ?? (path.split('.').pop() as string);
    for (const value of values) refuses(path, value, { field: name, ...(code && { code }) });
  };
  for (const path of ['time', 'format', 'clock.wallStartMs', 'clock.chainStartMs', 'clock.rate'])
    all(path, number);
  for (const path of ['markets.0.periodMs', 'markets.0.offsets.close', 'markets.0.offsets.pay'])
    all(path, number);
  for (const name of ['maxOrders', 'readingDeadlineMs', 'correctionDays'])
    all(`markets.0.params.${name}`, number);
  for (const path of ['name', 'money.currency', 'centres.0.name', 'validators.0.organisation'])
    all(path, text);
  for (const path of ['demo', 'accounts.0.green', 'markets.0.modules.reward']) all(path, flag);
  all('markets.0.params.bounds', flag);
  all('consensus.fallbackProposers', flag);
  for (const path of ['clock', 'money', 'consensus', 'grid', 'regulator', 'pools'])
    all(path, object);
  for (const path of ['markets.0.params', 'markets.0.offsets', 'markets.0.modules'])
    all(path, object);
  for (const path of ['centres', 'validators', 'accounts', 'markets', 'peers']) all(path, list);
  for (const path of ['accounts.0.balance', 'accounts.0.pMaxImport', 'pools.reward'])
    all(path, decimal, undefined, 'AMOUNT_GRAMMAR');
  for (const path of ['accounts.0.meter.import', 'money.gridCreditLimit'])
    all(path, decimal, undefined, 'AMOUNT_GRAMMAR');
  for (const name of ['tick', 'feedIn', 'retail', 'minOrder', 'rewardFactor', 'greenFactor'])
    all(`markets.0.params.${name}`, decimal, undefined, 'AMOUNT_GRAMMAR');
  for (const path of ['centres.0', 'validators.0', 'grid', 'accounts.0', 'accounts.0.meter'])
    all(`${path}.publicKey`, key);
  all('regulator.publicKey', key);
  all('validators.0.creditOf', key);
});

test('what must stand there is missed by name', () => {
  const needed = [
    'format',
    'name',
    'time',
    'centres.0.publicKey',
    'validators.0.publicKey',
    'grid',
    'grid.publicKey',
    'accounts.0.publicKey',
    'accounts.0.pMaxImport',
    'accounts.0.pMaxExport',
    'accounts.0.meter.number',
    'accounts.0.meter.publicKey',
    'markets.0.id',
    'markets.0.mechanism',
    'markets.0.params.feedIn',
    'markets.0.params.retail',
  ];
  for (const path of needed) {
    const field = path === 'grid' ? 'publicKey' : (path.split('.').pop() as string);
    refuses(path, undefined, { field });
  }
  for (const path of ['centres', 'validators'])
    for (const value of [undefined, []]) refuses(path, value, { field: path });
});

test('ranges and relations', () => {
  const large = '9223372036854775808';
  refuses('format', 2, { field: 'format' });
  refuses('time', 1, { field: 'time' });
  refuses('clock.rate', 0, { field: 'rate' });
  refuses('clock.rate', 100_001, { field: 'rate' });
  const fast = { ...withField('clock.rate', 60), demo: false };
  assert.throws(() => readGenesis(fast), /clock\.rate/);
  refuses('money.priceDecimals', 7, { field: 'priceDecimals' });
  refuses('money.gridCreditLimit', '4611686018427387905', { field: 'gridCreditLimit' });
  refuses('money.gridCreditLimit', large, { field: 'gridCreditLimit' });
  for (const path of ['accounts.0.balance', 'pools.reward', 'pools.grants'])
    for (const value of [large, '4611686018427'])
      refuses(path, value, { field: path.split('.')[0] as string });
  for (const name of ['pMaxImport', 'pMaxExport'])
    for (const value of ['1000000.001', large])
      refuses(`accounts.1.${name}`, value, { field: name });
  for (const name of ['import', 'export'])
    for (const value of ['1000000000.001', large])
      refuses(`accounts.0.meter.${name}`, value, { field: name });
  for (const number of ['12345678901', '1234567890123', '12345678901a'])
    refuses('accounts.0.meter.number', number, { field: 'number' });
  refuses('accounts.0.meter.market', 'none', { field: 'accounts' });
  refuses('accounts.0.meter.market', 'm'.repeat(40), { field: 'accounts' });
  refuses('accounts.1.meter.number', '000000000000', { field: 'accounts' });
  refuses('accounts.0.node', 'n'.repeat(33), { field: 'node' });
  refuses('accounts.0.role', 'grid', { field: 'role' });
  refuses('validators.0.beaconKey', 'ab', { field: 'beaconKey' });
  refuses('validators.0.creditOf', toHex(person('zed').key), { field: 'creditOf' });
  refuses('feeder', { nodes: [] }, { field: 'feeder' });
  refuses('feeder', null, { field: 'feeder' });
  for (const [name, range] of Object.entries(CONSENSUS_RANGES))
    for (const value of [range.min - 1, range.max + 1])
      if (value >= 0) refuses(`consensus.${name}`, value, { code: 'PARAM_RANGE', field: name });
  const relations: [string, number, string][] = [
    ['voteTimeoutMs', 1001, 'voteTimeoutMs'],
    ['proposeTimeoutMs', 10_000, 'none'],
    ['timeoutCapMs', 1000, 'none'],
    ['driftMs', 2000, 'driftMs'],
  ];
  for (const [name, value, field] of relations)
    if (field === 'none') readGenesis(withField(`consensus.${name}`, value), CHECKED);
    else refuses(`consensus.${name}`, value, { code: 'PARAM_RANGE', field });
});

test('two validators of one account', () => {
  const json = plain();
  const [first] = json.validators as Json[];
  const second = { ...first, publicKey: toHex(person('v2').key), name: 'v2' };
  json.validators = [first, second];
  readGenesis(json);
  const of = toHex(person('ann').key);
  json.validators = [
    { ...first, creditOf: of },
    { ...second, creditOf: of },
  ];
  assert.throws(() => readGenesis(json), /validators\[1\]\.creditOf/);
  json.validators = [{ ...first, creditOf: second.publicKey }, second];
  assert.throws(() => readGenesis(json), /validators\[1\]\.creditOf/);
});

test('markets: what is not in this version is refused by name, ranges are kept', () => {
  const market = (name: string, value: unknown, field = name, code?: string): void =>
    refuses(`markets.0.${name}`, value, {
      field: field.split('.').pop() as string,
      ...(code && { code }),
    });
  market('mechanism', 'barter');
  const later = ['fees', 'wheelingOn', 'security'];
  for (const name of later) market(`modules.${name}`, true);
  for (const name of ['credit', 'penalty']) market(`modules.${name}`, true, name, 'PARAM_RANGE');
  for (const name of ['certificates', 'points']) market(`modules.${name}`, 'yes');
  market('params.grants', { registration: '-1' }, 'registration', 'AMOUNT_GRAMMAR');
  market('modules.balancing', false, 'balancing', 'PARAM_RANGE');
  market('params.commitment', 'sha1-price');
  const open = withField('markets.0', {
    id: 'spot',
    mechanism: 'uniform',
    params: { feedIn: '0.1', retail: '0.3', bounds: false },
  });
  assert.throws(() => readGenesis(open, CHECKED), /penalty: wants prices within bounds/);
  market('params.payment', 'delivered', 'payment', 'PARAM_RANGE');
  market('params.amountBasis', 'rounded-average');
  market('params.allocation', 'fifo');
  for (const value of ['-1000000', '1', '-0', '-0.5', 'null', '-01'])
    market('params.coefficientFloor', value);
  const ranges: [string, unknown, string][] = [
    ['id', 'Spot', 'id'],
    ['id', 'x'.repeat(33), 'id'],
    ['id', '', 'id'],
    ['periodMs', 59_999, 'periodMs'],
    ['periodMs', 86_400_001, 'periodMs'],
    ['offsets.close', 0, 'offsets'],
    ['offsets.close', 600_000, 'offsets'],
    ['offsets.close', 599_997, 'offsets'],
    ['offsets.pay', 600_000, 'offsets'],
    ['offsets.pay', 900_000, 'offsets'],
    ['params.feedIn', '0.301', 'feedIn'],
    ['params.retail', '1000000000.001', 'retail'],
    ['params.tick', '0.002', 'tick'],
    ['params.tick', '0', 'tick'],
    ['params.maxOrders', 0, 'maxOrders'],
    ['params.maxOrders', 100_001, 'maxOrders'],
    ['params.maxOrders', 2 ** 40, 'maxOrders'],
    ['params.readingDeadlineMs', 3, 'readingDeadlineMs'],
    ['params.readingDeadlineMs', 900_001, 'readingDeadlineMs'],
    ['params.rewardFactor', '1.000001', 'rewardFactor'],
    ['params.greenFactor', '10.000001', 'greenFactor'],
    ['params.correctionDays', 0, 'correctionDays'],
    ['params.correctionDays', 401, 'correctionDays'],
    ['params.correctionDays', 2 ** 40, 'correctionDays'],
  ];
  for (const [path, value, field] of ranges) market(path, value, field, 'PARAM_RANGE');
  market('params.minOrder', '9223372036854775.808', 'minOrder');
  const twice = plain();
  twice.markets = [...(twice.markets as Json[]), ...(twice.markets as Json[])];
  assert.throws(() => readGenesis(twice), /markets: two of one id/);
});

test('keys are good, and stand once', () => {
  const small = `01${'00'.repeat(31)}`;
  for (const path of ['centres.0', 'validators.0', 'grid', 'accounts.0', 'accounts.0.meter']) {
    refuses(`${path}.publicKey`, small, { field: 'public key' });
    const twice = path === 'accounts.0' ? toHex(person('bob').key) : toHex(person('ann').key);
    refuses(`${path}.publicKey`, twice, { field: 'public key stands twice' });
  }
});

/** The same value with the fields of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, inner]) => [name, turned(inner)]));
}

test('the id does not depend on order, white space or defaults written out', () => {
  const idOf = (json: unknown): string => toHex(readGenesis(json, CHECKED).chainId);
  const id = idOf(plain());
  assert.equal(idOf(turned(plain())), id);
  assert.equal(idOf(JSON.parse(JSON.stringify(plain(), null, 7))), id);
  const full = plain();
  full.clock = { rate: 1, wallStartMs: 0, chainStartMs: 0 };
  full.money = { currency: 'CNY', priceDecimals: 3, gridCreditLimit: '4611686018427387904' };
  full.consensus = { ...DEFAULT_CONSENSUS };
  full.peers = [];
  full.feeder = {};
  full.pools = { reward: '100.000', grants: '0' };
  const [market] = full.markets as Json[];
  full.markets = [
    {
      ...market,
      periodMs: 900_000,
      modules: { balancing: true, reward: true, credit: false },
      params: {
        ...(market?.params as Json),
        tick: '0.001',
        bounds: true,
        maxOrders: 10_000,
        minOrder: '0.01',
        commitment: 'chain',
        payment: 'contract',
        amountBasis: 'exact',
        rewardFactor: '0.02',
        greenFactor: '1.08',
        coefficientFloor: '-1',
        readingDeadlineMs: 600_000,
        correctionDays: 30,
        creditOnly: false,
      },
    },
  ];
  assert.equal(idOf(full), id);
  const changes: [string, unknown][] = [
    ['name', 'other'],
    ['demo', false],
    ['time', 900_000],
    ['clock.wallStartMs', 1],
    ['money.currency', 'EUR'],
    ['money.gridCreditLimit', '5'],
    ['consensus.maxIdleMs', 2000],
    ['accounts.0.balance', '99'],
    ['accounts.0.green', false],
    ['accounts.0.node', 'n1'],
    ['accounts.0.meter.import', '1'],
    ['pools.grants', '1'],
    ['markets.0.params.retail', '0.31'],
    ['markets.0.modules.reward', false],
    ['validators.0.organisation', 'o2'],
    ['regulator.publicKey', toHex(person('r').key)],
  ];
  for (const [path, value] of changes) assert.notEqual(idOf(withField(path, value)), id, path);
});

test('offsets have the defaults of the table, and the largest values make a state', () => {
  const json = withField('markets.0.offsets', undefined);
  const [market] = readGenesis(json, CHECKED).markets;
  assert.deepEqual(market?.offsets, [180_000n, 300_000n, 780_000n]);
  const large = withField('accounts.0.balance', '4611686018227.387903');
  const accounts = large.accounts as Json[];
  accounts[1] = { ...accounts[1], balance: '100', node: 'n'.repeat(32), pMaxExport: '1000000' };
  const state = genesisState(readGenesis(large));
  const world = new World(state.base);
  assert.equal(world.get(SUPPLY, '')?.issued, (1n << 62n) - 1n);
  const sum = world.entries(BALANCES).reduce((all, { value }) => all + value.available, 0n);
  assert.equal(sum, (1n << 62n) - 1n);
  assert.equal(world.entries(ACCOUNTS).length, 7);
});
