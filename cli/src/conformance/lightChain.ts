// The parts `chain` and `event` of golden/light.json: headers to believe or refuse with the code,
// two headers of one height, and an event under a trusted header (light-clients 3, 4.2).
import { believeHeader, type BelieveOptions, conflictOf } from '../../../core/src/believe.js';
import { toHex } from '../../../core/src/bytes.js';
import { verifyEventProof } from '../../../core/src/eventProof.js';
import { decodeHeader, headerHash } from '../../../core/src/header.js';
import type { LightVectors } from './lightForm.js';
import { type Tally, verdict } from './tally.js';

type ChainVectors = LightVectors['chain'];

const optionsOf = (vectors: ChainVectors): BelieveOptions => {
  const { chainId, trustingPeriodMs, knownVersions } = vectors;
  return { chainId, trustingPeriodMs, knownVersions };
};

export function checkChain(tally: Tally, vectors: ChainVectors): void {
  const options = optionsOf(vectors);
  for (const given of vectors.cases) {
    const { code } = believeHeader(given, given.trusted, given.now, options);
    tally.check(`chain ${given.name}`, given.expect, code);
  }
  const [first] = vectors.cases;
  const hash = first === undefined ? 'no case' : toHex(headerHash(first.header));
  tally.check('chain header hash of the first case', toHex(vectors.headerHashOfFirstCase), hash);
}

export function checkConflict(tally: Tally, vectors: ChainVectors): void {
  const { first, second, trusted, now, expect, ...rest } = vectors.conflict;
  const [a, b] = [first, second].map((signed) =>
    believeHeader({ ...rest, ...signed }, trusted, now, optionsOf(vectors)),
  );
  const codes = [a, b].map((belief) => belief?.code ?? 'nothing').join(', ');
  tally.check('chain conflict, each by itself', 'ok, ok', codes);
  const got = a?.code === 'ok' && b?.code === 'ok' ? (conflictOf(a, b) ?? 'none') : codes;
  tally.check('chain conflict', expect, got);
}

export function checkEvent(tally: Tally, vectors: LightVectors['event']): void {
  const trusted = decodeHeader(vectors.trustedHeader);
  tally.check('event trusted header', 'accepted', verdict(trusted !== undefined));
  if (trusted === undefined) return;
  const event = verifyEventProof(trusted, vectors.proof);
  tally.check('event', 'accepted', verdict(event.code === 'ok'));
  tally.check(
    'event line',
    toHex(vectors.line),
    event.code === 'ok' ? toHex(event.line) : event.code,
  );
  tally.check(
    'event height',
    `${vectors.height}`,
    event.code === 'ok' ? `${event.header.height}` : event.code,
  );
  for (const { why, proof } of vectors.refused)
    tally.check(`event ${why}`, 'BAD_PROOF', verifyEventProof(trusted, proof).code);
}
