// `sluice quickstart`, which is `npm start`: a whole pipeline on example data, small enough to watch.
//
//   shop.log (written while you watch, rotated once) ─► file source ─► http sink ─► a server here, failing now and then
//
// It shows what matters: every line arrives although requests fail and the log is rotated. Ends by itself or on Ctrl-C.

import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../std/random.ts';
import { startTopology, type Topology } from '../topology/topology.ts';
import { EXIT } from './exit_codes.ts';
import { loadFromFlags } from './load.ts';
import { wantsColour } from './log_writer.ts';
import type { Surroundings } from './program.ts';
import { type LogFlags, makeLogger } from './run.ts';
import { makeRuntime } from './runtime.ts';

interface Flags extends LogFlags {
  readonly lines: number;
}

/** Every so many requests the server answers 503: the sink sends them again. */
const FAIL_EVERY = 5;
const BURST_LINES = 20;
const BURST_PAUSE_MS = 40;

interface Progress {
  written: number;
  readonly arrived: Set<number>;
  twice: number;
  requests: number;
  failed: number;
  rotated: boolean;
  last: string;
}

export async function quickstart(flags: Flags, surroundings: Surroundings): Promise<number> {
  const { stdout, env } = surroundings;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-quickstart-'));
  const progress: Progress = {
    written: 0,
    arrived: new Set(),
    twice: 0,
    requests: 0,
    failed: 0,
    rotated: false,
    last: '',
  };
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const server = await receiver(progress);
  const screen = new Screen(stdout, wantsColour(flags.color, stdout, env), flags.lines, progress);
  let topology: Topology | undefined;
  try {
    const path = join(folder, 'sluice.yaml');
    writeFileSync(path, configuration(folder, (server.address() as AddressInfo).port));
    screen.open(configuration('…', (server.address() as AddressInfo).port));
    const config = await loadFromFlags(
      {
        config: [path],
        configYaml: [],
        configToml: [],
        configJson: [],
        configDir: [],
        dangerouslyAllowEnvVarInterpolation: false,
        disableEnvVarInterpolation: true,
      },
      surroundings,
      { showWarnings: true },
    );
    if (!config) return EXIT.config;
    // The failing server is part of the show: its retries are counted on the screen, not logged.
    const log = makeLogger({ ...flags, quiet: flags.quiet + (flags.verbose > 0 ? 0 : 3) }, surroundings);
    topology = await startTopology(
      config,
      makeRuntime(config, { chunkSizeEvents: 1000, maxDecompressedSizeBytes: 1 << 20 }, log, env, 5_000),
    );
    await write(join(folder, 'shop.log'), flags.lines, progress, stop.signal, () => screen.draw());
    while (!stop.signal.aborted && progress.arrived.size < progress.written) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      screen.draw();
    }
    return EXIT.ok;
  } finally {
    await topology?.stop(5_000);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    server.close();
    server.closeAllConnections();
    screen.close(stop.signal.aborted);
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(folder: string, port: number): string {
  return `data_dir: ${folder}
sources:
  shop:
    type: file
    include: ["${folder}/shop.log*"]
    glob_minimum_cooldown_ms: 100
sinks:
  server:
    type: http
    inputs: [shop]
    uri: http://127.0.0.1:${port}/
    encoding:
      codec: json
    framing:
      method: newline_delimited
    batch:
      max_events: 100
      timeout_secs: 0.1
`;
}

async function receiver(progress: Progress): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        progress.requests += 1;
        if (progress.requests % FAIL_EVERY === 0) {
          progress.failed += 1;
          response.writeHead(503).end();
          return;
        }
        for (const line of Buffer.concat(parts).toString('utf8').split('\n')) if (line !== '') take(line, progress);
        response.end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function take(line: string, progress: Progress): void {
  const { message } = JSON.parse(line) as { message: string };
  const order = Number(/order=(\d+)/.exec(message)?.[1]);
  if (progress.arrived.has(order)) progress.twice += 1;
  progress.arrived.add(order);
  progress.last = line;
}

/** Writes example lines in bursts, and rotates the file in the middle as logrotate would. */
async function write(
  path: string,
  lines: number,
  progress: Progress,
  stop: AbortSignal,
  draw: () => void,
): Promise<void> {
  const random = seededRandom(7);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  while (progress.written < lines && !stop.aborted) {
    const burst = Math.min(BURST_LINES, lines - progress.written);
    let text = '';
    for (let i = 0; i < burst; i++) {
      const event = pick(['added to basket', 'paid', 'payment refused', 'shipped', 'looked at']);
      text += `${new Date().toISOString()} ${event === 'payment refused' ? 'warn' : 'info'} order=${progress.written + i} ${pick(['lamp', 'teapot', 'bicycle bell', 'atlas'])} ${event} by customer ${Math.floor(random() * 900) + 100}\n`;
    }
    await appendFile(path, text);
    progress.written += burst;
    if (!progress.rotated && progress.written >= lines / 2) {
      renameSync(path, `${path}.1`);
      progress.rotated = true;
    }
    await new Promise((resolve) => setTimeout(resolve, BURST_PAUSE_MS));
    draw();
  }
}

const BAR_WIDTH = 40;
const REDRAW_MS = 100;
const PLAIN_REDRAW_MS = 1000;

/** Redraws in place on a terminal; prints a line a second elsewhere. */
class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #colour: boolean;
  readonly #lines: number;
  readonly #progress: Progress;
  readonly #started = performance.now();
  #drawn = 0;
  #height = 0;

  constructor(out: NodeJS.WriteStream, colour: boolean, lines: number, progress: Progress) {
    this.#out = out;
    this.#colour = colour;
    this.#lines = lines;
    this.#progress = progress;
  }

  open(config: string): void {
    const indented = config
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n');
    this.#out.write(`
${this.#paint('1', 'Sluice quickstart')}: a shop writes a log, Sluice follows it and posts every line to a server.
The server fails every fifth request, and the log is rotated halfway. Nothing may be lost.

  shop.log ──► ${this.#paint('36', 'file source')} ──► ${this.#paint('36', 'http sink')} ──► a server on this machine

The configuration, as Vector would read it:

${this.#paint('2', indented)}

`);
  }

  draw(force = false): void {
    const now = performance.now();
    const pause = this.#out.isTTY ? REDRAW_MS : PLAIN_REDRAW_MS;
    if (!force && now - this.#drawn < pause) return;
    this.#drawn = now;
    const { written, arrived, requests, failed, rotated, last } = this.#progress;
    if (!this.#out.isTTY) {
      this.#out.write(
        `  written ${written}, delivered ${arrived.size} in ${requests - failed} requests, ${failed} failed and sent again${rotated ? ', log rotated' : ''}\n`,
      );
      return;
    }
    const lines = [
      `  written    ${this.#bar(written)} ${written} lines${rotated ? '  (rotated to shop.log.1)' : ''}`,
      `  delivered  ${this.#bar(arrived.size)} ${arrived.size} lines in ${requests - failed} requests${failed > 0 ? `, ${failed} failed and sent again` : ''}`,
      `  newest     ${this.#paint('2', last.slice(0, Math.max(20, (this.#out.columns ?? 100) - 14)))}`,
    ];
    this.#out.write(
      `${this.#height > 0 ? `\u001b[${this.#height}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`,
    );
    this.#height = lines.length;
  }

  close(interrupted: boolean): void {
    this.draw(true);
    const { written, arrived, twice, requests, failed } = this.#progress;
    const missing = written - arrived.size;
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    this.#out.write(`
${interrupted ? 'Stopped. ' : ''}${this.#paint(missing === 0 ? '32' : '31', `${arrived.size} of ${written} lines delivered`)}, ${missing} missing, ${twice} twice; ${failed} of ${requests} requests failed and were sent again; ${seconds} s, ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB.

Next:
  npx sluice --config vector.yaml      run your own configuration, or Vector's
  npx sluice validate vector.yaml      find every mistake in it at once
  npx sluice generate file//http       start from a pattern
`);
  }

  #bar(value: number): string {
    const filled = Math.round((BAR_WIDTH * Math.min(value, this.#lines)) / this.#lines);
    return this.#paint('36', '█'.repeat(filled)) + this.#paint('2', '░'.repeat(BAR_WIDTH - filled));
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
