// Mechanisms of the chain by their names.
import type { Mechanism } from '../../../core/src/markets.js';
import { bilateral } from './bilateral/steps.js';
import { call } from './call/call.js';
import { continuous } from './continuous.js';
import type { ChainMechanism } from './mechanism.js';
import { neighbourhood } from './neighbourhood/neighbourhood.js';
import { reputation } from './reputation/mechanism.js';
import { twoRound } from './twoRound.js';
import { uniform } from './uniform.js';

export const CHAIN: { readonly [M in Mechanism]: ChainMechanism } = {
  call,
  'two-round': twoRound,
  uniform,
  continuous,
  neighbourhood,
  reputation,
  bilateral,
};
