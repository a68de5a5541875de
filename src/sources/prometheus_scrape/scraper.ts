// The rounds of scrapes: request, answer, events.

import { DecompressError, decompress, parseContentEncoding } from '../../codecs/compression/decompress.ts';
import { parseText } from '../../codecs/prometheus/parse_text.ts';
import { FormatProblem } from '../../codecs/prometheus/problem.ts';
import type { SourceContext } from '../../component/context.ts';
import type { Output } from '../../component/define.ts';
import { QueryError, withQuery } from '../../component/query_parameters.ts';
import { metricBatch } from '../../event/batch.ts';
import type { Metadata } from '../../event/metadata.ts';
import type { MetricEvent } from '../../event/metric.ts';
import { formatPeerAddress } from '../../net/address.ts';
import { HttpClient, HttpError, type HttpResponse } from '../../net/http/client.ts';
import { authorizationHeader, requestSigner, splitCredentials } from '../../net/http/client_auth.ts';
import { tlsWhenNeeded } from '../../net/tls/when_needed.ts';
import { sleep } from '../../std/clock.ts';
import { version } from '../../std/version.ts';
import { componentReceivedBytes, Throughput } from '../../telemetry/component_metrics.ts';
import type { Counter } from '../../telemetry/telemetry.ts';
import type { ScrapeConfig } from './prometheus_scrape.ts';
import { tagger } from './tagger.ts';

/** Bytes of one answer as it is sent. A longer one is refused as a whole. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** Endpoints that are asked at the same time; others wait for their turn. */
const REQUESTS_MAX = 32;

interface Endpoint {
  readonly url: () => URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly received: Throughput;
  readonly receivedBytes: Counter;
  readonly tag: (event: MetricEvent) => void;
}

export class Scraper {
  readonly #config: ScrapeConfig;
  readonly #context: SourceContext;
  readonly #client: HttpClient;
  readonly #endpoints: readonly Endpoint[];
  readonly #metadata: Metadata;
  readonly #waiting: (() => void)[] = [];
  #requests = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(config: ScrapeConfig, context: SourceContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new HttpClient({
      recorder: context,
      memory: context,
      clock: context.clock,
      userAgent: `Sluice/${version()}`,
      connectionsMax: 1,
      timeoutMs: config.scrape_timeout_secs * 1000,
      proxies: context.proxy,
      tls: tlsWhenNeeded(
        config.tls,
        config.endpoints.some(({ protocol }) => protocol === 'https:'),
        context.log,
      ),
      sign: requestSigner(config.auth, context.clock),
    });
    this.#metadata = { value: {}, sourceId: context.id, sourceType: context.type };
    this.#endpoints = config.endpoints.map((url) => this.#endpoint(url));
    if (config.scrape_timeout_secs > config.scrape_interval_secs)
      context.log.warn('A scrape may take longer than the interval between two: some will be left out', {
        scrape_interval_secs: config.scrape_interval_secs,
        scrape_timeout_secs: config.scrape_timeout_secs,
      });
  }

  async run(output: Output, stop: AbortSignal): Promise<void> {
    await Promise.all(this.#endpoints.map((endpoint) => this.#repeat(endpoint, output, stop)));
    await this.#client.close();
  }

  #endpoint(given: URL): Endpoint {
    const { auth, query } = this.#config;
    const { url: bare, authorization: own } = splitCredentials(given);
    const proof = auth || own === undefined ? authorizationHeader(auth) : { authorization: own };
    const url = withQuery(bare, query, this.#context);
    return {
      url,
      headers: {
        accept: 'text/plain',
        'accept-encoding': 'gzip',
        ...proof,
      },
      received: Throughput.received(this.#context, { uri: bare.href }),
      receivedBytes: this.#context.counter(componentReceivedBytes, {
        protocol: bare.protocol.slice(0, -1),
        endpoint: bare.href,
      }),
      tag: tagger(this.#config, instanceOf(bare), bare.href),
    };
  }

  /** Keeps to the beat: a scrape that takes longer than the interval leaves out those it is late for. */
  async #repeat(endpoint: Endpoint, output: Output, stop: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const intervalMs = this.#config.scrape_interval_secs * 1000;
    for (let next = clock.monotonic(); !stop.aborted; ) {
      await this.#scrape(endpoint, output, stop);
      const late = clock.monotonic() - next;
      next += intervalMs * Math.max(1, Math.ceil(late / intervalMs));
      await sleep(clock, next - clock.monotonic(), stop);
    }
  }

  /** Never rejects for what an endpoint does. */
  async #scrape(endpoint: Endpoint, output: Output, stop: AbortSignal): Promise<void> {
    const text = await this.#limited(() => this.#fetch(endpoint, stop));
    if (text === undefined) return;
    const mine = this.#turn.then(() => this.#send(endpoint, text, output));
    this.#turn = mine.catch(() => {});
    await mine;
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#requests < REQUESTS_MAX) this.#requests += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#requests -= 1;
    }
  }

  /** The text of an endpoint; nothing when there is none, which is counted. */
  async #fetch({ url: urlNow, headers, receivedBytes }: Endpoint, stop: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#context;
    if (stop.aborted) return undefined;
    let shown = '';
    const limit = new AbortController();
    const onStop = (): void => limit.abort(new Error('the source stops'));
    stop.addEventListener('abort', onStop, { once: true });
    const timeoutSecs = this.#config.scrape_timeout_secs;
    let timedOut = false;
    const timer = clock.after(timeoutSecs * 1000, () => {
      timedOut = true;
      limit.abort(new Error(`no answer within ${timeoutSecs} s`));
    });
    try {
      const url = urlNow();
      shown = url.href;
      const request = { method: 'GET', url, headers, responseBytesMax: ANSWER_BYTES_MAX };
      const response = await this.#client.request(request, limit.signal);
      receivedBytes.add(response.body.length);
      return await this.#textOf(response, shown);
    } catch (error) {
      if (stop.aborted) return undefined;
      this.#failed(error, shown, timedOut);
      return undefined;
    } finally {
      timer.cancel();
      stop.removeEventListener('abort', onStop);
    }
  }

  async #textOf({ status, headers, body, truncated }: HttpResponse, url: string): Promise<string | undefined> {
    const { faults, globals } = this.#context;
    if (status !== 200) {
      faults.error('An endpoint refused to be scraped', {
        type: 'request_failed',
        stage: 'receiving',
        code: `http_response_${status}`,
        fields: { url, status },
      });
      return undefined;
    }
    if (truncated) throw new DecompressError(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    const encoding = headers['content-encoding'];
    const encodings = parseContentEncoding(Array.isArray(encoding) ? encoding.join(',') : (encoding ?? ''));
    if (typeof encodings === 'string') throw new DecompressError(encodings);
    const limitBytes = Math.min(globals.maxDecompressedBytes, 4 * ANSWER_BYTES_MAX);
    return (encodings.length === 0 ? body : await decompress(encodings, body, limitBytes)).toString('utf8');
  }

  #failed(error: unknown, url: string, timedOut: boolean): void {
    const { faults } = this.#context;
    const fields = { url, error: error instanceof Error ? error.message : String(error) };
    if (error instanceof QueryError) {
      faults.error('A query parameter has no value', { type: 'script_failed', stage: 'processing', fields });
      return;
    }
    if (error instanceof DecompressError) {
      faults.error('An answer cannot be read', { type: 'parser_failed', stage: 'receiving', fields });
      return;
    }
    if (!(error instanceof HttpError)) throw error;
    const type = timedOut || error.kind === 'timeout' ? 'timed_out' : 'request_failed';
    faults.error('An endpoint cannot be scraped', { type, stage: 'receiving', fields });
  }

  async #send({ tag, received }: Endpoint, text: string, output: Output): Promise<void> {
    const { clock, faults, globals } = this.#context;
    try {
      let events: MetricEvent[] = [];
      const flush = async (): Promise<void> => {
        if (events.length === 0) return;
        const batch = metricBatch(events);
        events = [];
        received.add(batch.count, batch.sizeBytes);
        await output.send(batch);
      };
      for (const event of parseText(text).metrics({ nowMs: clock.now(), metadata: this.#metadata })) {
        tag(event);
        events.push(event);
        if (events.length >= globals.chunkSizeEvents) await flush();
      }
      await flush();
    } catch (error) {
      if (!(error instanceof FormatProblem)) throw error;
      faults.error('An answer is not Prometheus text', {
        type: 'parser_failed',
        stage: 'processing',
        fields: { error: error.message },
      });
    }
  }
}

/** Host and port, the port written out. */
function instanceOf({ hostname, port, protocol }: URL): string {
  const host = hostname.replace(/^\[|\]$/g, '');
  return formatPeerAddress({ host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) });
}
