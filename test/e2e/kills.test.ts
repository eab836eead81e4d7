// Processes of a real network are killed with -9 while homes pay and trade: the chain goes on, whoever
// was killed comes back, nothing final is lost, no height has two hashes. Times are told, not judged:
// limits here are generous (devNetwork.ts); bench/kills.ts measures.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chronicle } from './chronicle.js';
import { agreedAt, chainIdOf } from './desk.js';
import { DevNetwork, reporting } from './devNetwork.js';
import { killAll, killOne } from './kill.js';
import { Traffic } from './traffic.js';

const net = new DevNetwork({ rate: 60, homes: 8 });
const checked = reporting(net);
const chronicle = new Chronicle(net);
let traffic: Traffic;

before(async () => {
  await net.up();
  traffic = new Traffic(net, await chainIdOf(net.client('centre')));
  await net.reach(2n);
  chronicle.begin();
  traffic.begin();
});

after(() => net.close());

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

test(
  'the centre is killed while homes trade: the standby proposes, the centre comes back',
  checked(async (t) => {
    const { consensus } = await net.client('standby').call('chain_parameters', {});
    assert.equal(consensus.fallbackProposers, true);
    const report = await killOne(net, 'centre');
    t.diagnostic(`next block ${seconds(report.nextBlockMs)}, back ${seconds(report.backMs)}`);
    assert.ok(report.meanwhile > 0n, 'the chain went on without the centre');
    const others = net.names.filter((name) => name !== 'centre');
    await net.reach(report.atHeight + report.meanwhile, others);
    const blocks = [];
    for (let h = report.atHeight + 1n; h <= report.atHeight + report.meanwhile; h++)
      blocks.push(await net.client('standby').call('chain_header', { height: `${h}` }));
    assert.ok(
      blocks.some(({ round }) => round !== '0'),
      'a later round had another proposer',
    );
  }),
);

test(
  'a validator is killed three times at moments of any kind and comes back each time',
  checked(async (t) => {
    for (let i = 0; i < 3; i++) {
      await sleep(Math.random() * 1500);
      const report = await killOne(net, 'validator-2');
      t.diagnostic(`kill ${i + 1}: back ${seconds(report.backMs)} after its start`);
      await net.reach(report.atHeight + report.meanwhile + 1n);
    }
  }),
);

test(
  'all six are killed at once and go on',
  checked(async (t) => {
    const report = await killAll(net);
    t.diagnostic(`next block ${seconds(report.firstBlockMs)} after the last start`);
    t.diagnostic(`everywhere ${seconds(report.everywhereMs)} after the last start`);
    await net.reach(report.atHeight + 3n);
  }),
);

test(
  'nothing final was lost and no height has two hashes',
  checked(async (t) => {
    await traffic.end();
    await chronicle.end();
    assert.ok(chronicle.size > 10, 'many heights were seen');
    await chronicle.compare();
    const height = await net.tip();
    await net.reach(height);
    await agreedAt(net, height);
    const counts = await traffic.audit('validator-1');
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.final > 0);
    assert.equal(counts.lostKinds.transfer ?? 0, 0, 'every transfer that was accepted is final');
  }),
);
