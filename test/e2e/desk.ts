// Acting on a network over JSON-RPC: hands a transaction in until its fate is clear, waits for
// phases of the market, reads balances. All waiting is polling.
import { present } from '../../core/src/assert.js';
import { fromHex, toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { asHash, type Hash } from '../../core/src/hash.js';
import type { RpcClient } from '../../cli/src/network/client.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { type DevNetwork, until } from './devNetwork.js';
import { MARKET } from './hand.js';

export type PeriodView = ResultOf<'market_period'>;

export interface Money3 {
  readonly available: bigint;
  readonly locked: bigint;
  readonly arrears: bigint;
}

interface Made {
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export async function chainIdOf(client: RpcClient): Promise<Hash> {
  const { chainId } = await client.call('node_status', {});
  return asHash(present(fromHex(chainId, 32), 'a chain id is 32 bytes'));
}

/** Time of the newest final block, chain ms. */
export async function finalTime(client: RpcClient): Promise<bigint> {
  return BigInt((await client.call('node_status', {})).time);
}

/** Hands in once: 'accepted', 'unknown', or the code of the refusal. */
export async function submit(client: RpcClient, { bytes }: Pick<Made, 'bytes'>): Promise<string> {
  const { status, code } = await client.call('tx_submit', { bytes: toHex(bytes) });
  return status === 'rejected' ? (code ?? status) : status;
}

/** Hands in and waits: 'final', or the code with which it is refused. */
export async function settle(client: RpcClient, tx: Made): Promise<string> {
  return until(`transaction ${toHex(tx.id).slice(0, 8)}`, async () => {
    const answer = await submit(client, tx);
    if (answer !== 'accepted' && answer !== 'unknown' && answer !== 'DUPLICATE_TX') return answer;
    const { status, code } = await client.call('tx_get', { id: toHex(tx.id) });
    if (status === 'final') return 'final';
    return status === 'rejected' ? (code ?? status) : undefined;
  });
}

export async function moneyOf(client: RpcClient, account: string): Promise<Money3> {
  const { available, locked, arrears } = await client.call('account_get', { account });
  return { available: BigInt(available), locked: BigInt(locked), arrears: BigInt(arrears) };
}

export const periodOf = (client: RpcClient, period?: bigint): Promise<PeriodView> =>
  client.call('market_period', {
    market: MARKET,
    ...(period !== undefined && { period: `${period}` }),
  });

/** The period once it is in one of these phases by the final state. */
export const untilPhase = (
  client: RpcClient,
  period: bigint,
  phases: readonly string[],
): Promise<PeriodView> =>
  until(`period ${period} is in ${phases.join(' or ')}`, async () => {
    const view = await periodOf(client, period);
    return phases.includes(view.phase) ? view : undefined;
  });

/** The next final block of a chain time or later. */
export const untilTime = (client: RpcClient, timeMs: bigint): Promise<true> =>
  until(`chain time ${timeMs}`, async () =>
    (await finalTime(client)) >= timeMs ? true : undefined,
  );

/** Hash and state root at a height, the same on every node, or CHECK_FAILED. */
export async function agreedAt(net: DevNetwork, height: bigint): Promise<ResultOf<'chain_header'>> {
  const seen = await Promise.all(
    net.names.map((name) =>
      net.client(name).call('chain_header', { height: `${height}`, raw: true }),
    ),
  );
  const first = present(seen[0], 'a network has nodes');
  if (seen.every((h) => h.hash === first.hash && h.stateRoot === first.stateRoot)) return first;
  throw new ProtocolError('CHECK_FAILED', `nodes differ at height ${height}`);
}
