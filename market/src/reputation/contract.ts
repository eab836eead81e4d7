// The states of a contract (market-reputation 1.10): which event leads where. Money, locks and
// deadlines are the caller's; an event that the state does not take is refused with a code.
import type { ErrorCode } from '../../../core/src/errors.js';

export type ContractState =
  | 'PROPOSED'
  | 'SIGNED'
  | 'ACTIVE'
  | 'DELIVERED'
  | 'SETTLED'
  | 'CANCELLED'
  | 'REFUNDED'
  | 'DISPUTED';

export type Party = 'buyer' | 'seller' | 'grid';

export interface ContractProgress {
  readonly state: ContractState;
  readonly signed: readonly Party[];
}

export type ContractEvent =
  | { readonly kind: 'sign'; readonly party: Party }
  /** The lock taken at reveal becomes the deposit: on chain together with the third signature. */
  | { readonly kind: 'deposit' }
  /** `signed` has come and a signature is missing. */
  | { readonly kind: 'lapse' }
  | { readonly kind: 'meter'; readonly delivered: boolean }
  /** By the buyer, or silence until the receipt. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'dispute' }
  /** By the regulator; silence settles. */
  | { readonly kind: 'resolve'; readonly settled: boolean };

export const PROPOSAL: ContractProgress = { state: 'PROPOSED', signed: [] };
const PARTIES = 3;

/** The progress after an event, or the code of the refusal. */
export function advance(
  { state, signed }: ContractProgress,
  event: ContractEvent,
): ContractProgress | ErrorCode {
  if (event.kind === 'sign') {
    if (state !== 'PROPOSED' || signed.includes(event.party)) return 'WRONG_PHASE';
    const all = [...signed, event.party];
    return { state: all.length === PARTIES ? 'SIGNED' : 'PROPOSED', signed: all };
  }
  const next = nextState(state, event);
  return next === undefined ? 'WRONG_PHASE' : { state: next, signed };
}

type Unsigned = Exclude<ContractEvent, { readonly kind: 'sign' }>;

function nextState(state: ContractState, event: Unsigned): ContractState | undefined {
  switch (event.kind) {
    case 'deposit':
      return state === 'SIGNED' ? 'ACTIVE' : undefined;
    case 'lapse':
      return state === 'PROPOSED' ? 'CANCELLED' : undefined;
    case 'meter':
      if (state !== 'ACTIVE') return undefined;
      return event.delivered ? 'DELIVERED' : 'REFUNDED';
    case 'confirm':
      return state === 'DELIVERED' ? 'SETTLED' : undefined;
    case 'dispute':
      return state === 'DELIVERED' ? 'DISPUTED' : undefined;
    case 'resolve':
      if (state !== 'DISPUTED') return undefined;
      return event.settled ? 'SETTLED' : 'REFUNDED';
  }
}
