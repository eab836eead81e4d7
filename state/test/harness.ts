// A chain in one process for tests: builds a block with the shipping code, executes it again as
// another node would, and takes it over.
import assert from 'node:assert/strict';
import type { ChainMs } from '../../core/src/amount.js';
import { decodeBlock } from '../../core/src/block.js';
import { publicKeyOf, sign, verifyStrict } from '../../core/src/ed25519.js';
import { sha256 } from '../../core/src/hash.js';
import { type AccountId, accountIdOf, type PublicKey } from '../../core/src/ids.js';
import { type BodyOf, buildTx, decodeTx, type Tx, type TxKind } from '../../core/src/tx.js';
import { concatBytes, equalBytes, toHex, utf8ToBytes } from '../../core/src/bytes.js';
import { type Genesis, readGenesis } from '../src/genesis/genesis.js';
import { genesisState } from '../src/genesis/start.js';
import { buildBlock, type Built, executeBlock, parentOf, type StateAt } from '../src/transition.js';
import { BALANCES } from '../src/schema.js';
import type { VerifyTx } from '../src/tx/rules.js';
import { type LeafWrite, World } from '../src/world.js';

export interface Person {
  readonly seed: Uint8Array;
  readonly key: PublicKey;
}
const people = new Map<string, Person>();
export function person(name: string): Person {
  const seed = sha256(utf8ToBytes(name));
  const known = people.get(name) ?? { seed, key: publicKeyOf(seed) };
  people.set(name, known);
  return known;
}

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

/** How a chain of a test signs: for real, or by a hash that costs nothing. */
export interface Signing {
  readonly sign: (who: Person, bytes: Uint8Array) => Uint8Array;
  readonly verify: VerifyTx;
}

export const REAL: Signing = {
  sign: (who, bytes) => sign(who.seed, bytes),
  verify: (key, tx) => verifyStrict(key, tx.signedBytes, tx.signature),
};

const seal = (key: PublicKey, bytes: Uint8Array): Uint8Array => {
  const hash = sha256(concatBytes(key, bytes));
  return concatBytes(hash, hash);
};
export const QUICK: Signing = {
  sign: (who, bytes) => seal(who.key, bytes),
  verify: (key, tx) => equalBytes(seal(key, tx.signedBytes), tx.signature),
};

/** Keys of a genesis that was read before are not checked again: it takes a millisecond each. */
const read = new Map<string, string>();
function readOnce(json: object): Genesis {
  const text = JSON.stringify(json);
  const checkedBefore = read.get(text);
  const genesis = readGenesis(json, checkedBefore === undefined ? {} : { checkedBefore });
  read.set(text, toHex(genesis.chainId));
  return genesis;
}

export class TestChain {
  at: StateAt;
  /** The leaves of the state as a store would hold them. */
  readonly leaves = new Map<string, { kind: number; key: Uint8Array; value: Uint8Array }>();
  readonly verify: VerifyTx;
  private readonly signing: Signing;
  private salt = 0n;

  constructor(genesis: object, signing = REAL) {
    const start = genesisState(readOnce(genesis));
    this.at = start;
    this.signing = signing;
    this.verify = signing.verify;
    this.store(start.writes);
  }

  private store(writes: readonly LeafWrite[]): void {
    for (const { kind, key, value } of writes) {
      const name = `${kind}/${toHex(key)}`;
      if (value === undefined) this.leaves.delete(name);
      else this.leaves.set(name, { kind, key, value });
    }
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
    const built = buildTx(this.at.chain.chainId, draft, (b) => this.signing.sign(who, b));
    const decoded = decodeTx(this.at.chain.chainId, built.bytes);
    assert.ok(decoded);
    assert.deepEqual(decoded.id, built.id);
    return decoded;
  }

  /** A signature over bytes that are no transaction: the other party's in a listing. */
  signBytes(who: Person, bytes: Uint8Array): Uint8Array {
    return this.signing.sign(who, bytes);
  }

  /** A block of a time as a proposer would make it, not taken over. */
  build(timeMs: bigint, candidates: readonly Tx[] = [], round = 0): Built {
    return buildBlock(this.at, {
      round,
      timeMs: timeMs as ChainMs,
      proposer: person('centre').key,
      parentCertificate: new Uint8Array(0),
      candidates,
      verify: this.verify,
    });
  }

  /** A block at a time; refused candidates are reported, not in the block. */
  block(timeMs: bigint, candidates: readonly Tx[] = [], round = 0): Built {
    const built = this.build(timeMs, candidates, round);
    const received = decodeBlock(built.block.bytes);
    assert.ok(received);
    const executed = executeBlock(this.at, received, { verify: this.verify });
    if ('code' in executed) assert.fail(`${executed.code}: ${executed.detail}`);
    this.store(executed.writes);
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
