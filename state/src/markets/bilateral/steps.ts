// The steps of a bilateral market (parameters 4): reviewed ends the review of a listing, begun the
// time for its confirmations, settle that for replacements. Locks of what falls away go back.
import type { ChainMs } from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { equalBytes, keyText } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { settleDelivered } from '../../boundary/settleDelivered.js';
import { done, type MarketStep, type StepResult } from '../../boundary/step.js';
import { networkOf } from '../../draw.js';
import { payArrears } from '../../ledger/arrears.js';
import { grant } from '../../points/grants.js';
import { ACCOUNTS, CREDITS, PERIODS } from '../../schema.js';
import type { ChainMechanism } from '../mechanism.js';
import { verdictOf } from './ballot.js';
import { endListing, isOpen, listingsOf, type Named, putPeriod } from './listing.js';

/** No quorum by now: rejected (L3). */
function reviewed(step: MarketStep): StepResult {
  const { world, ledger, market, due } = step;
  const listings = listingsOf(world, market, due.period);
  for (const one of listings) {
    if (one.listing.state !== 'LISTED') continue;
    endListing(world, ledger, { ...one, state: 'REJECTED' });
  }
  const voted = recordVotes(step, listings);
  const key = { market: due.market, period: due.period };
  const period = world.get(PERIODS, key);
  if (period !== undefined) putPeriod(world, key, { ...period, revealed: 0 });
  return done(listings.length + voted);
}

/** A record of verification fades: both counters halve when their sum reaches this (S2). */
const FADES_AT = 64;

interface Reviewer {
  readonly id: AccountId;
  /** Of all its ballots of the period. */
  readonly right: boolean;
  /** Listings that it judged as the quorum did: each is a task of verification (1.11). */
  readonly tasks: bigint;
}

/**
 * Records of the validators (V5): phase A has no later truth, so wrong is against the quorum, and
 * equivocation; where there was no quorum nothing moves. One step per validator and period.
 */
function recordVotes(step: MarketStep, listings: readonly Named[]): number {
  const rights = new Map<string, Reviewer>();
  for (const { listing } of listings) {
    const verdict = listing.replaces === undefined ? verdictOf(listing) : undefined;
    if (verdict === undefined) continue;
    for (const { validator, bits, equivocated } of listing.ballots) {
      const name = keyText(validator);
      const before = rights.get(name) ?? { right: true, tasks: 0n };
      const isRight = bits === verdict && !equivocated;
      const tasks = before.tasks + (isRight ? 1n : 0n);
      rights.set(name, { id: validator, right: before.right && isRight, tasks });
    }
  }
  const { market, due } = step;
  const cause = 'verification';
  for (const { id, right, tasks } of rights.values()) {
    recordVote(step, id, right);
    grant(step, { account: id, cause, market, period: due.period, count: tasks });
  }
  payArrears(step.ledger);
  return rights.size;
}

function recordVote({ world }: MarketStep, id: AccountId, right: boolean): void {
  const own = present(world.get(ACCOUNTS, id), 'a validator is an account');
  const [correct, wrong] = [own.correct + (right ? 1 : 0), own.wrong + (right ? 0 : 1)];
  const part = correct + wrong >= FADES_AT ? 2 : 1;
  world.set(ACCOUNTS, id, {
    ...own,
    correct: Math.floor(correct / part),
    wrong: Math.floor(wrong / part),
  });
  // n is of the account whose credit the validator weighs by (consensus 1.1a).
  const record = networkOf(world).validators.find((v) => equalBytes(v.id, id));
  const home = record?.creditOf ?? id;
  const counters = world.get(CREDITS, home) ?? { D: 0, i: 0, n: 0, readmitMs: 0n as ChainMs };
  const n = right ? counters.n + 1 : 0;
  if (counters.D + counters.i + n > 0) world.set(CREDITS, home, { ...counters, n });
  else if (world.get(CREDITS, home) !== undefined) world.delete(CREDITS, home);
}

/** Delivery begins: what one party or none has confirmed falls away (L4). */
function begun(step: MarketStep): StepResult {
  const { world, market, due } = step;
  const listings = listingsOf(world, market, due.period);
  expireOpen(step, listings);
  return done(listings.length);
}

function expireOpen({ world, ledger }: MarketStep, listings: readonly Named[]): void {
  for (const one of listings) {
    if (!isOpen(one.listing)) continue;
    endListing(world, ledger, { ...one, state: 'EXPIRED' });
  }
  payArrears(ledger);
}

/** Replacements that were not confirmed by both fall away; then the period as any other. */
function settle(step: MarketStep): StepResult {
  if (step.due.part === 0) expireOpen(step, listingsOf(step.world, step.market, step.due.period));
  return settleDelivered(step);
}

export const bilateral: ChainMechanism = {
  isAtStake: (step, period) => (step === 'reviewed' ? period.revealed > 0 : period.live > 0),
  bids: {},
  steps: { reviewed, begun, settle },
};
