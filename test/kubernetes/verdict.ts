// Looks for every line that was written in what the agent put out, and for what each one must be annotated with.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Node, RunningPod } from './node.ts';

export interface Verdict {
  readonly written: number;
  readonly missing: number;
  readonly doubled: number;
  /** Lines that are none that was written. */
  readonly strange: number;
  /** Lines with metadata that is missing or wrong, by what it is. */
  readonly wrong: Readonly<Record<string, number>>;
}

/** An event as the agent writes it. */
interface Event {
  readonly message: string;
  readonly stream: string;
  readonly timestamp: string;
  readonly file: string;
  readonly kubernetes: Readonly<Record<string, unknown>>;
}

export async function judge(path: string, node: Node, nodeName: string): Promise<Verdict> {
  const seen = new Map<string, Uint8Array>();
  for (const [uid, { lines }] of node.pods) seen.set(uid, new Uint8Array(lines));
  const wrong: Record<string, number> = {};
  let doubled = 0;
  let strange = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const event = JSON.parse(line) as Event;
    const [uid = '', number = ''] = event.message.split(' ');
    const counts = seen.get(uid);
    const pod = node.pods.get(uid);
    if (!counts || !pod || counts[Number(number)] === undefined) strange += 1;
    else {
      if (counts[Number(number)]!++ > 0) doubled += 1;
      for (const name of mistakes(event, pod, nodeName)) wrong[name] = (wrong[name] ?? 0) + 1;
    }
  }
  let written = 0;
  let missing = 0;
  for (const counts of seen.values()) {
    written += counts.length;
    for (const count of counts) if (count === 0) missing += 1;
  }
  return { written, missing, doubled, strange, wrong };
}

/** The fields of an event that are not as they must be. */
function mistakes(event: Event, { namespace, name, uid }: RunningPod, node: string): string[] {
  const [, , writtenMs, version] = event.message.split(' ');
  const { pod_labels: labels, ...fields } = event.kubernetes;
  const { app, version: label = '' } = (labels ?? {}) as Readonly<Record<string, string>>;
  const expected: Readonly<Record<string, unknown>> = {
    pod_name: name,
    pod_namespace: namespace,
    pod_uid: uid,
    pod_node_name: node,
    pod_ip: '10.0.0.7',
    container_name: 'main',
    container_id: `containerd://${uid}`,
    container_image: 'registry.example.com/app:1',
  };
  const found = Object.keys(expected).filter((key) => fields[key] !== expected[key]);
  if (app !== name) found.push('pod_labels');
  if (!(Number(label) >= Number(version))) found.push('pod_labels (old)');
  if ((fields['namespace_labels'] as Record<string, string> | undefined)?.['team'] !== `team-of-${namespace}`)
    found.push('namespace_labels');
  if ((fields['node_labels'] as Record<string, string> | undefined)?.['zone'] !== 'z1') found.push('node_labels');
  if (event.stream !== 'stdout') found.push('stream');
  if (Date.parse(event.timestamp) !== Number(writtenMs)) found.push('timestamp');
  if (!event.file.includes(`/${namespace}_${name}_${uid}/main/0.log`)) found.push('file');
  return found;
}
