// Builds, signs and hands in one transaction, and says what became of it. Sending the same bytes
// again is safe, so an unclear answer is asked for again.
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { ChainMs } from '../../core/src/amount.js';
import { fromHex, toHex } from '../../core/src/bytes.js';
import { type Field, MISFIT } from '../../core/src/codec/codec.js';
import { CODES, type ErrorCode, ProtocolError } from '../../core/src/errors.js';
import { asHash, type Hash } from '../../core/src/hash.js';
import { type AccountId, accountIdOf, printAccount } from '../../core/src/ids.js';
import { BODIES, type BodyOf, buildTx, type TxKind } from '../../core/src/tx.js';
import type { ResultOf, RpcClient } from '../../rpc/src/client.js';
import {
  type NodeOptions,
  openClient,
  type Parameters,
  type Scale,
  scaleOf,
  withNode,
} from './client.js';
import { type KeyOptions, openSigner, type Signer, withKey } from './keystore.js';
import { printJson, printLine } from './print.js';

export interface SubmitOptions extends NodeOptions, KeyOptions {
  readonly wait?: boolean;
  readonly json?: boolean;
}

export const withSubmit = (command: Command): Command =>
  withKey(withNode(command))
    .option('--wait', 'until it is in a final block')
    .option('--json', 'one JSON document on stdout');

/** A chain to act on, with somebody to act as. */
export interface Desk {
  readonly client: RpcClient;
  readonly parameters: Parameters;
  readonly scale: Scale;
  readonly chainId: Hash;
  readonly signer: Signer;
  readonly account: AccountId;
}

export const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new ProtocolError('RPC_FAULT', 'the node gave no hex');
  return bytes;
};

export async function openDesk(options: SubmitOptions): Promise<Desk> {
  const client = openClient(options);
  const parameters = await client.call('chain_parameters', {});
  const signer = await openSigner(options, parameters.demo);
  const chainId = asHash(bytesOf(parameters.chainId));
  const account = accountIdOf(chainId, signer.publicKey);
  return { client, parameters, scale: scaleOf(parameters), chainId, signer, account };
}

/**
 * Chain time now, ms: an idle chain makes few blocks, so the newest final time may lie behind the
 * clock by more than a phase.
 */
export async function chainNow({ client, parameters }: Desk): Promise<bigint> {
  const { wallStartMs, chainStartMs, rate } = parameters.clock;
  const byClock = BigInt(chainStartMs) + (BigInt(Date.now()) - BigInt(wallStartMs)) * BigInt(rate);
  const { time } = await client.call('node_status', {});
  const final = BigInt(time);
  // A test chain whose clock stands elsewhere goes by its blocks.
  return byClock > final && byClock - final < FAR_MS ? byClock : final;
}
const FAR_MS = 86_400_000n;

export interface Submitted {
  readonly id: string;
  readonly status: string;
  readonly height?: string;
}

export interface NewTx<K extends TxKind> {
  readonly kind: K;
  readonly body: BodyOf<K>;
}

const TRIES = 5;
const AGAIN_MS = 200;
const WAIT_MS = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function submitTx<K extends TxKind>(
  desk: Desk,
  tx: NewTx<K>,
  options: SubmitOptions,
): Promise<Submitted> {
  const { client, chainId, signer, account } = desk;
  checkMarket(desk, tx.body);
  checkTexts(tx);
  const { time } = await client.call('node_status', {});
  const validFrom = BigInt(time) as ChainMs;
  const validUntil = (validFrom +
    BigInt(desk.parameters.consensus.maxTxWindowMs ?? '60000')) as ChainMs;
  const salt = new Uint8Array(randomBytes(8));
  const draft = { ...tx, sender: account, validFrom, validUntil, salt };
  const { bytes, id } = buildTx(chainId, draft, (message) => signer.sign(message));
  const status = await handIn(client, toHex(bytes));
  if (options.wait !== true) return { id: toHex(id), status };
  const { height } = await final(client, toHex(id));
  return { id: toHex(id), status: 'final', ...(height !== undefined && { height }) };
}

/** Also what is too long for the name of a market, which no transaction can carry. */
function checkMarket({ parameters }: Desk, { market }: { readonly market: string }): void {
  if (market === '' || parameters.markets.some(({ id }) => id === market)) return;
  throw new ProtocolError('UNKNOWN_MARKET', `no market ${market} here`);
}

/** Text of people that its field cannot carry: the encoding takes it for granted. */
function checkTexts<K extends TxKind>({ kind, body }: NewTx<K>): void {
  const fields: Readonly<Record<string, Field<unknown>>> = BODIES[kind].parts ?? {};
  for (const [name, value] of Object.entries(body)) {
    const field = fields[name];
    if (typeof value !== 'string' || field?.fromWire(value) !== MISFIT) continue;
    throw new ProtocolError('USAGE', `${name}: not a ${field.name} ASCII characters`);
  }
}

function refuse(code: string | undefined, what: string): never {
  const known = code !== undefined && Object.hasOwn(CODES, code);
  const meaning = known ? CODES[code as ErrorCode].meaning : 'the node refused it';
  throw new ProtocolError(known ? (code as ErrorCode) : 'RPC_FAULT', `${what}: ${meaning}`);
}

async function handIn(client: RpcClient, bytes: string): Promise<string> {
  for (let i = 0; i < TRIES; i++) {
    const { status, code } = await client.call('tx_submit', { bytes });
    if (status === 'rejected') refuse(code, 'rejected');
    if (status === 'accepted') return status;
    await pause(AGAIN_MS);
  }
  return 'unknown';
}

async function final(client: RpcClient, id: string): Promise<ResultOf<'tx_get'>> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
    const found = await client.call('tx_get', { id });
    if (found.status === 'final') return found;
    if (found.status === 'rejected') refuse(found.code, 'not in the chain');
    await pause(AGAIN_MS);
  }
  throw new ProtocolError(
    'NOT_READY',
    `not final yet; ask again: busbar rpc tx_get {"id":"${id}"}`,
  );
}

/** Hands in a transaction and prints what became of it, with what else there is to say. */
export async function submitAndPrint<K extends TxKind>(
  desk: Desk,
  tx: NewTx<K>,
  options: SubmitOptions,
): Promise<Submitted> {
  const done = await submitTx(desk, tx, options);
  if (options.json === true) printJson({ ...done, account: printAccount(desk.account) });
  else printLine(`${done.status}  ${done.id}${done.height ? `  in block ${done.height}` : ''}`);
  return done;
}
