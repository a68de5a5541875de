// What is kept of pods, namespaces and nodes: the few members that events are annotated with or selected by. A pod takes
// about 2 KiB, at most some 70 KiB; all text of an answer that is not kept is free when the answer is read.

import type { Held, Kind } from './reflector.ts';
import { POD_FIELDS } from './selector.ts';

/** Labels and annotations kept of one object: a fourth of what the API server lets one have. */
const TEXT_MAX_BYTES = 65_536;

/** What an object takes beside its labels and annotations, and each of those beside its text. */
const OBJECT_OVERHEAD_BYTES = 1024;
const ENTRY_OVERHEAD_BYTES = 64;

/** Containers of one pod that are known by their name. */
const CONTAINERS_MAX = 64;

export type Texts = Readonly<Record<string, string>>;

export interface Container {
  readonly image: string | undefined;
  readonly id: string | undefined;
  readonly imageId: string | undefined;
}

export interface Pod extends Held {
  readonly name: string;
  readonly namespace: string;
  /** What the folder of its logs is named after: the uid, or the hash of its file for a static pod. */
  readonly directoryId: string;
  readonly labels: Texts;
  readonly annotations: Texts;
  /** As `Kind/name`. */
  readonly owner: string | undefined;
  readonly ip: string | undefined;
  readonly ips: readonly string[] | undefined;
  /** Fields that pods are selected by. */
  readonly fields: Texts;
  readonly containers: ReadonlyMap<string, Container>;
}

/** A namespace or a node. */
export interface Labelled extends Held {
  readonly name: string;
  readonly labels: Texts;
}

export const PODS: Kind<Pod> = { resource: 'pods', path: '/api/v1/pods', metadataOnly: false, hold: holdPod };
export const NAMESPACES: Kind<Labelled> = {
  resource: 'namespaces',
  path: '/api/v1/namespaces',
  metadataOnly: true,
  hold: holdLabelled,
};
export const NODES: Kind<Labelled> = {
  resource: 'nodes',
  path: '/api/v1/nodes',
  metadataOnly: true,
  hold: holdLabelled,
};

function holdLabelled(object: unknown): Labelled | undefined {
  const metadata = member(object, 'metadata');
  const name = text(metadata, 'name');
  const uid = text(metadata, 'uid');
  if (name === undefined || uid === undefined) return undefined;
  const labels = new Room().texts(member(metadata, 'labels'));
  return { uid, name, labels: labels.kept, bytes: OBJECT_OVERHEAD_BYTES + labels.bytes, isCut: labels.isCut };
}

function holdPod(object: unknown): Pod | undefined {
  const metadata = member(object, 'metadata');
  const name = text(metadata, 'name');
  const namespace = text(metadata, 'namespace');
  const uid = text(metadata, 'uid');
  if (name === undefined || namespace === undefined || uid === undefined) return undefined;
  const status = member(object, 'status');
  const room = new Room();
  const labels = room.texts(member(metadata, 'labels'));
  const annotations = room.texts(member(metadata, 'annotations'));
  const containers = containersOf(member(object, 'spec'), status);
  const [owner] = list(metadata, 'ownerReferences');
  const ips = list(status, 'podIPs').flatMap((one) => text(one, 'ip') ?? []);
  return {
    uid,
    name,
    namespace,
    directoryId: annotations.kept['kubernetes.io/config.mirror'] ?? uid,
    labels: labels.kept,
    annotations: annotations.kept,
    owner: owner === undefined ? undefined : `${text(owner, 'kind') ?? ''}/${text(owner, 'name') ?? ''}`,
    ip: text(status, 'podIP'),
    ips: ips.length > 0 ? ips.slice(0, 16) : undefined,
    fields: fieldsOf(object),
    containers,
    bytes: 2 * OBJECT_OVERHEAD_BYTES + labels.bytes + annotations.bytes + containers.size * 256,
    isCut: labels.isCut || annotations.isCut,
  };
}

function containersOf(spec: unknown, status: unknown): Map<string, Container> {
  const found = new Map<string, Container>();
  for (const kind of ['container', 'initContainer', 'ephemeralContainer']) {
    const statuses = new Map(list(status, `${kind}Statuses`).map((one) => [text(one, 'name'), one]));
    for (const one of list(spec, `${kind}s`)) {
      const name = text(one, 'name');
      if (name === undefined || found.size >= CONTAINERS_MAX) continue;
      const now = statuses.get(name);
      found.set(name, { image: text(one, 'image'), id: text(now, 'containerID'), imageId: text(now, 'imageID') });
    }
  }
  return found;
}

function fieldsOf(object: unknown): Texts {
  const fields: Record<string, string> = {};
  for (const name of POD_FIELDS) {
    const [outer, inner] = name.split('.') as [string, string];
    const value = member(member(object, outer), inner);
    if (typeof value === 'string' && value !== '') fields[name] = value;
    else if (typeof value === 'boolean') fields[name] = String(value);
  }
  fields['spec.hostNetwork'] ??= 'false';
  return fields;
}

/** Takes texts as long as there is room. `JSON.parse` makes texts of their own, so none keeps an answer alive. */
class Room {
  #left = TEXT_MAX_BYTES;

  texts(object: unknown): { readonly kept: Texts; readonly bytes: number; readonly isCut: boolean } {
    const kept: Record<string, string> = Object.create(null);
    let bytes = 0;
    let isCut = false;
    for (const [name, value] of Object.entries(isRecord(object) ? object : {})) {
      if (typeof value !== 'string') continue;
      const size = name.length + value.length + ENTRY_OVERHEAD_BYTES;
      if (size > this.#left) isCut = true;
      else {
        this.#left -= size;
        bytes += size;
        kept[name] = value;
      }
    }
    return { kept, bytes, isCut };
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function member(object: unknown, name: string): unknown {
  return isRecord(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

function text(object: unknown, name: string): string | undefined {
  const value = member(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(object: unknown, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
}
