// Sends each event to the outputs of all routes whose condition it meets.

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import { defineTransform } from '../../component/define.ts';
import { portBatches } from '../../component/sort_events.ts';
import { joined, PORTS_MAX } from '../../engine/segment/step.ts';
import { decode, finish } from '../../event/batch.ts';
import type { Event } from '../../event/event.ts';
import { bool, map, object } from '../../schema/schema.ts';

const UNMATCHED = '_unmatched';
const NO_ROUTE = 'Events matched no route';

const options = object(
  'Split a stream of events into multiple sub-streams based on user-supplied conditions.',
  {
    route: map(
      condition('The condition of a route.'),
      'The routes by name: each is an output, `<transform>.<route>`, of the events that meet its condition.',
      { examples: [{ errors: '.level == "error"' }] },
    ),
    reroute_unmatched: bool('Whether events that no route takes go to the output `_unmatched`, or are dropped.', {
      default: true,
    }),
  },
  {
    required: true,
    checkAll: ({ route }: { readonly route: ReadonlyMap<string, unknown> }) =>
      [UNMATCHED, '_default']
        .filter((name) => route.has(name))
        .map((name) => [['route', name], `\`${name}\` cannot be the name of a route`] as const),
  },
);

export const transform = defineTransform({
  type: 'route',
  status: 'stable',
  summary: 'Split a stream of events into multiple sub-streams based on user-supplied conditions.',
  options,
  examples: [
    {
      title: 'Errors in one direction, the rest in another',
      config: `route:\n  errors: .level == "error"\n  debug: .level == "debug"`,
    },
  ],
  sample: { reroute_unmatched: true, route: { 'route-name': '.message == "value"' } },
  inputs: () => ['log', 'metric', 'trace'],
  outputs: ({ route, reroute_unmatched }, types) => [
    ...[...route.keys()].map((port) => ({ port, types })),
    ...(reroute_unmatched ? [{ port: UNMATCHED, types }] : []),
  ],
  verify: ({ route }, setting) => [...route].flatMap(([name, one]) => conditionProblems(one, setting, ['route', name])),
  build({ route, reroute_unmatched }, context) {
    const routes = [...route].map(([port, one]) => ({ port, condition: buildCondition(one, context) }));
    const ports = [...routes.map(({ port }) => port), ...(reroute_unmatched ? [UNMATCHED] : [])];
    return {
      step() {
        if (ports.length > PORTS_MAX) return `it has more than ${PORTS_MAX} outputs`;
        let unmatched = 0;
        return {
          needs: joined(routes.map(({ condition }) => condition.needs)),
          run(event) {
            let bits = 0;
            for (let i = 0; i < routes.length; i++) if (routes[i]!.condition.check('log', event)) bits |= 1 << i;
            if (bits !== 0) return bits;
            if (reroute_unmatched) return 1 << routes.length;
            unmatched += 1;
            return 0;
          },
          settle() {
            context.faults.discarded(unmatched, NO_ROUTE, true);
            unmatched = 0;
          },
        };
      },
      process(given, emit) {
        const batch = decode(given);
        const sorted = new Map<string, Event[]>(ports.map((port) => [port, []]));
        let unmatched = 0;
        for (const event of batch.events) {
          let matched = false;
          for (const one of routes) {
            if (!one.condition.check(batch.type, event)) continue;
            matched = true;
            sorted.get(one.port)!.push(event);
          }
          if (matched) continue;
          unmatched += 1;
          sorted.get(UNMATCHED)?.push(event);
        }
        if (!reroute_unmatched) context.faults.discarded(unmatched, NO_ROUTE, true);
        const batches = portBatches(batch, sorted);
        if (batches.length === 0) finish(batch);
        for (const [port, one] of batches) emit(one, port);
      },
    };
  },
});
