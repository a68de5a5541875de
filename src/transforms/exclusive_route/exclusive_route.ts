// Sends each event to the output of the first route whose condition it meets.

import { buildCondition, condition, conditionProblems } from '../../component/condition.ts';
import { defineTransform } from '../../component/define.ts';
import { portBatches } from '../../component/sort_events.ts';
import { joined, PORTS_MAX } from '../../engine/segment/step.ts';
import { decode } from '../../event/batch.ts';
import type { Event } from '../../event/event.ts';
import { array, object, string } from '../../schema/schema.ts';

const UNMATCHED = '_unmatched';

const options = object(
  'Split a stream of events into unique sub-streams based on user-supplied conditions.',
  {
    routes: array(
      object('A route.', {
        name: string('The name of the route and of its output, `<transform>.<name>`.', { examples: ['errors'] }),
        condition: condition('The condition of the route.'),
      }),
      'The routes in the order in which they are tried.',
      { examples: [[{ name: 'errors', condition: '.level == "error"' }]] },
    ),
  },
  {
    required: true,
    checkAll: ({ routes }: { readonly routes: readonly { readonly name: string }[] }) => {
      const names = routes.map(({ name }) => name);
      return names.flatMap((name, index) => {
        const problem =
          name === UNMATCHED || name === '_default'
            ? `\`${name}\` cannot be the name of a route`
            : names.indexOf(name) < index
              ? `there are two routes \`${name}\``
              : undefined;
        return problem === undefined ? [] : [[['routes', index, 'name'], problem] as const];
      });
    },
  },
);

export const transform = defineTransform({
  type: 'exclusive_route',
  status: 'beta',
  summary: 'Split a stream of events into unique sub-streams based on user-supplied conditions.',
  options,
  examples: [
    {
      title: 'Each event in one direction',
      config: `routes:\n  - name: errors\n    condition: .level == "error"\n  - name: web\n    condition: .service == "web"`,
    },
  ],
  sample: { routes: [{ name: 'route-name', condition: '.message == "value"' }] },
  inputs: () => ['log', 'metric', 'trace'],
  outputs: ({ routes }, types) => [...routes.map(({ name }) => ({ port: name, types })), { port: UNMATCHED, types }],
  verify: ({ routes }, setting) =>
    routes.flatMap((one, index) => conditionProblems(one.condition, setting, ['routes', index, 'condition'])),
  build({ routes }, context) {
    const built = routes.map((one) => ({ port: one.name, condition: buildCondition(one.condition, context) }));
    return {
      step() {
        if (built.length >= PORTS_MAX) return `it has more than ${PORTS_MAX} outputs`;
        return {
          needs: joined(built.map(({ condition }) => condition.needs)),
          run(event) {
            for (let i = 0; i < built.length; i++) if (built[i]!.condition.check('log', event)) return 1 << i;
            return 1 << built.length;
          },
        };
      },
      process(given, emit) {
        const batch = decode(given);
        const sorted = new Map<string, Event[]>(
          [...built.map(({ port }) => port), UNMATCHED].map((port) => [port, []]),
        );
        for (const event of batch.events) {
          const route = built.find((one) => one.condition.check(batch.type, event));
          sorted.get(route?.port ?? UNMATCHED)!.push(event);
        }
        for (const [port, one] of portBatches(batch, sorted)) emit(one, port);
      },
    };
  },
});
