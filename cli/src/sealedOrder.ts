// Bids of markets that seal them: the commitment goes to the chain and its opening into a file
// beside the key; it is opened once the chain has closed the declaration of its bidding round.
import { randomBytes } from 'node:crypto';
import type { PeriodIndex, Price, WattHour } from '../../core/src/amount.js';
import { toHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { printAccount } from '../../core/src/ids.js';
import type { Mechanism } from '../../core/src/markets.js';
import { sealBody, type SealedBid } from '../../core/src/seal.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { bidFileOf, keepBid, openingOf } from './bidFile.js';
import { printLine } from './print.js';
import { bytesOf, type Desk, submitAndPrint, type SubmitOptions } from './submit.js';

export interface SealedOptions extends SubmitOptions {
  readonly market: string;
  readonly period?: string;
  /** Bidding round. */
  readonly round?: string;
  readonly bids?: string;
  readonly activate?: boolean;
}

const pathOf = ({ bids, key }: SealedOptions): string => bids ?? bidFileOf(key ?? '');

export function roundOf({ round = '1' }: SealedOptions): number {
  if (/^[1-9][0-9]?$/.test(round)) return Number(round);
  throw new ProtocolError('USAGE', '--round: a number from 1');
}

export type PeriodView = ResultOf<'market_period'>;

/** The period with the order of this account. */
export const periodOf = (desk: Desk, { market, period }: SealedOptions): Promise<PeriodView> =>
  desk.client.call('market_period', {
    market,
    account: printAccount(desk.account),
    ...(period !== undefined && { period }),
  });

/** The bid of a bidding round, where there is more than one; else the order of the period. */
export const bidOf = ({ order, reputation }: PeriodView, biddingRound: number) =>
  reputation === undefined
    ? order && { ...order, revealed: order.state === 'revealed' }
    : reputation.seals.find((seal) => Number(seal.biddingRound) === biddingRound);

const revealPhase = ({ phases }: PeriodView, biddingRound: number) =>
  phases.find((p) => p.name === 'reveal' && Number(p.biddingRound ?? 1) === biddingRound);

/** Whether a market takes bids of that period as commitments. */
export async function isSealed(
  desk: Desk,
  { market, period }: Pick<SealedBid, 'market' | 'period'>,
): Promise<boolean> {
  const view = await periodOf(desk, { market, period: String(period) });
  return revealPhase(view, 1) !== undefined;
}

export type NewBid = Pick<SealedBid, 'market' | 'period' | 'side' | 'energyWh' | 'price'>;

export async function sealOrder(desk: Desk, order: NewBid, options: SealedOptions): Promise<void> {
  const { chainId, account } = desk;
  const nonce = new Uint8Array(randomBytes(16));
  const bid = { ...order, biddingRound: roundOf(options), chainId, account, nonce };
  const { mechanism } = await periodOf(desk, { market: order.market });
  const body = sealBody(mechanism as Mechanism, bid);
  const period = bid.period.toString();
  keepBid(pathOf(options), {
    chainId: toHex(chainId),
    account: printAccount(account),
    market: bid.market,
    period,
    biddingRound: bid.biddingRound,
    side: bid.side,
    energyWh: bid.energyWh.toString(),
    price: bid.price.toString(),
    nonce: toHex(nonce),
    hash: toHex(body.hash),
  });
  await submitAndPrint(desk, { kind: 'sealBid', body }, options);
  if (options.json === true) return;
  printLine(`sealed for period ${period}; its opening is in ${pathOf(options)}`);
}

const LOOK_MS = 200;
const PATIENCE_MS = 600_000;

/** An agent reveals only when closeOrders is in a final block (settlement 2.2). */
async function untilReveal(desk: Desk, options: SealedOptions): Promise<PeriodView> {
  const biddingRound = roundOf(options);
  let view = await periodOf(desk, options);
  const fixed = { ...options, period: view.period };
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const window = revealPhase(view, biddingRound);
    if (window === undefined) throw new ProtocolError('NO_ORDER', 'nothing is sealed here');
    const isBefore = BigInt(view.time) < BigInt(window.start);
    const isAfter = BigInt(view.time) >= BigInt(window.end);
    if (view.phase === 'reveal' && !isBefore && !isAfter) return view;
    const isEarly = isBefore || (view.phase === 'closing' && !isAfter);
    if (!isEarly || options.wait !== true)
      throw new ProtocolError('WRONG_PHASE', `period ${view.period} is in phase ${view.phase}`, {
        phase: view.phase,
      });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    view = await periodOf(desk, fixed);
  }
  throw new ProtocolError('NOT_READY', 'the declaration does not close');
}

export async function revealOrder(desk: Desk, options: SealedOptions): Promise<void> {
  const view = await untilReveal(desk, options);
  const bid = bidOf(view, roundOf(options));
  if (bid?.revealed === true) throw new ProtocolError('ALREADY_REVEALED', 'it is open already');
  const hash = bid?.hash;
  if (hash === undefined)
    throw new ProtocolError(
      'NO_ORDER',
      `no sealed order of this account for period ${view.period}`,
    );
  const opening = openingOf(pathOf(options), hash);
  if (opening === undefined)
    throw new ProtocolError(
      'NOT_FOUND',
      `${pathOf(options)} does not hold the opening of this bid`,
    );
  const body = {
    market: options.market,
    period: BigInt(opening.period) as PeriodIndex,
    biddingRound: opening.biddingRound,
    side: opening.side,
    energyWh: BigInt(opening.energyWh) as WattHour,
    price: BigInt(opening.price) as Price,
    nonce: bytesOf(opening.nonce),
    activate: options.activate === true,
  };
  await submitAndPrint(desk, { kind: 'revealBid', body }, options);
}
