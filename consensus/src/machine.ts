// The consensus of one node as a function: inputs in, effects out (house habit 1). No clock, no
// keys, no disk, no sockets. This file only routes an input to the rules of its kind, for the
// height at hand, and applies the rules (round/rules.ts). Spec: consensus 3 to 5.
import { assert } from '../../core/src/assert.js';
import { type Early, type EarlyMessage, emptyEarly, keepEarly, takeEarly } from './early.js';
import type { Effect } from './effect.js';
import type {
  Built,
  CertificateMessage,
  Input,
  PeerRef,
  StartHeight,
  StatusMessage,
  TimeoutElapsed,
} from './input.js';
import {
  onMaxIdle,
  onMinBlock,
  onOpen,
  openByOthers,
  scheduleOpening,
  takeOpen,
  takeReason,
} from './opening.js';
import type { ConsensusMachine, Snapshot, Why } from './port.js';
import { resumeLater, takeResume } from './resume.js';
import { takeVerdict } from './round/blocks.js';
import { takeCertificate } from './round/certificates.js';
import { takeProposal } from './round/proposals.js';
import { answerLaggard, resend } from './round/repeat.js';
import { armRepeat } from './round/rounds.js';
import { advance, onRoundTimeout } from './round/rules.js';
import { signProposal } from './round/sign.js';
import { type Context, type HeightState, newHeight, proposerAt } from './round/state.js';
import { takeVote } from './round/votes.js';
import { wantsOffer } from './wants.js';
import { snapshotOf, whyOf } from './why.js';

type Message = EarlyMessage | CertificateMessage;

const NOT_STARTED: Snapshot = {
  height: 0n,
  round: 0,
  step: 'idle',
  lockRound: 0,
  validRound: 0,
  roundsEntered: 0,
};
const NOT_STARTED_WHY: Why = {
  ...NOT_STARTED,
  waitsFor: 'start',
  votes: 0,
  quorum: 0,
  missing: [],
  committee: [],
  alarmed: false,
};

/** All that a machine holds. */
interface Held {
  readonly c: Context;
  readonly early: Early;
  s?: HeightState;
}

export function createMachine(): ConsensusMachine {
  const held: Held = { c: { out: [] }, early: emptyEarly() };
  const { c, early } = held;
  return {
    handle(input): readonly Effect[] {
      c.out = [];
      if (input.kind === 'startHeight') startHeight(held, input);
      else if (held.s !== undefined) dispatch(held, held.s, input);
      if (held.s === undefined) return [];
      openByOthers(c, held.s);
      advance(c, held.s);
      return c.out;
    },
    wants: (offer) => held.s !== undefined && wantsOffer(held.s, early, offer),
    proposer: (height, round) =>
      held.s?.start.height === height ? proposerAt(held.s, round) : undefined,
    snapshot: () => (held.s === undefined ? NOT_STARTED : snapshotOf(held.s)),
    why: () => (held.s === undefined ? NOT_STARTED_WHY : whyOf(held.s)),
  };
}

/** Begins a height and replays what came early for it. */
function startHeight(held: Held, start: StartHeight): void {
  assert(held.s === undefined || start.height > held.s.start.height, 'heights go forward');
  held.s = newHeight(start);
  scheduleOpening(held.c, held.s);
  resumeLater(held.c, held.s);
  for (const message of takeEarly(held.early, start.height)) take(held.c, held.s, message);
}

function dispatch(held: Held, s: HeightState, input: Exclude<Input, StartHeight>): void {
  const { c } = held;
  switch (input.kind) {
    case 'resume':
      return takeResume(c, s, input);
    case 'reason':
      return takeReason(c, s, input);
    case 'verdict':
      return input.height === s.start.height ? takeVerdict(s, input) : undefined;
    case 'built':
      return takeBuilt(c, s, input);
    case 'status':
      return takeStatus(c, s, input);
    case 'peerConnected':
      return resend(c, s, { peer: input.peer, votes: [] });
    case 'timeout':
      return input.height === s.start.height ? onTimeout(c, s, input) : undefined;
    default:
      return takeMessage(held, s, input);
  }
}

/** Messages of other heights: kept if of the next, a hint to sync in any case. */
function takeMessage(held: Held, s: HeightState, message: Message): void {
  const { c, early } = held;
  const height = heightOf(message);
  if (height < s.start.height) return;
  if (height === s.start.height) return s.step === 'decided' ? undefined : take(c, s, message);
  if (message.kind !== 'certificate' && height === s.start.height + 1n) keepEarly(early, message);
  noteAhead(c, s, { height, ...peerOf(message) });
}

/** A message of the height at hand. */
function take(c: Context, s: HeightState, message: Message): void {
  s.hasNews = true;
  switch (message.kind) {
    case 'vote':
      return takeVote(c, s, message.vote);
    case 'open':
      return takeOpen(s, message);
    case 'proposal':
      return void takeProposal(c, s, message);
    case 'certificate': {
      const { certificateKind: kind, certificate } = message;
      return void takeCertificate(c, s, { kind, certificate });
    }
  }
}

function heightOf(m: Message): bigint {
  if (m.kind === 'vote') return m.vote.height;
  return m.kind === 'certificate' ? m.certificate.height : m.height;
}

const peerOf = (m: Message): { readonly peer?: PeerRef } =>
  'peer' in m && m.peer !== undefined ? { peer: m.peer } : {};

/**
 * Somebody works on a higher height, so it has decided the one before. The next height is ordinary
 * haste: the block is asked for at the next repetition only. Further ahead, at once.
 */
function noteAhead(
  c: Context,
  s: HeightState,
  seen: { readonly height: bigint; readonly peer?: PeerRef },
): void {
  if (seen.height <= (s.ahead?.height ?? s.start.height)) return;
  s.ahead = seen;
  if (s.step === 'decided') return;
  armRepeat(c, s);
  if (seen.height > s.start.height + 1n) askForBlocks(c, s);
}

function askForBlocks(c: Context, s: HeightState): void {
  if (s.ahead === undefined) return;
  const { height, peer } = s.ahead;
  c.out.push({
    kind: 'requestSync',
    height: height - 1n,
    ...(peer === undefined ? {} : { peer }),
  });
}

/** Status of a neighbour: ahead of this node, behind it, or at the same height. */
function takeStatus(c: Context, s: HeightState, status: StatusMessage): void {
  const { height } = s.start;
  const { peer, tipHeight } = status;
  if (s.step === 'decided') return;
  if (tipHeight >= height) {
    c.out.push({ kind: 'requestSync', height: tipHeight, peer });
    return;
  }
  if (tipHeight < height - 1n) resend(c, s, { peer, votes: [] });
  else if (status.height === height) answerLaggard(c, s, status);
}

/** The own block of this round is ready, unless the round or the valid value has moved on. */
function takeBuilt(c: Context, s: HeightState, built: Built): void {
  if (built.height !== s.start.height || built.round !== s.building) return;
  delete s.building;
  if (built.round !== s.round || s.step !== 'propose') return;
  const { hash } = built.header;
  takeVerdict(s, { kind: 'verdict', height: built.height, blockHash: hash, valid: true });
  if (s.valid === undefined || s.valid.round < s.round) signProposal(c, s, s.valid ?? hash);
}

function onTimeout(c: Context, s: HeightState, timeout: TimeoutElapsed): void {
  switch (timeout.timer) {
    case 'minBlock':
      return onMinBlock(c, s);
    case 'maxIdle':
      return onMaxIdle(c, s);
    case 'open':
      return onOpen(c, s);
    case 'repeat':
      return onRepeat(c, s);
    default:
      return onRoundTimeout(c, s, timeout);
  }
}

/**
 * Nothing came for a while: say again what was said, ask again for what is missing. Where something
 * did come the round moves, and what is repeated is answered with as much again: that is let pass
 * once, so that nobody who keeps talking can keep this node silent.
 */
function onRepeat(c: Context, s: HeightState): void {
  s.repeatTimer = false;
  if (s.step === 'decided') return;
  const isMoving = s.hasNews && !s.spared;
  s.spared = isMoving;
  s.hasNews = false;
  if (s.step !== 'idle' && !isMoving) resend(c, s);
  askForBlocks(c, s);
  for (const { named, verdict, hash } of s.blocks.values())
    if (named && verdict === undefined)
      c.out.push({ kind: 'fetchBlock', height: s.start.height, blockHash: hash });
  if (s.step !== 'idle' || s.ahead !== undefined) armRepeat(c, s);
}
