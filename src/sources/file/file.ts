// Follows files as they grow, are rotated, truncated, compressed and removed, from the place where it left off.

import {
  LineMerger,
  type MergeBudget,
  type MultilineConfig,
  multiline,
  startsWith,
} from '../../codecs/multiline/multiline.ts';
import { sourceAcknowledgements } from '../../component/common_options.ts';
import type { SourceContext } from '../../component/context.ts';
import { defineSource } from '../../component/define.ts';
import type { SourceField } from '../../component/source_fields.ts';
import { fieldKey, fieldKeyOr, keyOrElse } from '../../component/source_keys.ts';
import { Checkpoints } from '../../component/tail/checkpoints.ts';
import { filesMax } from '../../component/tail/descriptor_limit.ts';
import { FileSet } from '../../component/tail/file_set.ts';
import { Follower } from '../../component/tail/follower.ts';
import { DELIMITER_MAX_BYTES, LineReader, type LineShape, textForm } from '../../component/tail/line_reader.ts';
import { globPaths } from '../../component/tail/listing.ts';
import { loadCheckpoints } from '../../component/tail/load_checkpoints.ts';
import { FileMetrics } from '../../component/tail/metrics.ts';
import {
  array,
  bool,
  type ConfigOf,
  object,
  oneOf,
  ParseProblem,
  parsed,
  string,
  uint,
  variants,
} from '../../schema/schema.ts';
import { parseGlob } from '../../std/glob.ts';
import { compilePattern, PatternProblem } from '../../std/pattern.ts';
import { bomRemovals, CharsetDecoder, encode, findCharset, malformedReplacements } from './charset.ts';

const globs = (doc: string) =>
  parsed(string(doc, { syntax: 'path' }), (source) => {
    const glob = parseGlob(source);
    return typeof glob === 'string' ? new ParseProblem(glob) : glob;
  });

const options = {
  include: array(globs('A path or pattern.'), 'The files to read: paths with `*`, `**`, `?` and `[a-z]`.', {
    examples: [['/var/log/**/*.log']],
  }),
  exclude: array(globs('A path or pattern.'), 'Files that are left out although `include` names them.', {
    default: [],
    examples: [['/var/log/binary-file.log']],
  }),
  file_key: fieldKeyOr('file', 'The field that gets the path of the file; an empty name adds none.'),
  host_key: fieldKey('The field that gets the name of this host, `log_schema.host_key` by default.'),
  offset_key: fieldKey('The field that gets the position of the line in its file; absent, none does.', ['offset']),
  data_dir: string('The folder for positions in files, in place of the global `data_dir`.', {
    optional: true,
    syntax: 'path',
    examples: ['/var/local/lib/vector/'],
  }),
  read_from: oneOf(
    ['beginning', 'end'],
    'Where to begin in files that are there at the start and were not read before.',
    {
      default: 'beginning',
    },
  ),
  ignore_checkpoints: bool('Whether stored positions are ignored and `read_from` holds for all files.', {
    optional: true,
  }),
  ignore_older_secs: uint('Files that have not changed for so long are not read, but for what is added to them.', {
    optional: true,
    unit: 'seconds',
    aliases: ['ignore_older'],
    examples: [600],
  }),
  ignore_not_found: bool('Whether a file that is gone when it is to be opened is no error.', { default: false }),
  oldest_first: bool('Whether older files are read to their end before newer ones.', { default: false }),
  max_line_bytes: uint('Longest line. A longer one is dropped and counted.', { default: 102_400, unit: 'bytes' }),
  max_read_bytes: uint(
    'How much of one file is read before another one has its turn. A turn is one read at least, of up to 256 KiB.',
    { default: 2048, unit: 'bytes' },
  ),
  glob_minimum_cooldown_ms: uint('Time between two searches for files, and between two writes of positions.', {
    default: 1000,
    unit: 'milliseconds',
    aliases: ['glob_minimum_cooldown'],
  }),
  rotate_wait_secs: uint('How long a file that was moved away or removed is kept open.', {
    default: 2 ** 63,
    unit: 'seconds',
    examples: [5],
  }),
  remove_after_secs: uint(
    'How long a file is kept after it was read and delivered to its end. Absent, none is removed.',
    { optional: true, unit: 'seconds', aliases: ['remove_after'], examples: [0, 5, 60] },
  ),
  line_delimiter: string('What ends a line.', {
    default: '\n',
    examples: ['\r\n'],
    validate: (text) =>
      text === ''
        ? 'must not be empty'
        : Buffer.byteLength(text) > DELIMITER_MAX_BYTES
          ? `must not be longer than ${DELIMITER_MAX_BYTES} bytes`
          : undefined,
  }),
  encoding: object(
    'The character set of the files, where it is not UTF-8.',
    {
      charset: parsed(
        string('The name of the character set, as the WHATWG encoding standard lists them.', {
          examples: ['utf-16le', 'iso-8859-1'],
        }),
        (label) => findCharset(label) ?? new ParseProblem(`there is no character set \`${label}\``),
      ),
    },
    { optional: true },
  ),
  fingerprint: variants(
    'How files are told apart, whatever their names are.',
    'strategy',
    {
      checksum: {
        ignored_header_bytes: uint('Bytes at the beginning that the checksum leaves out.', {
          default: 0,
          unit: 'bytes',
        }),
        lines: uint('Lines that the checksum covers. A file with fewer lines is not read yet.', {
          default: 1,
          unit: 'lines',
        }),
      },
      device_and_inode: {},
    },
    {},
    {
      default: 'checksum',
      tagDoc: 'By a checksum of the first lines, or by the numbers of device and inode.',
      aliases: ['fingerprinting'],
    },
  ),
  multiline: multiline(),
  internal_metrics: object('What the metrics of this source say.', {
    include_file_tag: bool('Whether metrics have a label with the path of the file.', { default: false }),
  }),
  acknowledgements: sourceAcknowledgements(),
  start_at_beginning: bool('Whether stored positions are ignored.', {
    optional: true,
    hidden: true,
    deprecated: 'use `ignore_checkpoints` and `read_from`',
  }),
  message_start_indicator: parsed(
    string('A regular expression that begins a message of several lines.', {
      optional: true,
      hidden: true,
      deprecated: 'use `multiline`',
      syntax: 'regex',
    }),
    (source) => {
      const pattern = compilePattern(source);
      return pattern instanceof PatternProblem ? new ParseProblem(pattern.message) : pattern;
    },
  ),
  multi_line_timeout: uint('How long to wait for a further line of a message.', {
    default: 1000,
    hidden: true,
    deprecated: 'use `multiline.timeout_ms`',
    unit: 'milliseconds',
  }),
} as const;

type Config = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'file',
  status: 'stable',
  summary: 'Collect logs from files.',
  options: object('Collect logs from files.', options, { checkAll: checkDelimiter }),
  examples: [
    { title: 'All logs below a folder', config: 'include: ["/var/log/**/*.log"]' },
    {
      title: 'Stack traces as one message each',
      config: `include: ["/srv/app/*.log"]
multiline:
  start_pattern: '^[^\\s]'
  mode: continue_through
  condition_pattern: '^[\\s]+'
  timeout_ms: 1000`,
    },
  ],
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: true,
  build(config, context) {
    const metrics = new FileMetrics(context, config.internal_metrics.include_file_tag);
    const checkpoints = new Checkpoints(context.stateDir(config.data_dir));
    const ignoreBeforeMs =
      config.ignore_older_secs === undefined ? undefined : context.clock.now() - config.ignore_older_secs * 1000;
    const merging = mergingOf(config);
    const budget = mergeBudget(context);
    const shape = lineShape(config, context);
    for (const { source: pattern, parts } of config.include) {
      if (parts.at(-1)?.kind === 'recursive')
        context.log.warn('A pattern that ends in `**` names folders and no files; end it in `**/*`', { pattern });
    }
    const files = new FileSet(
      context,
      {
        paths: globPaths(config.include, config.exclude),
        strategy: config.fingerprint,
        maxLineBytes: shape.maxLineBytes,
        cooldownMs: config.glob_minimum_cooldown_ms,
        readFrom: config.read_from,
        ignoresCheckpoints: config.ignore_checkpoints ?? config.start_at_beginning ?? false,
        ignoresNotFound: config.ignore_not_found,
        ignoreBeforeMs,
        filesMax: filesMax(),
        merger: (pending) => merging && new LineMerger(merging, budget, (merged) => void pending.push(merged)),
      },
      metrics,
      checkpoints,
    );
    return new Follower({
      context,
      options: {
        cooldownMs: config.glob_minimum_cooldown_ms,
        maxReadBytes: config.max_read_bytes,
        oldestFirst: config.oldest_first,
        removeAfterMs: config.remove_after_secs === undefined ? undefined : config.remove_after_secs * 1000,
        rotateWaitMs: config.rotate_wait_secs * 1000,
      },
      metrics,
      checkpoints,
      files,
      readerOf: (output) =>
        new LineReader(
          context,
          shape,
          textForm((path) => fields(config, context, path)),
          metrics,
          output,
        ),
      load: () => loadCheckpoints(checkpoints, ignoreBeforeMs, context),
    });
  },
});

/** The delimiter must be writable in the charset. */
function checkDelimiter({ line_delimiter, encoding }: Config) {
  return encoding && encode(encoding.charset, line_delimiter) === undefined
    ? [[['line_delimiter'], `cannot be written in the character set ${encoding.charset.name}`] as const]
    : [];
}

/** Lines longer than this cannot be made into one string safely, whatever `max_line_bytes` says. */
const LINE_MAX_BYTES = 268_435_456;

function lineShape({ encoding, line_delimiter, max_line_bytes }: Config, context: SourceContext): LineShape {
  const maxLineBytes = Math.min(max_line_bytes, LINE_MAX_BYTES);
  if (!encoding) return { delimiter: Buffer.from(line_delimiter), unitBytes: 1, maxLineBytes, decode: undefined };
  const { charset } = encoding;
  const decoder = new CharsetDecoder(charset, {
    boms: context.counter(bomRemovals),
    malformed: context.counter(malformedReplacements),
  });
  return {
    delimiter: encode(charset, line_delimiter)!,
    unitBytes: charset.unitBytes,
    maxLineBytes,
    decode: (line) => decoder.decode(line),
  };
}

function mergingOf({
  multiline: config,
  message_start_indicator,
  multi_line_timeout,
}: Config): MultilineConfig | undefined {
  return config ?? (message_start_indicator && startsWith(message_start_indicator, multi_line_timeout));
}

function mergeBudget(context: SourceContext): MergeBudget {
  return {
    heldBytes: 0,
    onLimit: (limit) =>
      context.faults.error(
        'A message of several lines was sent on before its end: it, or all of them, grew too large.',
        {
          type: 'condition_failed',
          stage: 'processing',
          code: 'multiline_limit',
          fields: { limit },
        },
      ),
  };
}

/** What the source knows about the lines of the file `path`. */
function fields(config: Config, { globals, logNamespace }: SourceContext, path: string): SourceField[] {
  const offsetKey = keyOrElse(config.offset_key, undefined);
  const fields: SourceField[] = [
    {
      name: ['host'],
      legacyKey: keyOrElse(config.host_key, globals.logSchema.host),
      mode: 'overwrite',
      value: globals.hostname,
    },
    { name: ['path'], legacyKey: keyOrElse(config.file_key, undefined), mode: 'overwrite', value: path },
  ];
  if (offsetKey || logNamespace === 'vector')
    fields.push({ name: ['offset'], legacyKey: offsetKey, mode: 'overwrite', value: (offset) => offset });
  return fields;
}
