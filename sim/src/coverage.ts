// Counters of what a run went through: a run that passes because nothing happened is a failure
// (reliability finding 6).

export interface Coverage {
  count(name: string, by?: number): void;
  get(name: string): number;
  all(): ReadonlyMap<string, number>;
}

export function createCoverage(): Coverage {
  const counters = new Map<string, number>();
  return {
    count: (name, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by),
    get: (name) => counters.get(name) ?? 0,
    all: () => counters,
  };
}
