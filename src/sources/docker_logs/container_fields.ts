// What is known about a container, and the events that carry it.

import type { SourceContext } from '../../component/context.ts';
import { fieldWriter, type SourceField } from '../../component/source_fields.ts';
import type { LogEvent } from '../../event/event.ts';
import { EMPTY_METADATA } from '../../event/metadata.ts';
import { setField } from '../../event/object.ts';
import { type Path, setPath } from '../../event/path.ts';
import { parseRfc3339, Timestamp } from '../../event/timestamp.ts';
import { isObject, type ObjectValue } from '../../event/value.ts';
import type { DockerStream } from './log_frames.ts';

/** A container as the engine describes it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly created: Timestamp;
  readonly labels: Readonly<Record<string, string>>;
  readonly isTerminal: boolean;
  readonly isRunning: boolean;
}

/** What the engine answers when it is asked about a container. Throws when something is missing. */
export function parseContainer(answer: unknown): Container {
  const {
    Id: id,
    Name: name,
    Created: created,
    Config: config,
    State: state,
  } = answer as Readonly<Record<string, unknown>>;
  const { Image: image, Labels: labels, Tty: tty } = (config ?? {}) as Readonly<Record<string, unknown>>;
  const time = parseRfc3339(String(created));
  if (typeof id !== 'string' || typeof name !== 'string' || typeof image !== 'string' || !time)
    throw new Error('the Docker engine described a container without its id, name, image or time');
  return {
    id,
    name: name.replace(/^\//, ''),
    image,
    created: time,
    labels: labelsOf(labels),
    isTerminal: tty === true,
    isRunning: (state as { readonly Running?: unknown } | undefined)?.Running === true,
  };
}

function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels ?? {}))
    if (typeof value === 'string') setField(kept as ObjectValue, name, value);
  return kept;
}

/** Makes the events of one container. */
export class ContainerFields {
  readonly id: string;
  readonly #context: SourceContext;
  readonly #partialField: Path | undefined;
  readonly #writer: ReturnType<typeof fieldWriter>;
  #stream: DockerStream = 'stdout';
  #time = Timestamp.fromMs(0);

  constructor(context: SourceContext, container: Container, hostKey: Path | undefined, partialField: Path | undefined) {
    const { globals, logNamespace } = context;
    this.id = container.id;
    this.#context = context;
    this.#partialField = partialField;
    const identity = { id: context.id, type: context.type, logSchema: globals.logSchema, logNamespace };
    const at = (name: string): Path => ({ target: 'event', segments: [name] });
    const field = (name: string, value: SourceField['value'], legacyKey: Path | undefined = at(name)): SourceField => ({
      name: [name],
      legacyKey,
      mode: 'overwrite',
      value,
    });
    const hasLabels = Object.keys(container.labels).length > 0;
    this.#writer = fieldWriter(identity, [
      { name: ['host'], legacyKey: hostKey, mode: 'overwrite', value: globals.hostname },
      field('container_id', container.id),
      field('image', container.image),
      field('container_name', container.name),
      field('container_created_at', container.created),
      ...(hasLabels ? [field('labels', container.labels as ObjectValue, at('label'))] : []),
      field('stream', () => this.#stream),
      { name: ['timestamp'], legacyKey: globals.logSchema.timestamp, mode: 'overwrite', value: () => this.#time },
    ]);
  }

  event(text: string | Uint8Array, stream: DockerStream, time: Timestamp, isPartial: boolean): LogEvent {
    const { clock, globals, logNamespace } = this.#context;
    const value: ObjectValue = {};
    const { message } = globals.logSchema;
    if (message?.target === 'event') setPath(value, message.segments, text);
    const event: LogEvent = { value: logNamespace === 'vector' ? text : value, metadata: EMPTY_METADATA };
    this.#stream = stream;
    this.#time = time;
    this.#writer.enrich(event, clock.now(), 0);
    if (isPartial) this.#mark(event);
    return event;
  }

  /** The mark of a piece is a field of the event; in the vector namespace it is among the source's own metadata. */
  #mark(event: LogEvent): void {
    if (!this.#partialField) return;
    if (isObject(event.value)) {
      setPath(event.value, this.#partialField.segments, true);
      return;
    }
    const { type } = this.#context;
    const all = event.metadata.value;
    const own = { ...(all[type] as ObjectValue) };
    setPath(own, this.#partialField.segments, true);
    event.metadata = { ...event.metadata, value: { ...all, [type]: own } };
  }
}
