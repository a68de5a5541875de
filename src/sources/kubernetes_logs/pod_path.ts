// The paths of log files, which say a good deal: /var/log/pods/<namespace>_<pod>_<id>/<container>/<restarts>.log

export interface PodFolder {
  readonly namespace: string;
  readonly pod: string;
  /** The uid of the pod; for a static pod the hash of its file. */
  readonly id: string;
}

export interface LogPath extends PodFolder {
  readonly container: string;
}

/** What the name of a folder says; undefined when it is none of a pod. */
export function parseFolder(name: string): PodFolder | undefined {
  const [namespace, pod, id, ...rest] = name.split('_');
  return namespace && pod && id && rest.length === 0 ? { namespace, pod, id } : undefined;
}

/** The log that a file belongs to: the kubelet renames `0.log` to `0.log.<time>` and begins a new one. */
export function logOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.log') + '.log'.length);
}

/** What the path of a log file says. */
export function parseLogPath(path: string): LogPath | undefined {
  const parts = path.split('/');
  const folder = parseFolder(parts.at(-3) ?? '');
  return folder && { ...folder, container: parts.at(-2)! };
}
