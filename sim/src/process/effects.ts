// Executes one effect of the machine. The order among the effects of an input is the caller's.
import { present, unreachable } from '../../../core/src/assert.js';
import { toHex } from '../../../core/src/bytes.js';
import type { Decide, Effect, Resend, Schedule } from '../../../consensus/src/effect.js';
import type { Message } from '../messages.js';
import { build, execute, fetchBlock } from './blocks.js';
import { askForChain, decide } from './chain.js';
import { blockOf, broadcast, later, type Life, send, tipOf } from './life.js';
import { persistLock, signOpen, signProposal, signVote } from './signing.js';

export function perform(life: Life, e: Effect): void {
  const { coverage, watch, index } = life.needs;
  switch (e.kind) {
    case 'signVote':
      return signVote(life, e);
    case 'signProposal':
      return signProposal(life, e);
    case 'signOpen':
      return signOpen(life, e);
    case 'persistLock':
      return persistLock(life, e.lock);
    case 'build':
      return build(life, e.height, e.round);
    case 'execute':
      return execute(life, e.blockHash);
    case 'fetchBlock':
      return fetchBlock(life, e.blockHash);
    case 'publishCertificate':
      coverage.count(`published ${e.certificateKind}`);
      return broadcast(life, { ...e, type: 'certificate' });
    case 'confirmed':
      return watch.confirmed(index, e.certificate);
    case 'schedule':
      return schedule(life, e);
    case 'decide':
      return onDecide(life, e);
    case 'requestSync':
      return askForChain(life, e.peer);
    case 'resend':
      return sendAgain(life, e);
    case 'noteRefusal':
      return coverage.count(`refused ${e.code}`);
    case 'equivocation':
      return watch.equivocation(index, e.first.validatorIndex);
    case 'alarm':
      return watch.alarm(index, e.what);
    default:
      return unreachable(e);
  }
}

function schedule(life: Life, e: Schedule): void {
  const { timer, height, round } = e;
  later(life, e.afterMs, () => life.feed({ kind: 'timeout', timer, height, round }));
}

function onDecide(life: Life, e: Decide): void {
  const { coverage } = life.needs;
  coverage.count('decided');
  if (e.round > 0) coverage.count('decidedLater');
  coverage.count('rounds', e.round + 1);
  const block = present(blockOf(life, e.blockHash), 'a decided block was executed here');
  decide(life, { block, certificate: e.certificate });
}

function sendAgain(life: Life, e: Resend): void {
  const out = (m: Message): void =>
    e.to === undefined ? broadcast(life, m) : send(life, Number(e.to), m);
  const { height, round, step, lockRound } = life.machine.snapshot();
  out({ type: 'status', tipHeight: BigInt(tipOf(life)), height, round, step, lockRound });
  if (e.open && life.own.index !== undefined)
    out({ type: 'open', height: e.height, validatorIndex: life.own.index, ids: life.openIds });
  const proposal = e.proposal === undefined ? undefined : life.ownProposals.get(e.proposal.round);
  if (proposal !== undefined) out(proposal);
  for (const vote of e.votes) out({ type: 'vote', vote });
  for (const certificate of e.certificates) out({ type: 'certificate', ...certificate });
}

/** One line of a trace. */
export function describe(e: object): string {
  const parts = Object.entries(e).map(([name, value]) => {
    if (name === 'kind' || name === 'type') return String(value);
    if (value instanceof Uint8Array) return `${name}=${toHex(value).slice(0, 8) || 'nil'}`;
    if (name === 'vote') return describe(value);
    return typeof value === 'object' ? name : `${name}=${String(value)}`;
  });
  return parts.join(' ');
}
