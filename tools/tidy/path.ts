// What the place of a file says about it: its room, whether that is pure, and a name that means
// something.
import type { Finding } from './finding.js';
import { PURE_ROOMS, ROOMS, type Room } from './rooms.js';
import type { Source } from './source.js';

/** The room of a source file (`<room>/src/...`), or undefined. */
export function roomOf(path: string): Room | undefined {
  const [room, folder] = path.split('/');
  return folder === 'src' ? ROOMS.find((name) => name === room) : undefined;
}

export const isPure = (path: string): boolean =>
  PURE_ROOMS.some((room) => path.startsWith(`${room}/src/`));

const EMPTY_NAME = /(^|\/)(utils?|helpers?|common|misc)(\.|\/)/;

export const names = ({ path: file }: Source): readonly Finding[] =>
  EMPTY_NAME.test(file)
    ? [{ file, line: 0, rule: 'file name', instead: 'name it by what it decides' }]
    : [];
