// The sealed-bid spot call on the chain (market-call 1-12): seal, reveal, clear, pay.
import { clear } from '../../boundary/clear.js';
import { closeOrders, markReveal } from '../../boundary/marks.js';
import { pay } from '../../boundary/pay.js';
import { settle } from '../../boundary/settle.js';
import type { ChainMechanism } from '../mechanism.js';
import { reveal } from './reveal.js';
import { cancel, seal } from './seal.js';

export const call: ChainMechanism = {
  isAtStake(step, period) {
    const hasOrders = period.live > 0;
    const isOpen = period.status === 'declare' || period.status === 'reveal';
    if (step === 'closeOrders') return hasOrders && period.status === 'declare';
    if (step === 'pay') return period.status === 'cleared' && period.trades > 0;
    return hasOrders && isOpen;
  },
  bids: { seal, reveal, cancel },
  steps: { closeOrders, markReveal, clear, pay, settle },
};
