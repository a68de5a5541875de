// Lines over time as SVG, which a page shows and a document can hold.

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Plot {
  readonly title: string;
  /** Of the axes; x in minutes, y in MiB. */
  readonly lines: readonly Line[];
  /** Where the warm-up ends, in minutes. */
  readonly markAt?: number;
}

const WIDTH = 860;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 20;
const TOP = 44;
const BOTTOM = 70;
/** More points than pixels show nothing. */
const POINTS_MAX = 600;

export function plotSvg({ title, lines, markAt }: Plot): string {
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const xTicks = ticks(Math.max(...xs, 1e-9));
  const yTicks = ticks(Math.max(...ys, 1e-9) * 1.05);
  const [xMax, yMax] = [Math.max(...xs, 1e-9), yTicks.at(-1)!];
  const px = (x: number): string => (LEFT + (x / xMax) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const py = (y: number): string => (HEIGHT - BOTTOM - (y / yMax) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const horizontal = yTicks.map(
    (y) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${py(y)}" y2="${py(y)}" stroke="#8884"/><text x="${LEFT - 8}" y="${py(y)}" text-anchor="end" dominant-baseline="middle">${label(y)}</text>`,
  );
  const vertical = xTicks
    .filter((x) => x <= xMax)
    .map((x) => `<text x="${px(x)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label(x)}</text>`);
  const mark =
    markAt === undefined || markAt <= 0
      ? ''
      : `<line x1="${px(markAt)}" x2="${px(markAt)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#888" stroke-dasharray="4 4"/><text x="${px(markAt)}" y="${TOP - 4}" text-anchor="middle">judged from here</text>`;
  const drawn = lines.map(
    ({ colour, points }) =>
      `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round" points="${thinned(points)
        .map(({ x, y }) => `${px(x)},${py(y)}`)
        .join(' ')}"/>`,
  );
  let x = LEFT;
  const legend = lines.map(({ name, colour }) => {
    const text = `<rect x="${x}" y="${HEIGHT - 26}" width="12" height="12" rx="2" fill="${colour}"/><text x="${x + 18}" y="${HEIGHT - 16}">${escapeXml(name)}</text>`;
    x += 36 + name.length * 6.6;
    return text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#666" role="img" aria-label="${escapeXml(title)}">
<text x="${LEFT}" y="20" font-size="15" font-weight="600">${escapeXml(title)}</text>
${[...horizontal, ...vertical].join('\n')}
<text x="${WIDTH - RIGHT}" y="${HEIGHT - BOTTOM + 34}" text-anchor="end">minutes</text>
${mark}
${drawn.join('\n')}
${legend.join('\n')}
</svg>
`;
}

/** Round steps from 0 to what is at least the maximum. */
function ticks(max: number): number[] {
  const rough = max / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => index * step);
}

function label(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const step = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
