import { type Mutant, one } from '../mutations.ts';

export const REGION_MUTANTS: readonly Mutant[] = [
  one('reply before commit', 'engine/turn.js', 'x', 'y'),
];
