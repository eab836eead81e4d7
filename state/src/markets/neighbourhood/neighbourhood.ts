// The neighbourhood market on the chain (market-neighbourhood 1): seal, reveal, all rounds of the
// distributed auction in one step, activation, settlement; or the internal price, with flex.
import { closeOrders, markReveal } from '../../boundary/marks.js';
import type { ChainMechanism } from '../mechanism.js';
import { active } from './active.js';
import { clear } from './clear.js';
import { reveal, seal } from './request.js';
import { judgingOf, settle } from './settle.js';
import { cancel } from './withdraw.js';

export const neighbourhood: ChainMechanism = {
  isAtStake(step, period) {
    if (step === 'active') return period.status === 'cleared' && period.trades > 0;
    const hasBids = period.live > 0;
    if (step === 'closeOrders') return hasBids && period.status === 'declare';
    return hasBids && (period.status === 'declare' || period.status === 'reveal');
  },
  bids: { seal, reveal, cancel },
  judging: judgingOf,
  steps: { closeOrders, markReveal, clear, active, settle },
};
