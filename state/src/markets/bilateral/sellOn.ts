// offerRight, takeRight: placeholder
import type { TxRule } from '../../tx/context.js';
export const offerRight: TxRule<'offerRight'> = { check: () => 'NOT_SUPPORTED', apply: () => {} };
export const takeRight: TxRule<'takeRight'> = { check: () => 'NOT_SUPPORTED', apply: () => {} };
