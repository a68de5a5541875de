// The page of a memory profile: one file that needs nothing else, neither network nor server. What stands in it comes
// from configurations and code, so all text is escaped, and the page forbids itself to load anything.

import type { Site } from './allocations.ts';
import { areasOf, COLOURS, durationText, escapeHtml, memoryChart, sizeText } from './chart.ts';
import type { Series } from './history.ts';

export interface ProfilePage {
  readonly title: string;
  /** What was run, on what, and since when. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly series: Series;
  /** Text says why there are none. */
  readonly sites: readonly Site[] | string;
  /** How long allocations were watched. */
  readonly profiledSecs: number;
  /** A section of its own before the chart, such as a verdict; HTML. */
  readonly lead?: string;
}

const SITES_SHOWN = 200;
/** A share of what is alive that is too small for a row by itself. */
const OWNERS_SHOWN = 60;

export function profilePage(page: ProfilePage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(page.title)}</h1>
<dl>${page.facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
${page.lead ?? ''}
<h2>Memory over time</h2>
${memoryChart(page.series)}
${legend(page.series)}
<h2>Owners</h2>
${ownersTable(page.series)}
<h2>Allocation sites</h2>
${sitesSection(page)}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function legend(series: Series): string {
  const areas = areasOf(series).map(
    ({ name }, i) => `<li><i style="background:${COLOURS[i % COLOURS.length]}"></i>${escapeHtml(name)}</li>`,
  );
  const lines = [
    '<li><i class="line rss-key"></i>resident (RSS)</li>',
    '<li><i class="line heap-key"></i>V8 heap used</li>',
  ];
  return `<ul class="legend">${[...areas, ...lines].join('')}</ul>`;
}

function ownersTable({ owners, rss, heapUsed, times }: Series): string {
  const rows = [
    ...owners.slice(0, OWNERS_SHOWN),
    { name: 'V8 heap used', bytes: heapUsed },
    { name: 'resident (RSS)', bytes: rss },
  ];
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const body = rows.map(({ name, bytes }) => {
    const [first, last] = [bytes[0] ?? 0, bytes.at(-1) ?? 0];
    const growth = span > 0 ? (last - first) / span : 0;
    return row([name, first, Math.max(...bytes, 0), last, growth], [undefined, sizeText, sizeText, sizeText, rateText]);
  });
  return table(['Owner', 'First', 'Most', 'Last', 'Growth'], body);
}

function sitesSection({ sites, profiledSecs }: ProfilePage): string {
  if (typeof sites === 'string') return `<p class="note">${escapeHtml(sites)}.</p>`;
  const live = sites.reduce((sum, site) => sum + site.liveBytes, 0);
  const body = sites.slice(0, SITES_SHOWN).map((site) => {
    const lifetime = site.totalBytes > 0 ? (site.liveBytes / site.totalBytes) * profiledSecs : 0;
    return row(
      [site.name, site.liveBytes, live > 0 ? site.liveBytes / live : 0, site.totalBytes, lifetime],
      [
        undefined,
        sizeText,
        (part) => `${(part * 100).toFixed(1)} %`,
        sizeText,
        (secs) => (secs > 0 ? durationText(secs) : '·'),
      ],
      site.callers,
    );
  });
  return `<p class="note">Sampled every 32 KiB of the V8 heap of the main thread for ${durationText(profiledSecs)}; memory outside of it is in the chart above.
<b>Live</b> is what was alive after the last collection. <b>Total</b> is an estimate of all that was allocated, and <b>lifetime</b> another:
live bytes over the rate of allocation. A leak has much alive and a lifetime as long as the profile.</p>
${table(['Site', 'Live', 'of all', 'Total (est.)', 'Lifetime (est.)'], body)}
${sites.length > SITES_SHOWN ? `<p class="note">${sites.length - SITES_SHOWN} smaller sites are left out.</p>` : ''}`;
}

type Format = ((value: number) => string) | undefined;

/** Rows sort by the value; callers open on demand. */
function row(cells: readonly (string | number)[], formats: readonly Format[], callers: readonly string[] = []): string {
  return `<tr>${cells
    .map((cell, i) => {
      if (typeof cell === 'number') return `<td data-v="${cell}">${formats[i]!(cell)}</td>`;
      const name = `<code>${escapeHtml(cell)}</code>`;
      if (callers.length === 0) return `<th>${name}</th>`;
      const list = callers.map((caller) => `<li><code>${escapeHtml(caller)}</code></li>`).join('');
      return `<th><details><summary>${name}</summary><ol>${list}</ol></details></th>`;
    })
    .join('')}</tr>`;
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table><thead><tr>${heads.map((head) => `<th><button>${head}</button></th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

/** As `+1.2 KiB/s`. */
export function rateText(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?';
  return Math.abs(bytes) < 0.5 ? '0' : `${bytes > 0 ? '+' : ''}${sizeText(bytes)}/s`;
}

const STYLE = `
:root { color-scheme: light dark; --fg: #1c2430; --dim: #667; --bg: #fff; --line: #dde1e7; --rss: #111; --heap: #c0142b; }
@media (prefers-color-scheme: dark) { :root { --fg: #e3e7ee; --dim: #98a1b0; --bg: #14181f; --line: #2b323d; --rss: #fff; --heap: #ff6b7d; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--fg); font: 14px/1.5 system-ui, sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 24px }
h1 { font-size: 22px; margin: 0 0 12px } h2 { font-size: 16px; margin: 32px 0 8px }
dl { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 0 } dt { color: var(--dim); font-size: 12px } dd { margin: 0; font-variant-numeric: tabular-nums }
svg { width: 100%; height: auto; display: block } svg text { fill: var(--dim); font-size: 11px }
polygon { opacity: .85 } polygon:hover { opacity: 1 }
.grid { stroke: var(--line) } polyline { fill: none; stroke-width: 2 } .rss { stroke: var(--rss) } .heap { stroke: var(--heap); stroke-dasharray: 5 4 }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 10px 0 } .legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 6px; vertical-align: -1px }
.legend .line { height: 0; border-top: 2px solid var(--rss); vertical-align: 4px; border-radius: 0 } .legend .heap-key { border-top: 2px dashed var(--heap) }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% } td, th { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; vertical-align: top; font-variant-numeric: tabular-nums }
th:first-child { text-align: left; font-weight: 400; white-space: normal; overflow-wrap: anywhere } thead button { all: unset; cursor: pointer; color: var(--dim); font-size: 12px } thead button:hover { color: var(--fg) }
code { font: 12px/1.5 ui-monospace, monospace } details ol { margin: 4px 0 4px; color: var(--dim) } summary { cursor: pointer }
.note { color: var(--dim); max-width: 78ch } .verdict { padding: 10px 14px; border-radius: 6px; border: 1px solid var(--line); margin-top: 16px } .bad { border-color: #c0142b } .good { border-color: #2f8f4e }`;

const SCRIPT = `
for (const table of document.querySelectorAll('table')) table.querySelectorAll('thead button').forEach((button, column) => {
  let down = true;
  button.onclick = () => {
    const body = table.tBodies[0];
    const key = (row) => { const cell = row.cells[column]; return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v) };
    const rows = [...body.rows].sort((a, b) => { const x = key(a), y = key(b); return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1) });
    down = !down;
    body.append(...rows);
  };
});`;
