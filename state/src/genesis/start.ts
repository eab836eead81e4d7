// The state before block 1, made from genesis.
import type { ChainMs, Money, PeriodIndex } from '../../../core/src/amount.js';
import { tryDecode } from '../../../core/src/codec/codec.js';
import { FULL_CREDIT, firstBeacon } from '../../../core/src/draw.js';
import { sha256 } from '../../../core/src/hash.js';
import { HEADER_VERSION } from '../../../core/src/header.js';
import {
  accountIdOf,
  type AccountId,
  type PublicKey,
  systemAccountId,
} from '../../../core/src/ids.js';
import { paramsRootOf } from '../../../core/src/params.js';
import { treePath } from '../../../core/src/treeProof.js';
import type { Role } from '../../../core/src/tx.js';
import { sortById } from '../../../core/src/validators.js';
import type { Chain } from '../chain.js';
import {
  type Account,
  BALANCES,
  CURSOR,
  HISTORY,
  MARKETS,
  NETWORK,
  SUPPLY,
  TABLES,
} from '../schema.js';
import { type TreeNode, updateTree } from '../tree/tree.js';
import { gridsOf } from '../markets/reputation/network.js';
import { registerNode } from '../markets/reputation/nodes.js';
import { FEEDER } from '../markets/reputation/tables.js';
import { openAccount } from '../tx/admit.js';
import { bind } from '../tx/meters.js';
import { BaseState, type LeafWrite, type Table, World } from '../world.js';
import type { Parent, StateAt } from '../transition.js';
import type { Genesis, GenesisAccount } from './genesis.js';

function chainOf(genesis: Genesis): Chain {
  const { chainId, consensus, markets } = genesis;
  const named = (name: string): AccountId => systemAccountId(chainId, name);
  return {
    chainId,
    version: HEADER_VERSION,
    consensus,
    markets,
    paramsRoot: paramsRootOf(consensus, markets),
    gridCreditLimit: genesis.gridCreditLimit as Money,
    priceDecimals: genesis.priceDecimals,
    grids: gridsOf(genesis.feeder, markets),
    system: {
      grid: accountIdOf(chainId, genesis.grid),
      reward: named('pool:reward'),
      grants: named('pool:grants'),
      reserve: named('pool:reserve'),
      fees: named('fees'),
    },
  };
}

/** What block 1 stands on (light-clients 1.5). */
const genesisParent = (genesis: Genesis): Parent => ({
  hash: genesis.chainId,
  height: 0n,
  timeMs: genesis.time as ChainMs,
  beacon: firstBeacon(genesis.chainId),
  proposer: undefined,
});

/** Base state and tree after genesis, with the leaves to store. */
export function genesisState(genesis: Genesis): StateAt & { writes: readonly LeafWrite[] } {
  const chain = chainOf(genesis);
  const base = new BaseState();
  const world = new World(base);
  writeSingles(world, genesis);
  writeNetwork(world, genesis);
  genesis.accounts.forEach((account, i) => {
    writeAccount(world, chain, account, genesis.time);
    const id = accountIdOf(chain.chainId, account.publicKey);
    registerNode(world, chain, { account: id, place: BigInt(i) });
  });
  writePools(world, chain, genesis);
  const writes = world.leafWrites();
  world.takeOver();
  return { base, tree: treeOf(writes), chain, parent: genesisParent(genesis), writes };
}

const treeOf = (writes: readonly LeafWrite[]): TreeNode =>
  updateTree(
    null,
    writes.map(({ kind, key, value }) => ({
      path: treePath(kind, key),
      value: value && { bytes: value, hash: sha256(value) },
    })),
  );

function writeSingles(world: World, genesis: Genesis): void {
  const issued =
    genesis.accounts.reduce((sum, a) => sum + a.balance, 0n) +
    genesis.poolReward +
    genesis.poolGrants;
  world.set(SUPPLY, '', { issued, redeemed: 0n, nextArrear: 0n });
  world.set(HISTORY, '', { count: 0n, peaks: [] });
  // A boundary at exactly genesis time counts (consensus 5a.1c): no step is behind the cursor yet.
  world.set(CURSOR, '', {
    timeMs: genesis.time as ChainMs,
    market: '',
    period: 0n as PeriodIndex,
    step: 0,
    part: 0,
    unfinished: false,
  });
  for (const market of genesis.markets) world.set(MARKETS, market.id, market);
  if (genesis.feeder.length > 0) world.set(FEEDER, '', { lines: genesis.feeder });
}

interface Profile {
  readonly role: Role;
  readonly organisation: string;
  readonly pMaxImportW: bigint;
  readonly pMaxExportW: bigint;
  readonly green: boolean;
  readonly node: string;
}
const NO_CONNECTION = { pMaxImportW: 0n, pMaxExportW: 0n, green: false, node: '' };

const accountRecord = (publicKey: PublicKey, profile: Profile): Account => ({
  ...profile,
  publicKey,
  status: 'active',
  expiresMs: 0n as ChainMs,
  commitment: undefined,
  partner: undefined,
  credit: FULL_CREDIT,
  correct: 0,
  wrong: 0,
});

function writeNetwork(world: World, genesis: Genesis): void {
  const { chainId } = genesis;
  const open = (publicKey: PublicKey, role: Role, organisation: string): void =>
    openAccount(
      world,
      accountIdOf(chainId, publicKey),
      accountRecord(publicKey, { ...NO_CONNECTION, role, organisation }),
    );
  for (const c of genesis.centres) open(c.publicKey, 'centre', c.name);
  for (const v of genesis.validators) open(v.publicKey, 'validator', v.organisation);
  open(genesis.grid, 'grid', 'grid');
  if (genesis.regulator) open(genesis.regulator, 'regulator', 'regulator');
  const validators = genesis.validators.map((v) => ({
    id: accountIdOf(chainId, v.publicKey),
    publicKey: v.publicKey,
    beaconKey: v.beaconKey,
    name: v.name,
    organisation: v.organisation,
    creditOf: accountIdOf(chainId, v.creditOf ?? v.publicKey),
  }));
  world.set(NETWORK, '', { centres: genesis.centres, validators: sortById(validators) });
}

function writeAccount(world: World, chain: Chain, a: GenesisAccount, time: bigint): void {
  const id = accountIdOf(chain.chainId, a.publicKey);
  const { pMaxImportW, pMaxExportW, green, node } = a;
  const profile = {
    role: 'prosumer',
    organisation: '',
    pMaxImportW,
    pMaxExportW,
    green,
    node,
  } as const;
  openAccount(world, id, accountRecord(a.publicKey, profile));
  world.set(BALANCES, id, { available: a.balance, locked: 0n, arrears: 0n });
  if (a.meter === undefined) return;
  const market = chain.markets.find((m) => m.id === a.meter?.market);
  const fromPeriod = market === undefined ? 0n : time / market.periodMs;
  bind(world, chain, {
    participant: id,
    number: a.meter.number,
    meterKey: a.meter.publicKey,
    market: a.meter.market,
    importWh: a.meter.importWh,
    exportWh: a.meter.exportWh,
    fromPeriod: fromPeriod as PeriodIndex,
  });
}

function writePools(world: World, chain: Chain, genesis: Genesis): void {
  const pools: readonly [AccountId, bigint][] = [
    [chain.system.reward, genesis.poolReward],
    [chain.system.grants, genesis.poolGrants],
    [chain.system.reserve, 0n],
    [chain.system.fees, 0n],
  ];
  for (const [id, available] of pools)
    world.set(BALANCES, id, { available, locked: 0n, arrears: 0n });
}

type AnyTable = Table<unknown, unknown>;
const TABLE_BY_KIND = new Map<number, AnyTable>(
  TABLES.map((table) => [table.kind, table as unknown as AnyTable]),
);

/** Rebuilds base and tree from stored leaves; undefined where a leaf is not of a known form. */
export function restoreState(
  leaves: Iterable<{ readonly kind: number; readonly key: Uint8Array; readonly value: Uint8Array }>,
): { base: BaseState; tree: TreeNode } | undefined {
  const base = new BaseState();
  const updates: Parameters<typeof updateTree>[1][number][] = [];
  for (const { kind, key, value } of leaves) {
    const table = TABLE_BY_KIND.get(kind);
    const decoded = table && tryDecode(table.value, value, { maxBytes: MAX_LEAF_BYTES });
    if (table === undefined || decoded === undefined) return undefined;
    base.put(table, { key: table.readKey(key, decoded), keyBytes: key, value: decoded });
    updates.push({ path: treePath(kind, key), value: { bytes: value, hash: sha256(value) } });
  }
  return { base, tree: updateTree(null, updates) };
}

/** Leaves are small; the largest holds the validator set. */
const MAX_LEAF_BYTES = 1 << 20;
