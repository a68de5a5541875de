// What the source counts beside what all sources that follow files count.

import type { SourceContext } from '../../component/context.ts';
import { type Counter, defineCounter } from '../../telemetry/telemetry.ts';

const dockerFailures = defineCounter({
  name: 'k8s_docker_format_parse_failures_total',
  doc: 'Lines that begin like those of Docker and cannot be read.',
});
const edgeCases = defineCounter({
  name: 'k8s_format_picker_edge_cases_total',
  doc: 'Lines that are neither in the format of Docker nor of a container runtime.',
});
const namespaceFailures = defineCounter({
  name: 'k8s_event_namespace_annotation_failures_total',
  doc: 'Events without metadata of their namespace.',
});
const nodeFailures = defineCounter({
  name: 'k8s_event_node_annotation_failures_total',
  doc: 'Events without metadata of their node.',
});
const truncated = defineCounter({
  name: 'k8s_merged_line_truncated_total',
  doc: 'Merged messages that were cut to `max_merged_line_bytes`.',
});
const TOO_LONG = 'Found line that exceeds max_merged_line_bytes; discarding.';

export class KubernetesLogsMetrics {
  readonly #context: SourceContext;
  readonly #docker: Counter;
  readonly #edge: Counter;
  readonly #namespace: Counter;
  readonly #node: Counter;
  readonly #truncated: Counter;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#docker = context.counter(dockerFailures);
    this.#edge = context.counter(edgeCases);
    this.#namespace = context.counter(namespaceFailures);
    this.#node = context.counter(nodeFailures);
    this.#truncated = context.counter(truncated);
  }

  /** `count` events went out without all that should be on them. */
  unannotated(count: number, file: string, lacksPod: boolean, lacksNamespace: boolean, lacksNode: boolean): void {
    if (lacksNamespace) this.#namespace.add(count);
    if (lacksNode) this.#node.add(count);
    if (!lacksPod) return;
    const kind = { type: 'reader_failed', stage: 'processing', code: 'annotation_failed', fields: { file } } as const;
    this.#context.faults.error('Failed to annotate event with pod metadata.', kind, count);
  }

  unreadable(format: 'cri' | 'docker'): void {
    (format === 'docker' ? this.#docker : this.#edge).add(1);
    this.#context.faults.error('A line is in no format of container logs; it goes on as it is.', {
      type: 'parser_failed',
      stage: 'processing',
    });
  }

  tooLong(bytes: number, action: 'drop' | 'truncate'): void {
    if (action === 'truncate') this.#truncated.add(1);
    else this.#context.faults.discarded(1, TOO_LONG, true, { line_bytes: bytes });
  }

  limit(): void {
    this.#context.faults.error(
      'A message of several parts was sent on before its end: it, or all of them, grew too large.',
      {
        type: 'condition_failed',
        stage: 'processing',
        code: 'multiline_limit',
      },
    );
  }
}
