// Values of a vector file against computed ones, leaf by leaf.
import type { Tally } from './tally.js';

/** Every leaf that is in one of them is a case. */
export function compareLeaves(
  tally: Tally,
  name: string,
  { want, got }: { want: unknown; got: unknown },
): void {
  const [wanted, computed] = [leavesOf(want), leavesOf(got)];
  for (const path of new Set([...wanted.keys(), ...computed.keys()]))
    tally.check(`${name} ${path}`, wanted.get(path) ?? 'nothing', computed.get(path) ?? 'nothing');
}

function leavesOf(value: unknown, path: readonly string[] = []): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null)
    return new Map([[path.join('.'), String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, part]) => [...leavesOf(part, [...path, name])]),
  );
}
