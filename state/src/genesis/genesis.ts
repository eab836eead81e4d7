// The genesis file (parameters 1): read strictly, checked, and hashed into chainId by
// its canonical bytes, so that spelling and order of the JSON do not matter.
import { MAX_AMOUNT } from '../../../core/src/amount.js';
import { toHex } from '../../../core/src/bytes.js';
import {
  bin,
  bool,
  encode,
  list,
  optional,
  record,
  str,
  u32,
  u64,
  type ValueOf,
} from '../../../core/src/codec/codec.js';
import { market, publicKey } from '../../../core/src/fields.js';
import { checkKey } from '../../../core/src/ed25519.js';
import { type Hash, sha256 } from '../../../core/src/hash.js';
import type { PublicKey } from '../../../core/src/ids.js';
import {
  MAX_ACCOUNTS_AT_GENESIS,
  MAX_FEEDER_LINES,
  MAX_MARKETS,
  MAX_PEERS,
} from '../../../core/src/limits.js';
import {
  checkConsensusParams,
  CONSENSUS_RANGES,
  type ConsensusParams,
  DEFAULT_CONSENSUS,
  paramsBytes,
} from '../../../core/src/params.js';
import { checkBeside, checkMarket, type MarketConfig } from '../../../core/src/markets.js';
import { MAX_REGISTER_WH } from '../tx/reading.js';
import { feederLineField } from '../markets/reputation/records.js';
import { connectionFits } from '../tx/locks.js';
import { checkLinesWork } from './edges.js';
import { checkBaseFlows, checkNodes, readFeeder } from './feeder.js';
import { Fields } from './fields.js';
import { readMarket } from './markets.js';

const accountField = record('genesis account', {
  publicKey,
  balance: u64,
  pMaxImportW: u64,
  pMaxExportW: u64,
  green: bool,
  node: str(64),
  meter: optional(
    record('genesis meter', {
      number: str(12),
      publicKey,
      market,
      importWh: u64,
      exportWh: u64,
    }),
  ),
});
const validatorField = record('genesis validator', {
  name: str(64),
  organisation: str(64),
  publicKey,
  beaconKey: bin({ maxLength: 48 }),
  beaconProof: bin({ maxLength: 96 }),
  /** Public key of the account whose credit counts; none: its own. */
  creditOf: optional(publicKey),
});
const genesisField = record('genesis', {
  format: u32,
  name: str(64),
  demo: bool,
  time: u64,
  wallStartMs: u64,
  chainStartMs: u64,
  rate: u32,
  currency: str(64),
  priceDecimals: u32,
  gridCreditLimit: u64,
  params: bin({ maxLength: 1 << 20 }),
  centres: list(record('genesis centre', { name: str(64), publicKey }), 64),
  validators: list(validatorField, 1000),
  grid: publicKey,
  regulator: optional(publicKey),
  peers: list(record('genesis peer', { publicKey, address: str(128) }), 256),
  accounts: list(accountField, MAX_ACCOUNTS_AT_GENESIS),
  poolReward: u64,
  poolGrants: u64,
  feeder: list(feederLineField, MAX_FEEDER_LINES),
});

export interface Genesis extends Omit<ValueOf<typeof genesisField>, 'params'> {
  readonly consensus: ConsensusParams;
  readonly markets: readonly MarketConfig[];
  readonly chainId: Hash;
}

export interface GenesisAccount extends ValueOf<typeof accountField> {}

const TOP = [
  'format',
  'name',
  'demo',
  'time',
  'clock',
  'money',
  'consensus',
  'centres',
  'validators',
  'grid',
  'regulator',
  'peers',
  'accounts',
  'pools',
  'markets',
  'feeder',
] as const;

export interface GenesisOptions {
  /**
   * A chain id whose keys were checked before (by this program, on this machine): a genesis of that
   * id is not checked for torsion again, which takes about a millisecond a key.
   */
  readonly checkedBefore?: string;
}

/** Reads and checks the parsed JSON; throws GENESIS, UNKNOWN_FIELD, AMOUNT_GRAMMAR, PARAM_RANGE. */
export function readGenesis(json: unknown, options: GenesisOptions = {}): Genesis {
  const top = new Fields(json, '', TOP);
  if (top.integer('format') !== 1) top.refuse('format', 'this program reads format 1');
  const head = readHead(top);
  const decimals = { price: head.priceDecimals, money: head.priceDecimals + 3 };
  const consensus = readConsensus(top);
  const markets = top
    .list('markets', MAX_MARKETS)
    .map(({ value, path }) => readMarket(value, path, decimals.price));
  const people = readPeople(top, decimals.money);
  const pools = top.object_('pools', ['reward', 'grants']);
  const rest = {
    ...people,
    poolReward: pools.decimal('reward', decimals.money, '0'),
    poolGrants: pools.decimal('grants', decimals.money, '0'),
    feeder: readFeeder(top),
  };
  const parts = { ...head, ...rest, consensus, markets };
  // Before the encoding: it asserts what these refuse by name.
  checkGenesis(top, parts);
  const params = paramsBytes(consensus, markets);
  const chainId = sha256(encode(genesisField, { ...head, ...rest, params }));
  const genesis: Genesis = { ...parts, chainId };
  if (toHex(chainId) !== options.checkedBefore) checkKeys(top, genesis);
  return genesis;
}

function readHead(top: Fields) {
  const clock = top.object_('clock', ['wallStartMs', 'chainStartMs', 'rate']);
  const money = top.object_('money', ['currency', 'priceDecimals', 'gridCreditLimit']);
  const demo = top.flag('demo', false);
  const rate = clock.integer('rate', 1);
  if (rate < 1 || rate > 100_000) clock.refuse('rate', '1..100000');
  if (rate > 1 && !demo) clock.refuse('rate', 'above 1 only where demo is true (consensus 5.1)');
  const priceDecimals = money.integer('priceDecimals', 3);
  if (priceDecimals > 6) money.refuse('priceDecimals', '0..6');
  return {
    format: 1,
    name: top.text('name'),
    demo,
    time: BigInt(top.integer('time')),
    wallStartMs: BigInt(clock.integer('wallStartMs', 0)),
    chainStartMs: BigInt(clock.integer('chainStartMs', 0)),
    rate,
    currency: money.text('currency', 'CNY'),
    priceDecimals,
    // Base units: the default, 2^62, is more than currency with decimals could hold.
    gridCreditLimit: money.decimal('gridCreditLimit', 0, (1n << 62n).toString()),
  };
}

function readConsensus(top: Fields): ConsensusParams {
  const names = [...Object.keys(CONSENSUS_RANGES), 'fallbackProposers'];
  const given = top.object_('consensus', names);
  const params = { ...DEFAULT_CONSENSUS } as Record<string, number | boolean>;
  for (const name of Object.keys(CONSENSUS_RANGES))
    if (given.has(name)) params[name] = given.integer(name);
  params.fallbackProposers = given.flag('fallbackProposers', true);
  const checked = params as unknown as ConsensusParams;
  checkConsensusParams(checked);
  return checked;
}

function readPeople(top: Fields, moneyDecimals: number) {
  const grid = top.object_('grid', ['publicKey']);
  const regulator = top.object_('regulator', ['publicKey']);
  return {
    centres: top.list('centres', 64).map(({ value, path }) => {
      const f = new Fields(value, path, ['name', 'publicKey']);
      return { name: f.text('name', ''), publicKey: f.hex<PublicKey>('publicKey', 32) };
    }),
    validators: top.list('validators', 1000).map(({ value, path }) => readValidator(value, path)),
    grid: grid.hex<PublicKey>('publicKey', 32),
    regulator: regulator.has('publicKey') ? regulator.hex<PublicKey>('publicKey', 32) : undefined,
    peers: top.list('peers', MAX_PEERS).map(({ value, path }) => {
      const f = new Fields(value, path, ['publicKey', 'address']);
      return {
        publicKey: f.hex<PublicKey>('publicKey', 32),
        address: f.text('address', undefined, 128),
      };
    }),
    accounts: top
      .list('accounts', MAX_ACCOUNTS_AT_GENESIS)
      .map(({ value, path }) => readAccount(value, path, moneyDecimals)),
  };
}

function readValidator(value: unknown, path: string): ValueOf<typeof validatorField> {
  const f = new Fields(value, path, [
    'name',
    'organisation',
    'publicKey',
    'beaconKey',
    'beaconProof',
    'creditOf',
  ]);
  if (f.text('beaconKey', '') !== '' || f.text('beaconProof', '') !== '')
    f.refuse('beaconKey', 'heralds are not in this version; leave it empty');
  return {
    name: f.text('name', ''),
    organisation: f.text('organisation', ''),
    publicKey: f.hex<PublicKey>('publicKey', 32),
    beaconKey: new Uint8Array(0),
    beaconProof: new Uint8Array(0),
    creditOf: f.has('creditOf') ? f.hex<PublicKey>('creditOf', 32) : undefined,
  };
}

const ACCOUNT_NAMES = [
  'publicKey',
  'role',
  'balance',
  'pMaxImport',
  'pMaxExport',
  'green',
  'node',
  'meter',
] as const;

function readAccount(value: unknown, path: string, moneyDecimals: number): GenesisAccount {
  const f = new Fields(value, path, ACCOUNT_NAMES);
  if (f.text('role', 'prosumer') !== 'prosumer')
    f.refuse('role', 'accounts of genesis are prosumers; the others have lists of their own');
  const m = f.object_('meter', ['number', 'publicKey', 'market', 'import', 'export']);
  const meter = {
    number: m.text('number', ''),
    publicKey: f.has('meter') ? m.hex<PublicKey>('publicKey', 32) : (undefined as never),
    market: m.text('market', ''),
    importWh: m.decimal('import', 3, '0'),
    exportWh: m.decimal('export', 3, '0'),
  };
  if (f.has('meter') && !/^[0-9]{12}$/.test(meter.number))
    m.refuse('number', 'a meter number has 12 digits');
  if (meter.importWh > MAX_REGISTER_WH) m.refuse('import', 'above the largest register');
  if (meter.exportWh > MAX_REGISTER_WH) m.refuse('export', 'above the largest register');
  return {
    publicKey: f.hex<PublicKey>('publicKey', 32),
    balance: f.decimal('balance', moneyDecimals, '0'),
    pMaxImportW: f.decimal('pMaxImport', 3),
    pMaxExportW: f.decimal('pMaxExport', 3),
    green: f.flag('green', false),
    node: f.text('node', '', 32),
    meter: f.has('meter') ? meter : undefined,
  };
}

type Parts = Omit<Genesis, 'chainId'>;

/** Relations between parts: markets exist, money fits, somebody can propose and vote. */
function checkGenesis(top: Fields, g: Parts): void {
  if (g.centres.length === 0) top.refuse('centres', 'at least one is needed');
  if (g.validators.length === 0) top.refuse('validators', 'at least one is needed');
  if (g.validators.length > g.consensus.maxValidators) top.refuse('validators', 'too many');
  for (const market of g.markets) checkMarket(market);
  checkBeside(g.markets);
  if (new Set(g.markets.map((m) => m.id)).size !== g.markets.length)
    top.refuse('markets', 'two of one id');
  for (const market of g.markets)
    if (g.time % market.periodMs !== 0n)
      top.refuse('time', `must be a start of a period of ${market.id}`);
  checkMoney(top, g);
  checkAccounts(top, g);
  checkNodes(top, g.feeder, g.accounts);
  checkBaseFlows(top, g);
  checkLinesWork(top, g.markets, g.feeder);
  checkCreditOf(top, g);
}

/** Most of what is issued, and most that the grid company may owe: together an amount. */
const MAX_ISSUED = MAX_AMOUNT / 2n;

function checkMoney(top: Fields, g: Parts): void {
  const balances = g.accounts.reduce((sum, { balance }) => sum + balance, 0n);
  if (balances + g.poolReward + g.poolGrants > MAX_ISSUED)
    top.refuse('accounts', 'balances and pools are more than a chain can hold');
  if (g.gridCreditLimit > MAX_ISSUED + 1n) top.refuse('money.gridCreditLimit', 'is too large');
}

function checkAccounts(top: Fields, g: Parts): void {
  g.accounts.forEach(({ pMaxImportW, pMaxExportW }, i) => {
    for (const [name, watts] of Object.entries({
      pMaxImport: pMaxImportW,
      pMaxExport: pMaxExportW,
    }))
      if (!connectionFits(g.markets, watts)) top.refuse(`accounts[${i}].${name}`, 'is too large');
  });
  for (const { meter } of g.accounts)
    if (meter && meter.market !== '' && !g.markets.some((m) => m.id === meter.market))
      top.refuse('accounts', `meter ${meter.number}: unknown market ${meter.market}`);
  const numbers = g.accounts.flatMap((a) => (a.meter ? [a.meter.number] : []));
  if (new Set(numbers).size !== numbers.length)
    top.refuse('accounts', 'a meter number stands twice');
}

/** The credit of a validator is that of an account here, of no other validator (consensus 1.1a). */
function checkCreditOf(top: Fields, g: Parts): void {
  const known = new Set([...g.validators, ...g.accounts].map((a) => toHex(a.publicKey)));
  const seen = new Set<string>();
  g.validators.forEach((v, i) => {
    const of = toHex(v.creditOf ?? v.publicKey);
    const at = `validators[${i}].creditOf`;
    if (!known.has(of)) top.refuse(at, 'no account of this file has that key');
    if (seen.has(of)) top.refuse(at, 'two validators of one account');
    seen.add(of);
  });
}

/** Every key is good and stands once. */
function checkKeys(top: Fields, g: Parts): void {
  const keys = [
    ...g.centres.map((c) => c.publicKey),
    ...g.validators.map((v) => v.publicKey),
    g.grid,
    ...(g.regulator ? [g.regulator] : []),
    ...g.accounts.flatMap((a) => [a.publicKey, ...(a.meter ? [a.meter.publicKey] : [])]),
  ];
  const seen = new Set<string>();
  for (const publicKey of keys) {
    if (seen.has(toHex(publicKey))) top.refuse('', 'a public key stands twice');
    seen.add(toHex(publicKey));
    if (!checkKey(publicKey)) top.refuse('', 'a public key is not canonical or has torsion');
  }
}
