// Looks over MessagePack bytes before they are decoded: only the types of our grammar, minimal
// lengths and integers, bounded depth and item count, exact end (ecosystem section 4: msgpackr
// accepts more than one encoding of a value). Grammar: arrays; u32/i32 minimal; 64-bit always
// d3/cf; bool; nil; bin; ASCII str.

export const MAX_DEPTH = 8;

interface Cursor {
  at: number;
  items: number;
}

/** Why the bytes are refused, or undefined when they are one canonical value. */
export function scan(bytes: Uint8Array, maxItems: number): string | undefined {
  const cursor: Cursor = { at: 0, items: maxItems };
  const why = value(bytes, cursor, 0);
  if (why !== undefined) return why;
  return cursor.at === bytes.length ? undefined : 'trailing bytes';
}

function value(b: Uint8Array, c: Cursor, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return 'nested too deep';
  if (c.items-- <= 0) return 'too many items';
  const t = b[c.at++];
  if (t === undefined) return 'truncated';
  if (t <= 0x7f || t >= 0xe0 || t === 0xc0 || t === 0xc2 || t === 0xc3) return undefined;
  if (t >= 0x90 && t <= 0x9f) return items(b, c, t - 0x90, depth);
  if (t >= 0xa0 && t <= 0xbf) return text(b, c, t - 0xa0);
  switch (t) {
    case 0xc4:
      return sized(b, c, 1, 0, skip);
    case 0xc5:
      return sized(b, c, 2, 0x100, skip);
    case 0xc6:
      return sized(b, c, 4, 0x10000, skip);
    case 0xd9:
      return sized(b, c, 1, 32, text);
    case 0xda:
      return sized(b, c, 2, 0x100, text);
    case 0xdc:
      return sized(b, c, 2, 16, (bb, cc, n) => items(bb, cc, n, depth));
    case 0xdd:
      return sized(b, c, 4, 0x10000, (bb, cc, n) => items(bb, cc, n, depth));
    default:
      return integer(b, c, t);
  }
}

function integer(b: Uint8Array, c: Cursor, t: number): string | undefined {
  const at = c.at;
  const width = t === 0xcc || t === 0xd0 ? 1 : t === 0xcd || t === 0xd1 ? 2 : widthOfWide(t);
  if (width === 0) return 'type not allowed';
  c.at += width;
  if (c.at > b.length) return 'truncated';
  const first = b[at] as number;
  const minimal =
    t === 0xcc
      ? first >= 0x80
      : t === 0xcd
        ? first !== 0
        : t === 0xce
          ? first !== 0 || b[at + 1] !== 0
          : t === 0xcf
            ? first >= 0x80
            : t === 0xd3 || minimalNegative(b, at, t, first);
  return minimal ? undefined : 'integer not minimal';
}

const widthOfWide = (t: number): number =>
  t === 0xce || t === 0xd2 ? 4 : t === 0xcf || t === 0xd3 ? 8 : 0;

function minimalNegative(b: Uint8Array, at: number, t: number, first: number): boolean {
  if (first < 0x80) return false;
  if (t === 0xd0) return first < 0xe0;
  if (t === 0xd1) return first !== 0xff || (b[at + 1] as number) < 0x80;
  return first !== 0xff || b[at + 1] !== 0xff || (b[at + 2] as number) < 0x80;
}

type Body = (b: Uint8Array, c: Cursor, length: number) => string | undefined;

function sized(b: Uint8Array, c: Cursor, width: number, least: number, body: Body) {
  if (c.at + width > b.length) return 'truncated';
  let length = 0;
  for (let i = 0; i < width; i++) length = length * 256 + (b[c.at++] as number);
  return length < least ? 'length not minimal' : body(b, c, length);
}

function skip(b: Uint8Array, c: Cursor, length: number): string | undefined {
  c.at += length;
  return c.at > b.length ? 'truncated' : undefined;
}

function text(b: Uint8Array, c: Cursor, length: number): string | undefined {
  const end = c.at + length;
  if (end > b.length) return 'truncated';
  for (; c.at < end; c.at++) if ((b[c.at] as number) >= 0x80) return 'text not ASCII';
  return undefined;
}

function items(b: Uint8Array, c: Cursor, count: number, depth: number): string | undefined {
  for (let i = 0; i < count; i++) {
    const why = value(b, c, depth + 1);
    if (why !== undefined) return why;
  }
  return undefined;
}
