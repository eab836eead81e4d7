// Commands of a test node in the name of its people: what they answer, print, or refuse.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { TestNode, type TestNodeOptions } from './testNode.js';

/** A test node with commands in the name of somebody. */
export class Desk {
  readonly node: TestNode;

  /** After a first block; it stops with the test. */
  static async open(t: TestContext, options: TestNodeOptions): Promise<Desk> {
    const node = await TestNode.start(options);
    t.after(() => node.stop());
    node.view.block(1000n);
    return new Desk(node);
  }

  private constructor(node: TestNode) {
    this.node = node;
  }

  private as(who: string, args: readonly string[]): readonly string[] {
    return [...args, '--key', this.node.file(`${who}.json`)];
  }
  does(who: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
    return this.node.json(...this.as(who, args));
  }
  refused(who: string, ...args: readonly string[]): Promise<string | undefined> {
    return this.node.refused(...this.as(who, args));
  }
  prints(who: string, ...args: readonly string[]): Promise<string> {
    return this.shows(...this.as(who, args));
  }
  /** In nobody's name. */
  async shows(...args: readonly string[]): Promise<string> {
    const { code, out } = await this.node.run([...args, '--dir', this.node.dir]);
    assert.equal(code, undefined, args.join(' '));
    return out;
  }
}
