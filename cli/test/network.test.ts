// Files of a local network: what is written is what the node reads, and a directory stays the same.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadOptions } from '../../node/src/config.js';
import { readGenesis } from '../../state/src/genesis/genesis.js';
import { genesisState } from '../../state/src/genesis/start.js';
import { networkPaths, nodePaths, writeNodeFiles } from '../src/network/files.js';
import { findNetwork, type LocalOptions, makeNetwork } from '../src/network/local.js';
import { openNetwork, removeNetwork } from '../src/network/network.js';
import { defaultRateOf, withFreePorts } from '../src/network/plan.js';
import { freePorts } from '../src/network/ports.js';

const directory = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'busbar-network-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const wanted: LocalOptions = {
  kind: 'dev',
  market: undefined,
  rate: undefined,
  validators: undefined,
  homes: undefined,
};
const fresh = {
  names: ['ann', 'bob', 'eve'],
  green: (i: number) => i === 0,
  retail: '0.30',
  feedIn: '0.08',
  currency: 'EUR',
  rate: 360,
  wallStartMs: 1_000,
  chainStartMs: 900_000 * 7,
};

test('the genesis of a local network is accepted and has what is promised', async (t) => {
  const dir = directory(t);
  const { genesis, plan, homes } = await makeNetwork(dir, wanted, fresh);
  const again = readGenesis(JSON.parse(readFileSync(networkPaths(dir).genesis, 'utf8')));
  assert.deepEqual(again.chainId, genesis.chainId);
  genesisState(genesis);
  assert.equal(genesis.demo, true);
  const { minBlockMs, maxIdleMs, proposeTimeoutMs, voteTimeoutMs, driftMs } = genesis.consensus;
  assert.deepEqual([minBlockMs, maxIdleMs, proposeTimeoutMs], [100, 2000, 400]);
  assert.deepEqual([voteTimeoutMs, driftMs, genesis.consensus.inclusionMs], [200, 300, 3000]);
  const [market] = genesis.markets;
  assert.deepEqual(market?.offsets, [300_000n, 600_000n, 780_000n]);
  assert.equal(market?.params.minOrderWh, 10n);
  assert.equal(genesis.time, genesis.chainStartMs);
  assert.equal(genesis.poolReward, 100_000_000n);
  assert.equal(genesis.centres.length, 2);
  assert.equal(genesis.validators.length, 4);
  for (const account of genesis.accounts) {
    assert.equal(account.balance, 100_000_000n);
    assert.deepEqual([account.pMaxImportW, account.pMaxExportW], [17_000n, 17_000n]);
    assert.deepEqual([account.meter?.importWh, account.meter?.exportWh], [0n, 0n]);
  }
  assert.deepEqual(
    plan.nodes.map(({ role }) => role),
    ['centre', 'standby', 'validator', 'validator', 'validator', 'validator'],
  );
  assert.equal(homes.length, 3);
});

test('options of every node are read by the node; keys and tokens are private', async (t) => {
  const dir = directory(t);
  const { plan } = await makeNetwork(dir, wanted, fresh);
  writeNodeFiles(dir, plan, 'info');
  for (const node of plan.nodes) {
    const paths = nodePaths(dir, node.name);
    const options = loadOptions(paths.config);
    assert.equal(options.role, node.role);
    assert.equal(options.rpc.port, node.rpcPort);
    assert.equal(options.peers?.length, 5);
    assert.ok(options.peers?.every(({ address }) => !address.endsWith(`/${node.p2pPort}`)));
    for (const file of [paths.key, paths.tokens, paths.config])
      assert.equal(statSync(file).mode & 0o077, 0);
  }
  assert.equal(statSync(networkPaths(dir).homes).mode & 0o077, 0);
});

test('opened again it is the same network; what contradicts it is refused', async (t) => {
  const dir = directory(t);
  assert.equal(openNetwork(dir), undefined);
  const made = await makeNetwork(dir, wanted, fresh);
  assert.deepEqual(findNetwork(dir, wanted), made);
  assert.deepEqual(findNetwork(dir, { ...wanted, homes: 3, rate: 360, market: 'call' }), made);
  for (const change of [{ homes: 4 }, { rate: 60 }, { validators: 5 }, { kind: 'demo' as const }])
    assert.throws(() => findNetwork(dir, { ...wanted, ...change }), { code: 'CONFIG' });
  removeNetwork(made);
  assert.equal(openNetwork(dir), undefined);
});

test('ports: different ones, kept while they are free, replaced when they are not', async (t) => {
  const ports = await freePorts(20);
  assert.equal(new Set(ports).size, 20);
  const { plan } = await makeNetwork(directory(t), wanted, fresh);
  assert.deepEqual(await withFreePorts(plan), plan);
  const { createServer } = await import('node:net');
  const server = createServer();
  const held = plan.nodes[2]?.rpcPort ?? 0;
  await new Promise<void>((resolve) => server.listen(held, '127.0.0.1', resolve));
  const moved = await withFreePorts(plan);
  server.close();
  assert.notEqual(moved.nodes[2]?.rpcPort, held);
  assert.deepEqual(moved.nodes[2]?.p2pPort, plan.nodes[2]?.p2pPort);
  assert.deepEqual({ ...moved.nodes[0] }, { ...plan.nodes[0] });
});

test('rates by market; a market that is none is refused by name', () => {
  assert.deepEqual(['call', 'two-round', 'neighbourhood'].map(defaultRateOf), [360, 120, 30]);
  assert.throws(() => defaultRateOf('bazaar'), { code: 'USAGE' });
});
