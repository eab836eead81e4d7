import type { Quirks } from './node.js';
export interface Mutant {
  readonly name: string;
  readonly quirks: Quirks;
}
export const MUTANTS: readonly Mutant[] = [];
