// Sign-state of a simulated node (consensus 6.1): what may be signed after what, and the points of
// the write at which a process may die.
import { equalBytes } from '../../core/src/bytes.js';
import type { SignMark } from '../../consensus/src/input.js';
import type { Disk } from './disk.js';
import type { SignStateRecord } from './watch.js';

const RANK = { proposal: 0, prevote: 1, precommit: 2 } as const;

export const isLater = (a: SignMark, b: SignMark): boolean =>
  a.height !== b.height
    ? a.height > b.height
    : a.round !== b.round
      ? a.round > b.round
      : RANK[a.step] > RANK[b.step];

export const isSameMark = (a: SignMark, b: SignMark): boolean =>
  a.height === b.height &&
  a.round === b.round &&
  a.step === b.step &&
  equalBytes(a.blockHash, b.blockHash);

export interface SignerNeeds {
  readonly disk: Disk;
  /** A place where the process may die. */
  readonly point: (name: string) => void;
  /** False: a planted bug that never syncs. */
  readonly syncs: boolean;
}

export const marksOf = (disk: Disk): readonly SignMark[] =>
  disk.read<SignStateRecord>('signState')?.marks ?? [];

/** True where the signature may leave: its entry is durable. */
export function mayLeave(needs: SignerNeeds, mark: SignMark): boolean {
  const { disk, point } = needs;
  const marks = marksOf(disk);
  if (marks.some((known) => isSameMark(known, mark))) return true;
  const [newest] = marks;
  if (newest !== undefined && !isLater(mark, newest)) return false;
  point('beforeSignState');
  disk.write('signState', { marks: [mark, ...marks].slice(0, 2) } satisfies SignStateRecord);
  point('beforeSignSync');
  if (needs.syncs) disk.sync('signState');
  point('afterSignSync');
  return true;
}
