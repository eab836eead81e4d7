// Takes the boundary steps that are due at the time of a block, in order, up to the limits of a
// block (consensus 5a.1, 5a.2). The result is a function of the state, the time and the round.
import type { ChainMs } from '../../../core/src/amount.js';
import { present } from '../../../core/src/assert.js';
import type { Receipt } from '../../../core/src/block.js';
import { sha256 } from '../../../core/src/hash.js';
import { sortLines } from '../../../core/src/receipt.js';
import { encodeSystemTx } from '../../../core/src/tx.js';
import { type Chain, marketOf } from '../chain.js';
import { Ledger } from '../ledger/ledger.js';
import { CURSOR } from '../schema.js';
import type { World } from '../world.js';
import { type Due, nextDue } from './cursor.js';
import { correct } from './correct.js';
import { expire } from './expire.js';
import { CHAIN } from '../markets/registry.js';
import { markReading } from './marks.js';
import type { StepContext, StepResult } from './step.js';
import { stepNumber } from './timing.js';

export interface BoundaryRun {
  /** Canonical bytes of each system transaction, in order. */
  readonly systemTxs: readonly Uint8Array[];
  readonly receipts: readonly Receipt[];
  /** Steps are left over: the block carries no ordinary transactions. */
  readonly leftOver: boolean;
}

export interface BoundaryLimits {
  readonly maxSteps: number;
  readonly maxWork: number;
}

export function runBoundaries(
  world: World,
  chain: Chain,
  at: { readonly parentMs: ChainMs; readonly timeMs: ChainMs; readonly limits: BoundaryLimits },
): BoundaryRun {
  const systemTxs: Uint8Array[] = [];
  const receipts: Receipt[] = [];
  let work = 0;
  for (;;) {
    const due = nextDue(world, chain, { parentMs: at.parentMs, upTo: at.timeMs });
    if (due === undefined) return { systemTxs, receipts, leftOver: false };
    if (systemTxs.length >= at.limits.maxSteps || work >= at.limits.maxWork)
      return { systemTxs, receipts, leftOver: true };
    const taken = tryStep(world, chain, {
      due,
      timeMs: at.timeMs,
      room: systemTxs.length === 0 ? undefined : at.limits.maxWork - work,
    });
    if (taken === undefined) return { systemTxs, receipts, leftOver: true };
    systemTxs.push(taken.bytes);
    work += taken.work;
    if (taken.receipt !== undefined) receipts.push(taken.receipt);
  }
}

interface StepAt {
  readonly due: Due;
  readonly timeMs: ChainMs;
}

interface Taken {
  readonly bytes: Uint8Array;
  readonly work: number;
  readonly receipt: Receipt | undefined;
}

/**
 * The step, or undefined where its work would pass the room that is left: only its execution tells
 * how much it is. The first step of a block has no limit.
 */
function tryStep(
  world: World,
  chain: Chain,
  at: StepAt & { readonly room: number | undefined },
): Taken | undefined {
  let taken: Taken | undefined;
  const fits = world.attempt(() => {
    taken = takeStep(world, chain, at);
    return at.room === undefined || taken.work <= at.room;
  });
  return fits ? taken : undefined;
}

function takeStep(world: World, chain: Chain, at: StepAt): Taken {
  const { due } = at;
  const { market, period, part } = due;
  const step = stepNumber(due.step, due.biddingRound);
  const bytes = encodeSystemTx({
    tag: 'system',
    chainId: chain.chainId,
    market,
    period,
    step,
    part,
  });
  const id = sha256(bytes);
  const ledger = new Ledger(world, chain, { market, period, id });
  const result = perform({ world, chain, ledger, due, timeMs: at.timeMs });
  const { timeMs } = due;
  world.set(CURSOR, '', { timeMs, market, period, step, part, unfinished: result.unfinished });
  const silent = due.step === 'markReading' || due.step === 'markReveal';
  const lines = sortLines(ledger.lines).map((line) => line.bytes);
  return { bytes, work: result.work, receipt: silent ? undefined : { id, code: 'OK', lines } };
}

function perform(context: StepContext): StepResult {
  const { due, chain } = context;
  if (due.step === 'expire') return expire(context);
  const market = present(marketOf(chain, due.market), 'a due step has its market');
  const step = { ...context, market };
  if (due.step === 'markReading') return markReading(step);
  if (due.step === 'correct') return correct(step);
  const take = CHAIN[market.mechanism].steps[due.step];
  return present(take, 'a due step is one of its mechanism')(step);
}
