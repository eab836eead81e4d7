// The market of papers/002 on the chain: bidding rounds of sealed quotes, ranges by reputation, a
// check of lines, contracts of three signatures, receipts (market-reputation 1.3-1.13).
import type { ChainMechanism } from '../mechanism.js';
import { board, closeOrders, markReveal } from './board.js';
import { close } from './close.js';
import { corrected, holdsCorrections, judgingOf } from './judged.js';
import { clear } from './match.js';
import { laterSteps, receipt } from './receipt.js';
import { reveal } from './reveal.js';
import { cancel, seal } from './seal.js';
import { settle } from './settle.js';
import { signed } from './sign.js';

export const reputation: ChainMechanism = {
  isAtStake(step, period) {
    // It follows the settlement: see laterSteps.
    if (step === 'receipt' || period.status !== 'declare' || period.sealed === 0) return false;
    // Until `close`, `trades` counts the contracts of the bidding round under way.
    return step !== 'signed' || period.trades > 0;
  },
  bids: { seal, reveal, cancel },
  laterSteps,
  judging: judgingOf,
  holdsCorrections,
  corrected,
  steps: { closeOrders, markReveal, board, clear, signed, close, settle, receipt },
};
