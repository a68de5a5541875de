// The fields that events get from what is known of their pod, container, namespace and node.

import type { SourceField } from '../../component/source_fields.ts';
import { type FieldKey, keyOrElse } from '../../component/source_keys.ts';
import { type Path, parsePath } from '../../event/path.ts';
import type { ObjectValue, Value } from '../../event/value.ts';
import type { Texts } from '../../net/kubernetes/objects.ts';
import type { Facts } from './pod_directory.ts';
import type { LogPath } from './pod_path.ts';

export interface FieldNames {
  readonly pod: Readonly<Record<PodFieldName, FieldKey>>;
  readonly namespaceLabels: FieldKey;
  readonly nodeLabels: FieldKey;
}

export type PodFieldName =
  | 'container_id'
  | 'container_image'
  | 'container_image_id'
  | 'container_name'
  | 'pod_annotations'
  | 'pod_ip'
  | 'pod_ips'
  | 'pod_labels'
  | 'pod_name'
  | 'pod_namespace'
  | 'pod_node_name'
  | 'pod_owner'
  | 'pod_uid';

const FILE = parsePath('file') as Path;
const DIRECTORY_ID = parsePath('kubernetes.pod_log_directory_id') as Path;

/** The fields of the lines of one file. What only the server knows is left out while it is not known. */
export function annotations(
  path: string,
  log: LogPath,
  { pod, namespace, node }: Facts,
  names: FieldNames,
): SourceField[] {
  const container = pod?.containers.get(log.container);
  const fields: SourceField[] = [field('file', FILE, path)];
  const add = (name: string, key: FieldKey, value: Value | undefined): void => {
    if (value !== undefined) fields.push(field(name, keyOrElse(key, undefined), value));
  };
  const podFields: Readonly<Record<PodFieldName, Value | undefined>> = {
    container_name: log.container,
    container_id: container?.id,
    container_image: container?.image,
    container_image_id: container?.imageId,
    pod_name: log.pod,
    pod_namespace: log.namespace,
    // The folder of a static pod is not named after its uid.
    pod_uid: pod?.uid ?? log.id,
    pod_labels: pod && objectOf(pod.labels),
    pod_annotations: pod && objectOf(pod.annotations),
    pod_owner: pod?.owner,
    pod_node_name: pod?.fields['spec.nodeName'],
    pod_ip: pod?.ip,
    pod_ips: pod?.ips && [...pod.ips],
  };
  for (const [name, value] of Object.entries(podFields)) add(name, names.pod[name as PodFieldName], value);
  if (pod && pod.uid !== log.id) fields.push(field('pod_log_directory_id', DIRECTORY_ID, log.id));
  add('namespace_labels', names.namespaceLabels, namespace && objectOf(namespace.labels));
  add('node_labels', names.nodeLabels, node && objectOf(node.labels));
  return fields;
}

function field(name: string, legacyKey: Path | undefined, value: Value): SourceField {
  return { name: [name], legacyKey, mode: 'overwrite', value };
}

/** The same object for all files of a pod: what is made of it is a copy for each event. */
function objectOf(texts: Texts): ObjectValue {
  let object = objects.get(texts);
  if (!object) objects.set(texts, (object = { ...texts }));
  return object;
}

const objects = new WeakMap<Texts, ObjectValue>();
