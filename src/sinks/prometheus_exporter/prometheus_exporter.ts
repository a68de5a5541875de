// Shows what metrics stand at to whoever scrapes it. A series is shown until nothing came for it for a while; all of
// them together have a limit in memory, so whatever the tags hold, the sink stays as it is.

import { AbsoluteMetrics, stateBytesOf } from '../../component/absolute_metrics.ts';
import { ValueProblem } from '../../component/absolute_value.ts';
import { acknowledgements } from '../../component/common_options.ts';
import type { SinkContext } from '../../component/context.ts';
import { defineSink, type Sink } from '../../component/define.ts';
import { buckets, quantiles } from '../../component/prometheus_options.ts';
import { type Batch, finish } from '../../event/batch.ts';
import { formatListenAddress, parseListenAddress } from '../../net/address.ts';
import type { AwsCredentials } from '../../net/aws/sigv4.ts';
import { fixedCredentials } from '../../net/aws/verifier.ts';
import { clientAuth } from '../../net/http/client_auth.ts';
import { tlsEnableable } from '../../net/tls/options.ts';
import { bool, type ConfigOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import type { Timer } from '../../std/clock.ts';
import { ScrapeServer } from './scrape_server.ts';

const options = {
  acknowledgements: acknowledgements(),
  address: parsed(
    string('The address to listen on. Metrics are at the path `/metrics`.', {
      default: '0.0.0.0:9598',
      examples: ['192.160.0.10:9598'],
    }),
    (text) => {
      const address = parseListenAddress(text);
      return typeof address === 'string' ? new ParseProblem(address) : address;
    },
  ),
  auth: clientAuth(
    'How scrapes must authenticate themselves; others are refused. With `aws` they must be signed for `service` with the access key that is given here or in `credentials_file`, less than five minutes ago, and in `region` where it is given. Credentials of a role, or found elsewhere, differ from session to session, so that nobody but AWS can check what is signed with them: every scrape is refused then.',
  ),
  buckets: buckets(),
  default_namespace: string('The namespace of metrics that have none: it stands before their names, with a `_`.', {
    optional: true,
    aliases: ['namespace'],
    examples: ['service'],
  }),
  distributions_as_summaries: bool('Whether distributions are shown as summaries, and not as histograms.', {
    default: false,
  }),
  flush_period_secs: uint(
    'How often series are let go for which nothing came since that long. All series together have 16 MiB, or less where `memory` is little and up to 64 MiB where it is much: once it is full of fresh ones, metrics of new series are dropped and counted, and those that are there go on.',
    { default: 60, min: 1, unit: 'seconds' },
  ),
  quantiles: quantiles(),
  suppress_timestamp: bool('Whether values are shown without their time, as Prometheus prefers it.', {
    default: false,
  }),
  tls: tlsEnableable(),
} as const;

export type ExporterConfig = ConfigOf<typeof options>;

export const sink = defineSink({
  type: 'prometheus_exporter',
  status: 'stable',
  summary: 'Expose metric events on a Prometheus compatible endpoint.',
  options,
  examples: [
    { title: 'Show metrics at port 9598', config: 'address: 0.0.0.0:9598\ndefault_namespace: service' },
    {
      title: 'Show distributions as summaries, to those who know the password',
      config:
        'address: 127.0.0.1:9598\ndistributions_as_summaries: true\nauth:\n  strategy: basic\n  user: prometheus\n  password: secret',
    },
  ],
  inputs: () => ['metric'],
  resources: ({ address }) => [`tcp:${formatListenAddress(address)}`],
  async build(config, context) {
    const { auth } = config;
    const awsCredentials = auth?.strategy === 'aws' ? await fixedCredentials(auth.auth, context.clock) : undefined;
    if (auth?.strategy === 'aws' && !awsCredentials)
      context.log.warn('Only signatures with a given access key can be checked: every scrape is refused', {
        strategy: 'aws',
      });
    const exporter = new Exporter(config, context, awsCredentials);
    await exporter.listen();
    return exporter;
  },
});

class Exporter implements Sink {
  readonly #config: ExporterConfig;
  readonly #context: SinkContext;
  readonly #metrics: AbsoluteMetrics;
  readonly #server: ScrapeServer;
  #sweepTimer: Timer | undefined;

  constructor(config: ExporterConfig, context: SinkContext, awsCredentials: AwsCredentials | undefined) {
    this.#config = config;
    this.#context = context;
    this.#metrics = new AbsoluteMetrics({
      buckets: config.buckets,
      quantiles: config.quantiles,
      distributions: config.distributions_as_summaries ? 'sketch' : 'histogram',
      defaultNamespace: config.default_namespace,
      idleMs: config.flush_period_secs * 1000,
      stateBytesMax: stateBytesOf(context),
      clock: context.clock,
      recorder: context,
    });
    context.owns('state', { bytes: () => this.#metrics.sizeBytes, shrink: (bytes) => this.#metrics.shrink(bytes) });
    this.#server = new ScrapeServer(config, context, () => this.#metrics.all(), awsCredentials);
    this.#sweepLater();
  }

  listen(): Promise<void> {
    return this.#server.listen();
  }

  write(batch: Batch): undefined {
    if (batch.type !== 'metric') {
      finish(batch);
      return;
    }
    let full = 0;
    let wrong = 0;
    const nowMs = this.#context.clock.monotonic();
    for (const event of batch.events) {
      const taken = this.#metrics.take(event, nowMs);
      if (taken === 'full') full += 1;
      else if (taken instanceof ValueProblem) wrong += 1;
    }
    this.#metrics.report();
    this.#lost(full, wrong);
    // Sending them again would not help: there would be no more room, and those that found some would count twice.
    finish(batch, full + wrong > 0 ? 'rejected' : 'delivered');
  }

  async end(giveUp?: AbortSignal): Promise<void> {
    this.#sweepTimer?.cancel();
    await this.#server.close(giveUp);
    this.#metrics.close();
  }

  #lost(full: number, wrong: number): void {
    const { faults } = this.#context;
    faults.error('There is no room for more series', { type: 'invalid_metric', stage: 'processing' }, full);
    faults.discarded(full, 'series_limit', false);
    faults.error('A metric cannot be shown', { type: 'invalid_metric', stage: 'processing' }, wrong);
    faults.discarded(wrong, 'invalid_metric', false);
  }

  #sweepLater(): void {
    const periodMs = this.#config.flush_period_secs * 1000;
    this.#sweepTimer = this.#context.clock.after(periodMs, () => {
      this.#metrics.sweep(periodMs);
      this.#sweepLater();
    });
  }
}
