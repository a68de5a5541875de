// Runs a VRL program on every event.

import type { TransformContext } from '../../component/context.ts';
import { defineTransform } from '../../component/define.ts';
import { cutProgram } from '../../component/program_step.ts';
import {
  builtProgram,
  compileProgram,
  type ProgramText,
  programProblems,
  readProgram,
} from '../../component/programs.ts';
import { namedZone } from '../../event/timezone.ts';
import { array, bool, type ConfigOf, object, oneOf, type Problem, string } from '../../schema/schema.ts';
import { remapStep } from './remap_step.ts';
import { type Outcome, RemapRunner } from './run_program.ts';

const options = object(
  'Modify your observability data as it passes through your topology using Vector Remap Language (VRL).',
  {
    source: string('The program.', {
      optional: true,
      program: true,
      syntax: 'vrl',
      examples: [
        '. = parse_json!(.message)\n.new_field = "new value"\n.status = to_int!(.status)\n.duration = parse_duration!(.duration, "s")',
      ],
    }),
    file: string('The file that holds the program.', {
      optional: true,
      syntax: 'path',
      examples: ['./my/program.vrl'],
    }),
    files: array(string('A file.', { syntax: 'path' }), 'Files that hold the program, one part after the other.', {
      optional: true,
      examples: [['./my/shared.vrl', './my/program.vrl']],
    }),
    metric_tag_values: oneOf(
      ['single', 'full', 'auto'],
      'How programs see the tags of metrics: `single` as the last text of each, `full` as the list of its values.',
      { default: 'single' },
    ),
    timezone: string('The time zone of times that name none; the global one unless given.', {
      optional: true,
      examples: ['local', 'America/New_York'],
      validate: (name) =>
        name === 'local' || namedZone(name) !== undefined ? undefined : `there is no time zone \`${name}\``,
    }),
    drop_on_error: bool(
      'Whether events are dropped on which the program fails. Otherwise they go on as they were before.',
      { default: false },
    ),
    drop_on_abort: bool(
      'Whether events are dropped on which the program aborts. Otherwise they go on as they were before.',
      { default: true },
    ),
    reroute_dropped: bool(
      'Whether dropped events go to the output `dropped`, as they were before, with the reason added.',
      { default: false },
    ),
    runtime: oneOf(['ast'], 'How programs are run.', { default: 'ast', hidden: true }),
  },
  {
    required: true,
  },
);

type Config = ConfigOf<typeof options>;

export const transform = defineTransform({
  type: 'remap',
  status: 'stable',
  summary: 'Modify your observability data as it passes through your topology using Vector Remap Language (VRL).',
  options,
  examples: [
    { title: 'Parse JSON', config: `source: |\n  . = parse_json!(.message)\n  .received = now()` },
    {
      title: 'Keep what could not be parsed apart',
      config: `drop_on_error: true\nreroute_dropped: true\nsource: . |= parse_syslog!(.message)`,
    },
  ],
  sample: {
    metric_tag_values: 'single',
    drop_on_error: false,
    drop_on_abort: false,
    reroute_dropped: false,
    runtime: 'ast',
  },
  inputs: () => ['log', 'metric', 'trace'],
  outputs: ({ reroute_dropped }, types) => [
    { port: undefined, types },
    ...(reroute_dropped ? [{ port: DROPPED, types }] : []),
  ],
  files: (config) => filesOf(config),
  verify(config, setting) {
    const wrong = wrongSources(config);
    if (wrong) return [wrong];
    const text = programOf(config);
    if (!('source' in text)) return [text];
    return programProblems(compileProgram(text.source, setting, { timezone: config.timezone }), text, text.path);
  },
  writes: true,
  build(config, context) {
    const text = programOf(config);
    if (!('source' in text)) throw new Error(text.message);
    const program = builtProgram(text.source, context, {
      timezone: config.timezone,
      coverage: context.coverage !== undefined,
    });
    context.coverage?.({ source: text.source, lines: () => program.coverage ?? new Map() });
    const options = { ...config, fullTags: config.metric_tag_values !== 'single' };
    const runner = new RemapRunner(program, options, context);
    return {
      recipe: { ...config, source: text.source, file: undefined, files: undefined },
      step() {
        if (context.coverage) return 'the lines of its program are counted';
        const cut = cutProgram(text.source, context, { timezone: config.timezone });
        return typeof cut === 'string'
          ? cut
          : remapStep(cut, options, context, (outcome) => count(outcome, config, context));
      },
      process(batch, emit) {
        if (batch.kind === 'raw') throw new Error('the events were to be decoded');
        const outcome = runner.run(batch);
        count(outcome, config, context);
        for (const [port, one] of outcome.batches) emit(one, port);
      },
    };
  },
});

export const DROPPED = 'dropped';

/** The program is given in one way. */
function wrongSources(config: Config): Problem | undefined {
  const given = (['source', 'file', 'files'] as const).filter((name) => config[name] !== undefined);
  if (given.length === 1) return undefined;
  const message = 'must provide exactly one of `source` or `file` or `files` configuration';
  if (given.length === 0) return { severity: 'error', path: [], message };
  const hint = `${given.map((name) => `\`${name}\``).join(' and ')} are there: keep one of them`;
  return { severity: 'error', path: [given[1]!], message, hint };
}

function filesOf({ file, files }: Config): readonly string[] {
  return file === undefined ? (files ?? []) : [file];
}

/** The whole program, and where it is named; or what is wrong with that. */
function programOf(config: Config): (ProgramText & { readonly path: Problem['path'] }) | Problem {
  if (config.source !== undefined) return { source: config.source, path: ['source'] };
  const option = config.file === undefined ? 'files' : 'file';
  const parts: string[] = [];
  for (const [index, file] of filesOf(config).entries()) {
    const path = option === 'file' ? ['file'] : ['files', index];
    const text = readProgram(file);
    if (typeof text === 'string') return { severity: 'error', path, message: text };
    parts.push(text.source);
  }
  return { source: parts.join('\n'), file: filesOf(config).join(', '), path: [option] };
}

/** Counts what failed and what was dropped. */
function count(
  { failed, aborted }: Pick<Outcome, 'failed' | 'aborted'>,
  config: Config,
  { faults }: TransformContext,
): void {
  if (failed.count > 0) {
    faults.error(
      'Mapping failed with event.',
      { type: 'conversion_failed', stage: 'processing', fields: { error: failed.reason } },
      failed.count,
    );
    if (config.drop_on_error) faults.discarded(failed.count, 'Mapping failed with event.', false);
  }
  if (config.drop_on_abort) faults.discarded(aborted.count, 'Event mapping aborted.', true);
}
