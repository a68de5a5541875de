// Collects the output of a command that runs at intervals, or runs all the time.

import { decoding } from '../../codecs/decoding/options.ts';
import { framing } from '../../codecs/framing/options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource } from '../../component/define.ts';
import { decodedTypes, sourceCodec } from '../../component/source_codec.ts';
import { StreamIntake } from '../../component/stream_intake.ts';
import { array, bool, map, object, oneOf, string, uint } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { type Command, type Finished, runCommand } from './command.ts';
import { commandExecuted, commandSeconds } from './metrics.ts';

export const source = defineSource({
  type: 'exec',
  status: 'stable',
  summary: 'Collect output from a process running on the host.',
  options: {
    clear_environment: bool('Whether the command starts without the environment of this process.', { default: false }),
    command: array(string('The program or an argument.'), 'The program to run, and its arguments.', {
      examples: [
        ['echo', 'Hello World!'],
        ['ls', '-la'],
      ],
      validate: (words) => (words.length > 0 && words[0] !== '' ? undefined : 'must name a program'),
    }),
    decoding: decoding(),
    environment: map(string('The value.'), 'Variables to set, or to set anew, for the command.', {
      optional: true,
      examples: [{ LANG: 'es_ES.UTF-8', TZ: 'Etc/UTC', PATH: '/bin:/usr/bin:/usr/local/bin' }],
    }),
    framing: framing(),
    include_stderr: bool('Whether what the command writes on standard error is collected too.', { default: true }),
    maximum_buffer_size_bytes: uint(
      'Most bytes of output that are read before they are looked at. Reads are never larger than 64 KiB.',
      { default: 1_000_000, min: 1, unit: 'bytes' },
    ),
    mode: oneOf(['scheduled', 'streaming'], 'Whether the command runs at intervals or all the time.'),
    scheduled: object('Options of the mode `scheduled`.', {
      exec_interval_secs: uint('Seconds from one start to the next. A run that takes longer is ended.', {
        default: 60,
        min: 1,
        unit: 'seconds',
      }),
    }),
    streaming: object('Options of the mode `streaming`.', {
      respawn_interval_secs: uint('Seconds before a command that ended is started again.', {
        default: 5,
        unit: 'seconds',
      }),
      respawn_on_exit: bool('Whether a command that ended is started again.', { default: true }),
    }),
    working_directory: string('The folder that the command runs in.', { optional: true, syntax: 'path' }),
  },
  examples: [
    {
      title: 'A report every minute',
      config: 'mode: scheduled\ncommand: ["df", "-h"]\nscheduled:\n  exec_interval_secs: 60',
    },
    {
      title: 'Follow a program',
      config: 'mode: streaming\ncommand: ["journalctl", "-f", "-o", "json"]\ndecoding:\n  codec: json',
    },
  ],
  outputs: (config) => [{ port: undefined, types: decodedTypes(config.decoding) }],
  acknowledges: false,
  build(config, context) {
    const codec = sourceCodec(config.decoding, config.framing, 'stream', context);
    const command: Command = {
      words: config.command,
      environment: config.environment,
      clearEnvironment: config.clear_environment,
      directory: config.working_directory,
      includeStderr: config.include_stderr,
    };
    return {
      async run(output, stop) {
        const receivedLabels = { command: config.command.join(' ') };
        const intake = new StreamIntake(context, { codec, protocol: 'none', receivedLabels }, output);
        const once = (limitMs?: number): Promise<void> => runOnce(context, command, intake, stop, limitMs);
        if (config.mode === 'scheduled') await schedule(context, config.scheduled.exec_interval_secs, once, stop);
        else await follow(context, config.streaming, once, stop);
        intake.close();
      },
    };
  },
});

/** Runs the command at once and then at every interval; one run never overlaps the next. */
async function schedule(
  context: SourceContext,
  intervalSecs: number,
  once: (limitMs: number) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  const { clock } = context;
  const intervalMs = intervalSecs * 1000;
  for (let next = clock.monotonic(); !stop.aborted; next += intervalMs) {
    const waitMs = next - clock.monotonic();
    if (waitMs > 0) await sleep(clock, waitMs, stop);
    if (!stop.aborted) await once(intervalMs);
  }
}

async function follow(
  context: SourceContext,
  {
    respawn_on_exit: respawn,
    respawn_interval_secs: seconds,
  }: { respawn_on_exit: boolean; respawn_interval_secs: number },
  once: () => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await once();
    if (!respawn) return;
    if (stop.aborted) return;
    context.log.warn('Streaming process ended before shutdown.', { respawn_secs: seconds });
    await sleep(context.clock, seconds * 1000, stop);
  }
}

async function runOnce(
  context: SourceContext,
  command: Command,
  intake: StreamIntake,
  stop: AbortSignal,
  limitMs: number | undefined,
): Promise<void> {
  const { clock, faults } = context;
  const line = command.words.join(' ');
  let finished: Finished;
  try {
    finished = await runCommand(command, {
      clock,
      stop,
      limitMs,
      read: (connection, stream, pid, onGone) =>
        intake.read(connection, { fields: fieldsOf(context, command.words, stream, pid) }, onGone),
    });
  } catch (error) {
    faults.error('Unable to exec.', {
      type: 'command_failed',
      stage: 'receiving',
      code: (error as NodeJS.ErrnoException).code ?? 'unknown',
      fields: { error: (error as Error).message, command: line },
    });
    return;
  }
  const labels = {
    command: line,
    exit_status: finished.exitCode === undefined ? 'unknown' : String(finished.exitCode),
  };
  context.counter(commandExecuted, labels).add(1);
  context.histogram(commandSeconds, labels).record(finished.seconds);
  if (finished.timedOut)
    faults.error('Timeout during exec.', {
      type: 'timed_out',
      stage: 'receiving',
      fields: { command: line, elapsed_secs: Math.round(finished.seconds) },
    });
}

function fieldsOf(context: SourceContext, words: readonly string[], stream: 'stdout' | 'stderr', pid: number) {
  const { hostname, logSchema } = context.globals;
  const at = (name: string) => ({ target: 'event', segments: [name] }) as const;
  const mode = 'insert_if_empty' as const;
  return [
    { name: ['stream'], legacyKey: at('stream'), mode, value: stream },
    { name: ['pid'], legacyKey: at('pid'), mode, value: pid },
    { name: ['command'], legacyKey: at('command'), mode, value: [...words] },
    { name: ['host'], legacyKey: logSchema.host, mode, value: hostname },
  ];
}
