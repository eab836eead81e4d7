// A test chain behind a real server, with key files on disk: commands find it like any node.
// Every accepted transaction gets a block at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printAccount } from '../../core/src/ids.js';
import { createNodePort } from '../../node/src/port/port.js';
import { writeKeyFile } from '../../node/src/signer/keyfile.js';
import { FakeView } from '../../node/test/fakeView.js';
import { createRpcServer, type RpcServer } from '../../rpc/src/server.js';
import { person } from '../../state/test/harness.js';
import { type CommandModule, type Ran, runCommand } from './run.js';

export interface TestNodeOptions {
  readonly genesis: object;
  readonly modules: readonly CommandModule[];
  /** People whose keys lie in files NAME.json. */
  readonly keys: readonly string[];
}

export class TestNode {
  readonly dir = mkdtempSync(join(tmpdir(), 'busbar-cli-'));
  readonly view: FakeView;
  readonly #modules: readonly CommandModule[];
  #server: RpcServer | undefined;

  static async start(options: TestNodeOptions): Promise<TestNode> {
    const node = new TestNode(options);
    await node.#listen();
    return node;
  }

  private constructor({ genesis, modules, keys }: TestNodeOptions) {
    this.#modules = modules;
    const view = new FakeView(genesis);
    this.view = view;
    const submit = view.submitTx.bind(view);
    view.submitTx = async (bytes) => {
      const result = await submit(bytes);
      if (result.status === 'accepted') view.block(view.tip().timeMs + 10n);
      return result;
    };
    for (const name of keys) {
      const { seed, key } = person(name);
      const pair = { kind: 'ed25519', secret: seed, publicKey: key } as const;
      writeKeyFile(this.file(`${name}.json`), pair, 'plain');
    }
  }

  async #listen(): Promise<void> {
    const tokens = [{ token: 'T', scopes: ['read', 'trade', 'operate'] as const }];
    this.#server = await createRpcServer({ port: createNodePort(this.view), tokens });
    const { dir } = this;
    const rpc = await this.#server.listen();
    const endpoint = { name: 'v1', role: 'validator', pid: 1, rpc, token: 'T', dataDir: dir };
    writeFileSync(this.file('endpoints.json'), JSON.stringify([endpoint]));
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    rmSync(this.dir, { recursive: true });
  }

  readonly file = (name: string): string => join(this.dir, name);
  readonly idOf = (name: string): string => printAccount(this.view.test.id(person(name)));

  readonly run = async (args: readonly string[], password?: string): Promise<Ran> => {
    if (password !== undefined) process.env.BUSBAR_PASSWORD = password;
    try {
      return await runCommand(this.#modules, args);
    } finally {
      delete process.env.BUSBAR_PASSWORD;
    }
  };

  /** A command at the test node, its JSON. */
  readonly json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { code, out } = await this.run([...args, '--dir', this.dir, '--json']);
    assert.equal(code, undefined, args.join(' '));
    return JSON.parse(out) as Record<string, unknown>;
  };

  readonly refused = async (...args: readonly string[]): Promise<string | undefined> =>
    (await this.run([...args, '--dir', this.dir, '--json'])).code;
}
