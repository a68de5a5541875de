// What the API server said about the pods of this node, asked by the folders of their logs. A folder whose pod is not
// known yet waits for it for a while, and is then read without: logs are not lost because metadata is late.

import type { Following, Kubernetes } from '../../net/kubernetes/kubernetes.ts';
import { type Labelled, NAMESPACES, NODES, PODS, type Pod } from '../../net/kubernetes/objects.ts';
import type { Selector } from '../../net/kubernetes/selector.ts';
import type { Clock } from '../../std/clock.ts';
import type { PodFolder } from './pod_path.ts';

/** How long a folder waits for its pod when the server answers, and while it does not. */
const WAIT_MS = 10_000;
const WAIT_AWAY_MS = 30_000;

/** Changes are gathered for so long before files are looked at. */
const GATHER_MS = 100;

/** Folders that wait, and deleted pods that are kept, at most. */
const WAITING_MAX = 10_000;
const DELETED_MAX = 10_000;

export interface PodDirectoryOptions {
  readonly kubernetes: Kubernetes;
  readonly clock: Clock;
  readonly nodeName: string;
  readonly usesCache: boolean;
  /** Whether namespaces are followed too. */
  readonly hasNamespaces: boolean;
  readonly delayDeletionMs: number;
  readonly podLabels: readonly Selector[];
  readonly podFields: Selector;
  readonly namespaceLabels: readonly Selector[];
  /** What is known of the folders that `concerns` is true for has changed. */
  readonly onChange: (concerns: (folder: PodFolder) => boolean) => void;
}

export interface Facts {
  readonly pod: Pod | undefined;
  readonly namespace: Labelled | undefined;
  readonly node: Labelled | undefined;
}

export class PodDirectory {
  readonly #options: PodDirectoryOptions;
  readonly #pods: Following<Pod>;
  readonly #namespaces: Following<Labelled> | undefined;
  readonly #nodes: Following<Labelled>;
  /** By the id in the name of the folder; deleted ones stay for `delayDeletionMs`. */
  readonly #byFolder = new Map<string, Pod>();
  readonly #deleted = new Map<string, number>();
  readonly #byNamespace = new Map<string, Labelled>();
  /** Since when folders wait. */
  readonly #waiting = new Map<string, number>();
  #node: Labelled | undefined;
  readonly #changedIds = new Set<string>();
  readonly #changedNamespaces = new Set<string>();
  #hasChanged = false;
  #isClosed = false;

  constructor(options: PodDirectoryOptions) {
    this.#options = options;
    const { kubernetes, nodeName, usesCache, hasNamespaces } = options;
    this.#pods = kubernetes.follow(
      PODS,
      { fieldSelector: `spec.nodeName=${nodeName}`, usesCache },
      {
        onObject: (pod) => this.#podChanged(pod),
        onDeleted: (pod) => this.#podDeleted(pod),
      },
    );
    if (hasNamespaces)
      this.#namespaces = kubernetes.follow(
        NAMESPACES,
        { usesCache },
        {
          onObject: (namespace) => this.#namespaceChanged(namespace),
          onDeleted: () => {},
        },
      );
    this.#nodes = kubernetes.follow(
      NODES,
      { fieldSelector: `metadata.name=${nodeName}`, usesCache },
      {
        onObject: (node) => this.#nodeChanged(node),
        onDeleted: () => {},
      },
    );
  }

  /** Estimated bytes of what is held. */
  get bytes(): number {
    return this.#pods.bytes + this.#nodes.bytes + (this.#namespaces?.bytes ?? 0);
  }

  get isSynced(): boolean {
    return this.#pods.isSynced && this.#nodes.isSynced && (this.#namespaces?.isSynced ?? true);
  }

  get synced(): Promise<unknown> {
    return Promise.all([this.#pods.synced, this.#nodes.synced, this.#namespaces?.synced]);
  }

  /** Whether the files of a folder are to be read now. */
  admits(folder: PodFolder): boolean {
    if (this.excludes(folder)) return false;
    const pod = this.#byFolder.get(folder.id);
    const namespace = this.#byNamespace.get(folder.namespace);
    if (pod && (namespace || !this.#namespaces)) {
      this.#waiting.delete(folder.id);
      return true;
    }
    const now = this.#options.clock.monotonic();
    const since = this.#waiting.get(folder.id) ?? now;
    if (this.#waiting.size >= WAITING_MAX && !this.#waiting.has(folder.id)) return true;
    this.#waiting.set(folder.id, since);
    return now - since >= (this.#isCurrent ? WAIT_MS : WAIT_AWAY_MS);
  }

  /** Whether a selector leaves the folder out, as far as is known. */
  excludes(folder: PodFolder): boolean {
    const pod = this.#byFolder.get(folder.id);
    if (pod && !this.#isSelected(pod)) return true;
    const namespace = this.#byNamespace.get(folder.namespace);
    return namespace !== undefined && !this.#options.namespaceLabels.every((selects) => selects(namespace.labels));
  }

  facts(folder: PodFolder): Facts {
    this.#forgetDeleted();
    return { pod: this.#byFolder.get(folder.id), namespace: this.#byNamespace.get(folder.namespace), node: this.#node };
  }

  /** Folders that are gone wait no more. */
  forgetFolders(isThere: (id: string) => boolean): void {
    for (const id of this.#waiting.keys()) if (!isThere(id)) this.#waiting.delete(id);
    this.#forgetDeleted();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#pods.close(), this.#namespaces?.close(), this.#nodes.close()]);
  }

  get #isCurrent(): boolean {
    return this.#pods.isCurrent && (this.#namespaces?.isCurrent ?? true);
  }

  #isSelected(pod: Pod): boolean {
    const { podLabels, podFields } = this.#options;
    return podLabels.every((selects) => selects(pod.labels)) && podFields(pod.fields);
  }

  #podChanged(pod: Pod): void {
    this.#byFolder.set(pod.directoryId, pod);
    this.#deleted.delete(pod.directoryId);
    this.#changedIds.add(pod.directoryId);
    this.#changed();
  }

  #podDeleted(pod: Pod): void {
    this.#deleted.set(pod.directoryId, this.#options.clock.monotonic() + this.#options.delayDeletionMs);
    if (this.#deleted.size > DELETED_MAX) this.#forget(this.#deleted.keys().next().value!);
  }

  #forgetDeleted(): void {
    const now = this.#options.clock.monotonic();
    for (const [id, untilMs] of this.#deleted) {
      if (untilMs > now) return;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#deleted.delete(id);
    this.#byFolder.delete(id);
  }

  #namespaceChanged(namespace: Labelled): void {
    this.#byNamespace.set(namespace.name, namespace);
    this.#changedNamespaces.add(namespace.name);
    this.#changed();
  }

  #nodeChanged(node: Labelled): void {
    // The kubelet updates its node all the time; labels change seldom.
    const isSame = this.#node !== undefined && JSON.stringify(this.#node.labels) === JSON.stringify(node.labels);
    this.#node = node;
    if (isSame) return;
    this.#hasChanged = true;
    this.#changed();
  }

  #changed(): void {
    if (this.#isClosed || this.#timer) return;
    this.#timer = true;
    this.#options.clock.after(GATHER_MS, () => {
      this.#timer = false;
      const ids = new Set(this.#changedIds);
      const namespaces = new Set(this.#changedNamespaces);
      const isAll = this.#hasChanged;
      this.#changedIds.clear();
      this.#changedNamespaces.clear();
      this.#hasChanged = false;
      if (!this.#isClosed)
        this.#options.onChange(({ id, namespace }) => isAll || ids.has(id) || namespaces.has(namespace));
    });
  }

  #timer = false;
}
