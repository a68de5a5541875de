// A chart of memory over time as SVG: owners stacked, with lines for the whole process over them.

import type { Series } from './history.ts';

const WIDTH = 960;
const HEIGHT = 360;
const LEFT = 72;
const BOTTOM = 28;
const TOP = 12;
const RIGHT = 12;
/** Owners with an area of their own; the smallest of the others are one. */
export const AREAS_MAX = 12;

/** Told apart by people who see few colours, as far as twelve can be. */
export const COLOURS = [
  '#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#76b7b2', '#edc948',
  '#b07aa1', '#9c755f', '#ff9da7', '#86bcb6', '#d4a6c8', '#bab0ac',
] as const; // biome-ignore format: a table

/** The owners that get an area, the last of them for all that are left. */
export function areasOf({ owners: all, times }: Series): Series['owners'] {
  const owners = all.filter(({ bytes }) => bytes.some((one) => one > 0));
  if (owners.length <= AREAS_MAX) return owners;
  const rest = owners.slice(AREAS_MAX - 1);
  const bytes = times.map((_, index) => rest.reduce((sum, owner) => sum + owner.bytes[index]!, 0));
  return [...owners.slice(0, AREAS_MAX - 1), { name: `${rest.length} smaller owners`, bytes }];
}

export function memoryChart(series: Series): string {
  const areas = areasOf(series);
  const { times, rss, heapUsed } = series;
  if (times.length < 2) return '<p class="note">There are too few samples for a chart.</p>';
  const stacks = stacked(areas, times.length);
  const top = niceTop(Math.max(...rss, ...(stacks.at(-1) ?? [0])));
  const first = times[0]!;
  const span = times.at(-1)! - first || 1;
  const x = (t: number): number => LEFT + ((t - first) / span) * (WIDTH - LEFT - RIGHT);
  const y = (bytes: number): number => TOP + (1 - bytes / top) * (HEIGHT - TOP - BOTTOM);
  const points = (bytes: readonly number[]): string[] =>
    bytes.map((b, i) => `${x(times[i]!).toFixed(1)},${y(b).toFixed(1)}`);
  const shapes = areas.map(({ name, bytes }, i) => {
    const below = i === 0 ? bytes.map(() => 0) : stacks[i - 1]!;
    const outline = [...points(stacks[i]!), ...points(below).reverse()].join(' ');
    return `<polygon points="${outline}" fill="${COLOURS[i % COLOURS.length]}"><title>${escapeHtml(name)}: ${sizeText(bytes.at(-1)!)}</title></polygon>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Memory over time">
${ticks(top)
  .map(
    (bytes) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(bytes)}" y2="${y(bytes)}"/><text x="${LEFT - 8}" y="${y(bytes) + 4}" text-anchor="end">${sizeText(bytes)}</text>`,
  )
  .join('\n')}
${timeTicks(span)
  .map((secs) => `<text x="${x(first + secs)}" y="${HEIGHT - 8}" text-anchor="middle">${durationText(secs)}</text>`)
  .join('\n')}
${shapes.join('\n')}
<polyline class="rss" points="${points(rss).join(' ')}"/>
<polyline class="heap" points="${points(heapUsed).join(' ')}"/>
</svg>`;
}

/** The upper edge of each owner. */
function stacked(areas: Series['owners'], count: number): number[][] {
  const sum = new Array<number>(count).fill(0);
  return areas.map(({ bytes }) => {
    for (let i = 0; i < count; i++) sum[i]! += bytes[i]!;
    return [...sum];
  });
}

/** At least `bytes`, in whole steps of a scale that people read. */
function niceTop(bytes: number): number {
  const step = stepOf(bytes);
  return Math.max(step, Math.ceil((bytes * 1.05) / step) * step);
}

function stepOf(bytes: number): number {
  let step = 1024;
  while (bytes / step > 6) step *= 2;
  return step;
}

function ticks(top: number): number[] {
  const step = stepOf(top);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400] as const;

function timeTicks(span: number): number[] {
  const step = TIME_STEPS.find((secs) => span / secs <= 8) ?? Math.ceil(span / 8 / 86_400) * 86_400;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
}

/** As `3.2 MiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = Math.abs(bytes);
  let unit = 0;
  for (; size >= 1023.95 && unit < units.length - 1; unit += 1) size /= 1024;
  const text = unit === 0 || size >= 99.95 ? size.toFixed(0) : size.toFixed(1).replace(/\.0$/, '');
  return `${bytes < 0 ? '-' : ''}${text} ${units[unit]}`;
}

/** As `45 s`, `3 min`, `1.5 h`. */
export function durationText(secs: number): string {
  if (secs < 1 && secs > 0) return `${Number((secs * 1000).toFixed(secs < 0.01 ? 1 : 0))} ms`;
  const [value, unit] = secs < 120 ? [secs, 's'] : secs < 7200 ? [secs / 60, 'min'] : [secs / 3600, 'h'];
  return `${Number(value.toFixed(1))} ${unit}`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
