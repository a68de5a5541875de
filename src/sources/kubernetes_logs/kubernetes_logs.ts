// Collects the logs of the pods of this node from their files, with what the API server knows of each pod on every event.
//
//   API server ── net/kubernetes: pods, namespaces, this node ──► pod_directory   whose files are read, and their fields
//   <root>/<namespace>_<pod>_<uid>/<container>/*.log ──► pod_paths ──► component/tail ──► container_lines ──► events

import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SourceContext } from '../../component/context.ts';
import { defineSource, type Source } from '../../component/define.ts';
import { fieldKey, fieldKeyOr, keyOrElse } from '../../component/source_keys.ts';
import { Checkpoints } from '../../component/tail/checkpoints.ts';
import { filesMax } from '../../component/tail/descriptor_limit.ts';
import { FileSet } from '../../component/tail/file_set.ts';
import { Follower } from '../../component/tail/follower.ts';
import { LineReader } from '../../component/tail/line_reader.ts';
import { loadCheckpoints } from '../../component/tail/load_checkpoints.ts';
import { LocalDisk } from '../../component/tail/local_disk.ts';
import { FileMetrics } from '../../component/tail/metrics.ts';
import { seenBytes } from '../../component/tail/tail.ts';
import { type Path, parsePath } from '../../event/path.ts';
import { namedZone, UTC } from '../../event/timezone.ts';
import { findAccess } from '../../net/kubernetes/access.ts';
import { Kubernetes } from '../../net/kubernetes/kubernetes.ts';
import { parseFieldSelector, parseLabelSelector, type Selector } from '../../net/kubernetes/selector.ts';
import { array, bool, type ConfigOf, object, oneOf, ParseProblem, parsed, string, uint } from '../../schema/schema.ts';
import { sleep } from '../../std/clock.ts';
import { type Glob, parseGlob } from '../../std/glob.ts';
import { version } from '../../std/version.ts';
import { annotations, type FieldNames } from './annotations.ts';
import { containerLayout } from './container_layout.ts';
import { ContainerLines, type Surroundings } from './container_lines.ts';
import { HeaderTimes } from './header_times.ts';
import { KubernetesLogsMetrics } from './metrics.ts';
import { PodDirectory } from './pod_directory.ts';
import { logOf, parseLogPath } from './pod_path.ts';
import { PodPaths } from './pod_paths.ts';

const globs = (doc: string, patterns: string[]) =>
  parsed(array(string('A path or pattern.', { syntax: 'path' }), doc, { default: patterns }), (sources) => {
    const found: Glob[] = [];
    for (const source of sources) {
      const glob = parseGlob(source);
      if (typeof glob === 'string') return new ParseProblem(glob);
      found.push(glob);
    }
    return found;
  });

const labelSelector = (doc: string, examples: readonly string[]) =>
  parsed(string(doc, { default: '', examples }), (source) => {
    const selector = parseLabelSelector(source);
    return typeof selector === 'string' ? new ParseProblem(selector) : selector;
  });

const podField = (name: string, doc: string) => fieldKeyOr(`.kubernetes.${name}`, doc);

const options = {
  self_node_name: string('The name of the node whose pods are read. The manifest of the agent sets the variable.', {
    default: '${VECTOR_SELF_NODE_NAME}',
    placeholder: true,
  }),
  kube_config_file: string(
    'A kubeconfig file that says how the API server is reached. Absent, KUBECONFIG, `~/.kube/config` and the service account of the pod are tried.',
    { optional: true, syntax: 'path', examples: ['/path/to/.kube/config'] },
  ),
  use_apiserver_cache: bool(
    'Whether lists come from the cache of the API server: cheaper for it, and at times a little old.',
    { default: false },
  ),
  extra_label_selector: labelSelector(
    'Pods to read, by their labels, besides those excluded by `vector.dev/exclude=true`.',
    ['my_custom_label!=my_value'],
  ),
  extra_field_selector: parsed(
    string('Pods to read, by their fields.', { default: '', examples: ['metadata.name!=pod-name-to-exclude'] }),
    (source) => {
      const selector = parseFieldSelector(source);
      return typeof selector === 'string' ? new ParseProblem(selector) : selector;
    },
  ),
  extra_namespace_label_selector: labelSelector(
    'Namespaces whose pods are read, by their labels, besides those excluded by `vector.dev/exclude=true`.',
    ['my_custom_label!=my_value'],
  ),
  insert_namespace_fields: bool(
    'Whether namespaces are followed too. Without it events have no labels of them, and none is excluded by its labels.',
    { default: true },
  ),
  delay_deletion_ms: uint('How long the metadata of a deleted pod is kept for the last lines of its logs.', {
    default: 60_000,
    unit: 'milliseconds',
  }),
  pod_annotation_fields: object(
    'The fields that what is known of pod and container is put into; an empty name adds none.',
    {
      container_id: podField('container_id', 'The field for the id of the container.'),
      container_image: podField('container_image', 'The field for the image of the container.'),
      container_image_id: podField('container_image_id', 'The field for the id of the image of the container.'),
      container_name: podField('container_name', 'The field for the name of the container.'),
      pod_annotations: podField('pod_annotations', 'The field for the annotations of the pod.'),
      pod_ip: podField('pod_ip', 'The field for the address of the pod.'),
      pod_ips: podField('pod_ips', 'The field for all addresses of the pod.'),
      pod_labels: podField('pod_labels', 'The field for the labels of the pod.'),
      pod_name: podField('pod_name', 'The field for the name of the pod.'),
      pod_namespace: podField('pod_namespace', 'The field for the namespace of the pod.'),
      pod_node_name: podField('pod_node_name', 'The field for the name of the node.'),
      pod_owner: podField('pod_owner', 'The field for what the pod belongs to, as `Kind/name`.'),
      pod_uid: podField('pod_uid', 'The field for the uid of the pod.'),
    },
    { aliases: ['annotation_fields'] },
  ),
  namespace_annotation_fields: object('The fields that what is known of the namespace is put into.', {
    namespace_labels: podField('namespace_labels', 'The field for the labels of the namespace.'),
  }),
  node_annotation_fields: object('The fields that what is known of the node is put into.', {
    node_labels: podField('node_labels', 'The field for the labels of the node.'),
  }),
  include_paths_glob_patterns: globs('Log files to read, by patterns of their whole path.', ['**/*']),
  exclude_paths_glob_patterns: globs('Log files that are left out, by patterns of their whole path.', [
    '**/*.gz',
    '**/*.tmp',
  ]),
  auto_partial_merge: bool('Whether messages that the container runtime split are put together again.', {
    default: true,
  }),
  max_merged_line_bytes: uint(
    'Longest merged message. Absent, messages of up to 4 MiB are put together, and longer ones go out in pieces.',
    { optional: true, unit: 'bytes' },
  ),
  max_merged_line_action: oneOf(['drop', 'truncate'], 'What becomes of a merged message that is too long.', {
    default: 'drop',
  }),
  max_line_bytes: uint('Longest line of a file, with its header. A longer one is dropped and counted.', {
    default: 32_768,
    unit: 'bytes',
  }),
  max_read_bytes: uint('How much of one file is read before another one has its turn; one read at least.', {
    default: 2048,
    unit: 'bytes',
  }),
  read_from: oneOf(
    ['beginning', 'end'],
    'Where to begin in files that are there at the start and were not read before.',
    {
      default: 'beginning',
    },
  ),
  ignore_older_secs: uint('Files that have not changed for so long are not read, but for what is added to them.', {
    optional: true,
    unit: 'seconds',
    examples: [600],
  }),
  oldest_first: bool('Whether older files are read to their end before newer ones.', { default: true }),
  fingerprint_lines: uint('Lines that tell a file from others. A file with fewer lines is not read yet.', {
    default: 1,
    unit: 'lines',
  }),
  glob_minimum_cooldown_ms: uint(
    'Time between two readings of all folders. Whether a folder changed is asked every second, as logs are rotated.',
    { default: 60_000, unit: 'milliseconds' },
  ),
  rotate_wait_secs: uint('How long a file that was removed is kept open.', { default: 2 ** 63, unit: 'seconds' }),
  ingestion_timestamp_field: fieldKey('The field that gets the time of arrival; absent, none does.', [
    '.ingestion_timestamp',
  ]),
  timezone: string('The time zone of times in log files that name none: an IANA name, or `local`.', {
    optional: true,
    examples: ['local', 'America/New_York'],
  }),
  data_dir: string('The folder for positions in files, in place of the global `data_dir`.', {
    optional: true,
    syntax: 'path',
    examples: ['/var/local/lib/vector/'],
  }),
  internal_metrics: object('What the metrics of this source say.', {
    include_file_tag: bool('Whether metrics have a label with the path of the file.', { default: false }),
  }),
} as const;

type Config = ConfigOf<typeof options>;

export const source = defineSource({
  type: 'kubernetes_logs',
  status: 'stable',
  summary: 'Collect the logs of Kubernetes pods.',
  options,
  examples: [
    { title: 'All pods of the node', config: '{}' },
    {
      title: 'Only production, and no image ids',
      config: `extra_label_selector: environment=production
pod_annotation_fields:
  container_image_id: ""`,
    },
  ],
  outputs: () => [{ port: undefined, types: ['log'] }],
  acknowledges: true,
  build: (config, context) => buildSource(config, context),
});

/** Where the kubelet keeps logs, unless its `podLogsDir` says otherwise. */
const ROOT = '/var/log/pods';

/** Folders and quiet files are looked at this often. */
const LOOK_MS = 1_000;

/** Reading waits so long at most for the server to name the pods. */
const SYNC_MAX_MS = 30_000;

const EXCLUDE = parseLabelSelector('vector.dev/exclude!=true') as Selector;

const STREAM = parsePath('stream') as Path;

function buildSource(config: Config, context: SourceContext): Source {
  if (config.self_node_name === '' || config.self_node_name.startsWith('${'))
    throw new Error('`self_node_name` is not set: put the name of the node into it, or into VECTOR_SELF_NODE_NAME');
  const { clock, random, log } = context;
  const access = findAccess(config.kube_config_file);
  const kubernetes = Kubernetes.at(access, {
    clock,
    random,
    log,
    recorder: context,
    memory: context,
    userAgent: `Sluice/${version()}`,
  });
  const metrics = new KubernetesLogsMetrics(context);
  const fileMetrics = new FileMetrics(context, config.internal_metrics.include_file_tag);
  const checkpoints = new Checkpoints(context.stateDir(config.data_dir));
  const ignoreBeforeMs =
    config.ignore_older_secs === undefined ? undefined : clock.now() - config.ignore_older_secs * 1000;
  const directory = new PodDirectory({
    kubernetes,
    clock,
    nodeName: config.self_node_name,
    usesCache: config.use_apiserver_cache,
    hasNamespaces: config.insert_namespace_fields,
    delayDeletionMs: config.delay_deletion_ms,
    podLabels: [EXCLUDE, config.extra_label_selector],
    podFields: config.extra_field_selector,
    namespaceLabels: [EXCLUDE, config.extra_namespace_label_selector],
    onChange: (concerns) => {
      files.renew((path) => {
        const parsedPath = parseLogPath(path);
        return parsedPath !== undefined && concerns(parsedPath);
      });
      files.lookSoon();
    },
  });
  // The kubelet keeps logs on a disk of its node.
  const disk = new LocalDisk();
  const paths = new PodPaths({
    disk,
    root: process.env['SLUICE_POD_LOGS_DIR'] ?? ROOT,
    include: config.include_paths_glob_patterns,
    exclude: config.exclude_paths_glob_patterns,
    directory,
    rereadMs: config.glob_minimum_cooldown_ms,
    monotonic: () => clock.monotonic(),
    wall: () => clock.now(),
    onCompressed: (path) => lostToCompression(path, files, fileMetrics),
  });
  context.owns('pods', { bytes: () => directory.bytes });
  const surroundings = lineSurroundings(metrics);
  context.owns('unfinished messages', { place: 'native', bytes: () => surroundings.heldBytes });
  const merge = {
    merges: config.auto_partial_merge,
    maxBytes: config.max_merged_line_bytes,
    action: config.max_merged_line_action,
  };
  const maxLineBytes = config.max_line_bytes;
  const files: FileSet = new FileSet(
    context,
    {
      paths: paths.find,
      strategy: { strategy: 'checksum', ignored_header_bytes: 0, lines: config.fingerprint_lines },
      maxLineBytes,
      cooldownMs: LOOK_MS,
      readFrom: config.read_from,
      ignoresCheckpoints: false,
      ignoresNotFound: true,
      ignoreBeforeMs,
      filesMax: filesMax(),
      minds: true,
      isLeftOut: paths.leavesOut,
      disk,
      logOf,
      assembler: () => new ContainerLines(merge, surroundings),
    },
    fileMetrics,
    checkpoints,
  );
  const follower = new Follower({
    context,
    options: {
      cooldownMs: LOOK_MS,
      maxReadBytes: config.max_read_bytes,
      oldestFirst: config.oldest_first,
      removeAfterMs: undefined,
      rotateWaitMs: config.rotate_wait_secs * 1000,
    },
    metrics: fileMetrics,
    checkpoints,
    files,
    readerOf: (output) =>
      new LineReader(
        context,
        { delimiter: Buffer.from('\n'), unitBytes: 1, maxLineBytes, decode: undefined },
        formOf(config, context, directory, metrics),
        fileMetrics,
        output,
      ),
    load: async (stop) => {
      await loadCheckpoints(checkpoints, ignoreBeforeMs, context);
      await Promise.race([directory.synced, sleep(clock, SYNC_MAX_MS, stop)]);
      if (!directory.isSynced && !stop.aborted)
        log.warn('The Kubernetes API has not answered; logs are read without the metadata of their pods.');
    },
  });
  return {
    run: async (output, stop) => {
      try {
        await follower.run(output, stop);
      } finally {
        await directory.close();
      }
    },
    close: () => follower.close(),
  };
}

/** How the lines of a file become events, by what is known of its pod when it is first needed. */
function formOf(config: Config, context: SourceContext, directory: PodDirectory, metrics: KubernetesLogsMetrics) {
  const times = new HeaderTimes(namedZone(config.timezone ?? context.globals.timezone) ?? UTC);
  const names: FieldNames = {
    pod: config.pod_annotation_fields,
    namespaceLabels: config.namespace_annotation_fields.namespace_labels,
    nodeLabels: config.node_annotation_fields.node_labels,
  };
  return (path: string, identity: Parameters<typeof containerLayout>[0]) => {
    const folder = parseLogPath(path)!;
    const facts = directory.facts(folder);
    const layout = containerLayout(identity, {
      fields: annotations(path, folder, facts, names),
      times,
      marksPartial: !config.auto_partial_merge,
      ingestionKey: keyOrElse(config.ingestion_timestamp_field, undefined),
      streamKey: STREAM,
    });
    const isNamespaceMissing = config.insert_namespace_fields && !facts.namespace;
    const isWhole = facts.pod && facts.node && !isNamespaceMissing;
    const onSent = isWhole
      ? undefined
      : (count: number) => metrics.unannotated(count, path, !facts.pod, isNamespaceMissing, !facts.node);
    return { layout, onSent };
  };
}

function lineSurroundings(metrics: KubernetesLogsMetrics): Surroundings {
  return {
    heldBytes: 0,
    onUnreadable: (format) => metrics.unreadable(format),
    onTooLong: (bytes, action) => metrics.tooLong(bytes, action),
    onLimit: () => metrics.limit(),
  };
}

/**
 * A file was compressed whose name was never seen. Unless it is one that was followed under the name it had before, it
 * came and went between two looks, and its content is counted as lost.
 */
async function lostToCompression(path: string, files: FileSet, metrics: FileMetrics): Promise<void> {
  const trailer = Buffer.alloc(4);
  let sizeBytes = 0;
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      await file.read(trailer, 0, 4, Math.max(0, size - 4));
      sizeBytes = trailer.readUInt32LE();
    } finally {
      await file.close();
    }
  } catch {
    return;
  }
  const folder = dirname(path);
  for (const tail of files.tails) {
    if (dirname(tail.path) === folder && Math.max(seenBytes(tail), tail.facts.sizeBytes) % 2 ** 32 === sizeBytes)
      return;
  }
  metrics.lost(path, sizeBytes);
}
