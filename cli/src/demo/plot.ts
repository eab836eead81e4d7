// Plots as inline SVG, without a library: a frame with axes, and bars, lines and points in it.
// Coordinates are for the screen only.

export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly kind: 'bars' | 'line' | 'points';
  /** By index; undefined: nothing there. */
  readonly values: readonly (number | undefined)[];
}

export interface PlotOptions {
  readonly title: string;
  readonly unit: string;
  /** Text under index i; not all are shown. */
  readonly label: (index: number) => string;
  readonly series: readonly Series[];
}

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 60;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 34;
const TICKS = 4;
const MAX_LABELS = 12;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)};`);

const short = (value: number): string => value.toFixed(1);

/** The next 1, 2 or 5 times a power of ten. */
function niceStep(range: number): number {
  const raw = range / TICKS || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((n) => n * power >= raw) ?? 10;
  return step * power;
}

interface Scale {
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

function scaleOf(series: readonly Series[]): Scale {
  const count = Math.max(1, ...series.map(({ values }) => values.length));
  const all = series.flatMap(({ values }) => values.filter((v) => v !== undefined));
  const step = niceStep(Math.max(0, ...all) - Math.min(0, ...all));
  const low = Math.floor(Math.min(0, ...all) / step) * step;
  const high = Math.max(low + step, Math.ceil(Math.max(0, ...all) / step) * step);
  const wide = (WIDTH - LEFT - RIGHT) / count;
  const tall = HEIGHT - TOP - BOTTOM;
  return {
    count,
    low,
    high,
    step,
    x: (index) => LEFT + wide * (index + 0.5),
    y: (value) => TOP + (tall * (high - value)) / (high - low),
  };
}

function axes({ count, low, high, step, x, y }: Scale, label: (i: number) => string): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const parts: string[] = [];
  for (let value = low; value <= high + step / 2; value += step) {
    const at = short(y(value));
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" class="grid"/>`,
      `<text x="${LEFT - 6}" y="${at}" class="tick right">${value.toFixed(decimals)}</text>`,
    );
  }
  const every = Math.ceil(count / MAX_LABELS);
  for (let i = 0; i < count; i += every)
    parts.push(
      `<text x="${short(x(i))}" y="${HEIGHT - BOTTOM + 16}" class="tick mid">` +
        `${escapeHtml(label(i))}</text>`,
    );
  return parts.join('');
}

function draw(series: Series, scale: Scale, place: { index: number; of: number }): string {
  const { x, y, count } = scale;
  const { values, colour, kind } = series;
  const at = values.flatMap((value, i) => (value === undefined ? [] : [{ value, i }]));
  if (kind === 'line') {
    const points = at.map(({ value, i }) => `${short(x(i))},${short(y(value))}`);
    const pen = `fill="none" stroke="${colour}" stroke-width="2"`;
    return `<polyline points="${points.join(' ')}" ${pen}/>`;
  }
  if (kind === 'points')
    return at
      .map(
        ({ value, i }) =>
          `<circle cx="${short(x(i))}" cy="${short(y(value))}" r="3" fill="${colour}"/>`,
      )
      .join('');
  const slot = (WIDTH - LEFT - RIGHT) / count;
  const wide = (slot * 0.8) / place.of;
  return at
    .map(({ value, i }) => {
      const left = x(i) - slot * 0.4 + wide * place.index;
      const [top, bottom] = [y(Math.max(0, value)), y(Math.min(0, value))];
      const size = `width="${short(wide)}" height="${short(bottom - top)}"`;
      return `<rect x="${short(left)}" y="${short(top)}" ${size} fill="${colour}"/>`;
    })
    .join('');
}

/** A figure with its legend. */
export function plot({ title, unit, label, series }: PlotOptions): string {
  const scale = scaleOf(series);
  const bars = series.filter(({ kind }) => kind === 'bars');
  const drawn = series.map((one) =>
    draw(one, scale, { index: Math.max(0, bars.indexOf(one)), of: Math.max(1, bars.length) }),
  );
  const legend = series
    .map(({ name, colour }) => `<span style="color:${colour}">&#9632;</span> ${escapeHtml(name)}`)
    .join(' &nbsp; ');
  const head = `<figcaption>${escapeHtml(title)} <small>(${escapeHtml(unit)})</small></figcaption>`;
  const view = `viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}"`;
  const body = axes(scale, label) + drawn.join('');
  return `<figure>${head}<svg ${view}>${body}</svg><p class="legend">${legend}</p></figure>`;
}
