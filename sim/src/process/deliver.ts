// A message from another node: what is not wanted is dropped before it is verified, what does not
// verify is dropped before the machine sees it.
import { unreachable } from '../../../core/src/assert.js';
import type { Message } from '../messages.js';
import { serveBlock, takeBlock } from './blocks.js';
import { serveChain, takeChain, takeTransaction } from './chain.js';
import type { Life } from './life.js';
import { takeProposal } from './signing.js';

type Certified = Extract<Message, { type: 'certificate' }>;

export function deliver(life: Life, from: number, m: Message): void {
  const { machine, feed } = life;
  const peer = String(from);
  switch (m.type) {
    case 'proposal': {
      const offer = { kind: 'proposal', height: m.height, round: m.round } as const;
      return machine.wants(offer) ? takeProposal(life, m) : undefined;
    }
    case 'block':
      return takeBlock(life, m.block);
    case 'getBlock':
      return serveBlock(life, from, m.hash);
    case 'vote':
      if (machine.wants({ kind: 'vote', ...m.vote }) && life.needs.ring.isVote(m.vote))
        feed({ kind: 'vote', vote: m.vote, peer });
      return;
    case 'certificate':
      return takeCertificate(life, m, peer);
    case 'open': {
      const { height, validatorIndex, ids } = m;
      return feed({ kind: 'open', height, validatorIndex, ids });
    }
    case 'status': {
      const { tipHeight, height, round, step, lockRound } = m;
      return feed({ kind: 'status', peer, tipHeight, height, round, step, lockRound });
    }
    case 'tx':
      return takeTransaction(life, m.id);
    case 'getChain':
      return serveChain(life, from, m.from);
    case 'chain':
      return takeChain(life, m.entries);
    default:
      return unreachable(m);
  }
}

function takeCertificate(life: Life, m: Certified, peer: string): void {
  const { certificateKind, certificate } = m;
  const { height, round, blockHash } = certificate;
  const offer = { kind: 'certificate', certificateKind, height, round, blockHash } as const;
  if (life.machine.wants(offer) && life.needs.ring.isCertificate(certificate))
    life.feed({ kind: 'certificate', certificateKind, certificate, peer });
}
