// The count of a conformance run: what agreed, and what did not with both values.

export interface Failed {
  readonly case: string;
  readonly want: string;
  readonly got: string;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: readonly Failed[];
}

export interface Tally {
  /** One case: passes where both texts are equal. */
  check(name: string, want: string, got: string): void;
  outcome(): Outcome;
}

export function createTally(): Tally {
  const failed: Failed[] = [];
  let passed = 0;
  return {
    check(name, want, got) {
      if (want === got) passed++;
      else failed.push({ case: name, want, got });
    },
    outcome: () => ({ passed, failed }),
  };
}

/** The words of a case that is accepted or refused. */
export const verdict = (good: boolean): string => (good ? 'accepted' : 'refused');
