// The page of the experiment: one file, nothing from elsewhere.

import { escapeXml } from './plot.ts';

export interface Page {
  readonly about: string;
  /** Markdown: a table, and paragraphs after it. */
  readonly table: string;
  /** Those that compare the storages. */
  readonly plots: readonly string[];
  /** One for each run. */
  readonly each: readonly string[];
  /** Markdown paragraphs, and lists of one level. */
  readonly reasons: string | undefined;
}

export function pageOf({ about, table, plots, each, reasons }: Page): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Does telemetry leak?</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #222; background: #fff }
  h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2rem }
  table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto }
  th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }
  td.flat { color: #2a9d6f; font-weight: 600 } td.climbs { color: #d1495b; font-weight: 600 } td.unsure { color: #b07a1e; font-weight: 600 }
  .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem }
  svg { width: 100%; height: auto } code { background: #8882; padding: 0 .2em; border-radius: 3px }
</style>
<h1>Does telemetry leak?</h1>
<p>Logs of files and of containers go to an HTTP server, one event in each request, while Prometheus asks for the pipeline's own metrics every second. What differs is where samples of histograms are kept. ${escapeXml(about)}.</p>
<div class="plots">${plots.join('')}</div>
<h2>All runs</h2>
${markdown(table)}
${reasons === undefined ? '' : `<h2>Where this differs from the story, and why</h2>\n${markdown(reasons)}`}
<h2>Run by run</h2>
<div class="plots">${each.join('')}</div>
</html>
`;
}

/** As much of Markdown as is used here. */
function markdown(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      if (block.startsWith('|')) return tableHtml(block);
      if (block.startsWith('- ')) return `<ul>${block.split(/^- /m).slice(1).map(item).join('')}</ul>`;
      return `<p>${inline(block)}</p>`;
    })
    .join('\n');
}

const item = (text: string): string => `<li>${inline(text.trim())}</li>`;

function inline(text: string): string {
  return escapeXml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>');
}

function tableHtml(text: string): string {
  const cells = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [head = [], , ...rows] = cells;
  const row = (line: readonly string[]): string =>
    `<tr>${line.map((cell) => `<td${/^(flat|climbs|unsure)$/.test(cell) ? ` class="${cell}"` : ''}>${inline(cell)}</td>`).join('')}</tr>`;
  return `<table><tr>${head.map((cell) => `<th>${inline(cell)}</th>`).join('')}</tr>${rows.map(row).join('')}</table>`;
}
