// Asks Prometheus endpoints for their metrics at intervals. An endpoint is asked again only when its last answer was
// dealt with, and answers become events one after the other, so that one at a time is in memory as events.

import type { SourceContext } from '../../component/context.ts';
import { defineSource } from '../../component/define.ts';
import { query, queryProblems } from '../../component/query_parameters.ts';
import { clientAuth } from '../../net/http/client_auth.ts';
import { tls } from '../../net/tls/options.ts';
import { array, bool, type ConfigOf, float, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { Scraper } from './scraper.ts';

const endpoint = parsed(
  string('A URL of metrics.', { syntax: 'uri', examples: ['http://localhost:9090/metrics'] }),
  (text): URL | ParseProblem => {
    const url = URL.parse(text);
    return url && /^https?:$/.test(url.protocol) ? url : new ParseProblem(`\`${text}\` is not an HTTP URL`);
  },
);

const aboveZero = (value: number): string | undefined => (value > 0 ? undefined : 'must be above 0');

const options = {
  auth: clientAuth(),
  endpoint_tag: string('The tag that gets the URL of the endpoint; none when it is not given.', {
    optional: true,
    examples: ['endpoint'],
  }),
  endpoints: array(endpoint, 'The endpoints to scrape metrics from.', {
    aliases: ['hosts'],
    examples: [['http://localhost:9090/metrics']],
  }),
  honor_labels: bool(
    'Whether tags that metrics have already stay as they are. Otherwise they are renamed to `exported_…` where `instance_tag` or `endpoint_tag` has their name.',
    { default: false },
  ),
  instance_tag: string('The tag that gets the host and port of the endpoint; none when it is not given.', {
    optional: true,
    examples: ['instance'],
  }),
  query: query(),
  scrape_interval_secs: uint('Seconds from one scrape of an endpoint to the next.', {
    default: 15,
    min: 1,
    unit: 'seconds',
    aliases: ['interval_secs'],
  }),
  scrape_timeout_secs: float('How long a scrape may take.', { default: 5, unit: 'seconds', validate: aboveZero }),
  tls: tls(),
} as const;

export type ScrapeConfig = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'prometheus_scrape',
  status: 'stable',
  summary: 'Collect metrics from Prometheus exporters.',
  options,
  examples: [
    { title: 'Scrape an exporter', config: 'endpoints:\n  - http://localhost:9090/metrics' },
    {
      title: 'Ask a Prometheus for some of its metrics, and tag them with where they come from',
      config:
        'endpoints:\n  - https://prometheus.example.com/federate\ninstance_tag: instance\nendpoint_tag: endpoint\nscrape_interval_secs: 30\nquery:\n  "match[]":\n    - \'{job="node"}\'',
    },
  ],
  outputs: () => [{ port: undefined, types: ['metric'] }],
  acknowledges: false,
  verify: ({ query: parameters }, surroundings) => queryProblems(parameters, surroundings),
  build(config: ScrapeConfig, context: SourceContext) {
    const scraper = new Scraper(config, context);
    return { run: (output, stop) => scraper.run(output, stop) };
  },
});
