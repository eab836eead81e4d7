// Grants looked at from outside (market-reputation 1.11): what lines tell is what the journal moved
// out of pool:grants, and what the state says was paid and was not.
import assert from 'node:assert/strict';
import { toHex } from '../../core/src/bytes.js';
import { type GrantCause, GRANTED } from '../src/points/tables.js';
import type { TestChain } from './harness.js';
import type { ReadLine } from './trade.js';

const CAUSES: readonly GrantCause[] = ['registration', 'cleanKwh', 'verification', 'block'];

/** Follows the grants of a chain through its receipts. */
export class GrantAudit {
  private readonly chain: TestChain;
  private readonly sums = new Map(CAUSES.map((cause) => [cause, { paid: 0n, unpaid: 0n }]));

  constructor(chain: TestChain) {
    this.chain = chain;
  }

  check(lines: readonly ReadLine[]): void {
    const pool = toHex(this.chain.at.chain.system.grants);
    let [told, moved] = [0n, 0n];
    for (const { kind, account, fields } of lines) {
      if (kind === 'entry' && fields.type === 'grant' && toHex(account) === pool)
        moved -= fields.available as bigint;
      if (kind !== 'grant') continue;
      const sum = this.sums.get(fields.cause as GrantCause);
      const [due, paid] = [fields.due as bigint, fields.paid as bigint];
      assert.ok(sum !== undefined && 0n <= paid && paid <= due);
      Object.assign(sum, { paid: sum.paid + paid, unpaid: sum.unpaid + due - paid });
      told += paid;
    }
    assert.equal(told, moved, 'a line for each grant of the journal');
    const stored = this.chain.world().get(GRANTED, '');
    for (const [cause, sum] of this.sums)
      assert.deepEqual(stored?.[cause] ?? { paid: 0n, unpaid: 0n }, sum, cause);
  }
}
