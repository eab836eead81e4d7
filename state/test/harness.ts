// A chain in one process for tests: builds a block with the shipping code, executes it again as
// another node would, and takes it over.
import assert from 'node:assert/strict';
import type { ChainMs } from '../../core/src/amount.js';
import { decodeBlock } from '../../core/src/block.js';
import { publicKeyOf, sign, verifyStrict } from '../../core/src/ed25519.js';
import { sha256 } from '../../core/src/hash.js';
import { type AccountId, accountIdOf, type PublicKey } from '../../core/src/ids.js';
import { type BodyOf, buildTx, decodeTx, type Tx, type TxKind } from '../../core/src/tx.js';
import { toHex, utf8ToBytes } from '../../core/src/bytes.js';
import { readGenesis } from '../src/genesis/genesis.js';
import { genesisState } from '../src/genesis/start.js';
import { buildBlock, type Built, executeBlock, parentOf, type StateAt } from '../src/transition.js';
import { BALANCES } from '../src/schema.js';
import { World } from '../src/world.js';

export interface Person {
  readonly seed: Uint8Array;
  readonly key: PublicKey;
}
export const person = (name: string): Person => {
  const seed = sha256(utf8ToBytes(name));
  return { seed, key: publicKeyOf(seed) };
};

export const HOUR = 3_600_000n;
export const PERIOD = 900_000n;

export function testGenesis(homes: readonly string[], change: object = {}): object {
  return {
    format: 1,
    name: 'test',
    demo: true,
    time: 0,
    clock: { wallStartMs: 0, chainStartMs: 0, rate: 1 },
    money: { currency: 'CNY', priceDecimals: 3 },
    centres: [{ name: 'centre', publicKey: toHex(person('centre').key) }],
    validators: [{ name: 'v1', organisation: 'o1', publicKey: toHex(person('v1').key) }],
    grid: { publicKey: toHex(person('grid').key) },
    accounts: homes.map((name, i) => ({
      publicKey: toHex(person(name).key),
      balance: '100',
      pMaxImport: '17',
      pMaxExport: '17',
      green: i % 2 === 0,
      meter: {
        number: String(i).padStart(12, '0'),
        publicKey: toHex(person(`${name} meter`).key),
        market: 'spot',
      },
    })),
    pools: { reward: '100' },
    markets: [
      {
        id: 'spot',
        mechanism: 'call',
        params: { feedIn: '0.08', retail: '0.30' },
        offsets: { close: 300_000, clear: 600_000, pay: 780_000 },
      },
    ],
    ...change,
  };
}

export class TestChain {
  at: StateAt;
  private salt = 0n;

  constructor(genesis: object) {
    this.at = genesisState(readGenesis(genesis));
  }

  id(who: Person): AccountId {
    return accountIdOf(this.at.chain.chainId, who.key);
  }

  tx<K extends TxKind>(
    who: Person,
    kind: K,
    body: BodyOf<K>,
    window?: { from: bigint; until: bigint },
  ): Tx {
    const salt = new Uint8Array(8);
    new DataView(salt.buffer).setBigUint64(0, ++this.salt);
    const validFrom = (window?.from ?? this.at.parent.timeMs) as ChainMs;
    const validUntil = (window?.until ?? validFrom + HOUR) as ChainMs;
    const draft = { kind, sender: this.id(who), validFrom, validUntil, salt, body };
    const built = buildTx(this.at.chain.chainId, draft, (bytes) => sign(who.seed, bytes));
    const decoded = decodeTx(this.at.chain.chainId, built.bytes);
    assert.ok(decoded);
    assert.deepEqual(decoded.id, built.id);
    return decoded;
  }

  /** A block at a time; refused candidates are reported, not in the block. */
  block(timeMs: bigint, candidates: readonly Tx[] = [], round = 0): Built {
    const verify = (key: PublicKey, tx: Tx): boolean =>
      verifyStrict(key, tx.signedBytes, tx.signature);
    const built = buildBlock(this.at, {
      round,
      timeMs: timeMs as ChainMs,
      proposer: person('centre').key,
      parentCertificate: new Uint8Array(0),
      candidates,
      verify,
    });
    const received = decodeBlock(built.block.bytes);
    assert.ok(received);
    const executed = executeBlock(this.at, received, { verify });
    assert.ok(
      !('code' in executed),
      JSON.stringify(executed, (_, v) => (typeof v === 'bigint' ? String(v) : v)),
    );
    executed.world.takeOver();
    this.at = { ...this.at, tree: executed.tree, parent: parentOf(built.block) };
    return built;
  }

  balance(who: Person | AccountId): { available: bigint; locked: bigint; arrears: bigint } {
    const id = who instanceof Uint8Array ? who : this.id(who);
    const balance = new World(this.at.base).get(BALANCES, id);
    assert.ok(balance);
    return balance;
  }

  world(): World {
    return new World(this.at.base);
  }
}
