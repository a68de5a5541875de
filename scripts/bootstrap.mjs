// The way into every npm script: installs what is missing, then goes on with the pinned Node.
// Plain JavaScript without dependencies, because a fresh clone has nothing but npm and some Node from 20 on.
//
//   node scripts/bootstrap.mjs SCRIPT [ARGUMENT…]        SCRIPT is relative to the repository
import { spawn } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, pathOf } from '../bin/launch.js';

const ROOT = pathOf(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const COMMANDS = join(MODULES, '.bin');
const LOCK = join(ROOT, '.cache', 'install.lock');

/** How long a second run waits for the installation of the first. */
const LOCK_WAIT_MS = 600_000;
const LOCK_POLL_MS = 200;

/** What npm wrote before it failed is kept up to here, and so much of it is shown. */
const OUTPUT_CHARS_MAX = 65_536;
const OUTPUT_LINES_SHOWN = 25;

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile */

/**
 * Installs what is missing and runs `script` (absolute, or relative to the repository) with `args`.
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<void>} this process's exit code is the script's
 */
export async function bootstrap(script, args) {
  if (!(await install())) {
    process.exitCode = 1;
    return;
  }
  await launch({ script: resolve(ROOT, script), args, fromUrl: import.meta.url, path: [COMMANDS] });
}

/**
 * Why the installed packages are not what package-lock.json says, or undefined when they are.
 * npm leaves a lockfile of its own in node_modules as the last step of an installation, which makes it the stamp.
 * Optional packages may be absent: most of them are for other platforms.
 * @param {Lockfile} wanted
 * @param {Lockfile | undefined} installed
 * @returns {string | undefined}
 */
export function reasonToInstall(wanted, installed) {
  if (installed === undefined) return 'nothing is installed yet';
  const have = installed.packages ?? {};
  const want = wanted.packages ?? {};
  for (const [path, entry] of Object.entries(want)) {
    if (path === '') continue;
    const found = have[path];
    if (found === undefined && entry.optional) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (found === undefined) return `${name} is missing`;
    const differs = entry.integrity !== undefined && found.integrity !== entry.integrity;
    if (found.version !== entry.version || differs) return `${name} has changed`;
  }
  const extra = Object.keys(have).find((path) => want[path] === undefined);
  return extra === undefined ? undefined : `${extra} is no longer needed`;
}

/**
 * The command line that starts npm. Within `npm run` it is the npm that runs already, with the Node it runs on: the
 * Node in node_modules is about to be replaced.
 * @param {NodeJS.ProcessEnv} env
 * @param {(path: string) => boolean} exists
 * @returns {string[]}
 */
export function npmCommand(env, exists) {
  const { npm_execpath: npm, npm_node_execpath: node } = env;
  if (npm === undefined || node === undefined || !/npm-cli\.c?js$/.test(npm)) return ['npm'];
  return exists(npm) && exists(node) && !node.includes(`${sep}node_modules${sep}`) ? [node, npm] : ['npm'];
}

/**
 * PATH without the repository's own commands, so that `npm` finds the Node it was installed with.
 * @param {string} path
 * @param {string} commands
 * @returns {string}
 */
export function pathWithout(path, commands) {
  return path
    .split(delimiter)
    .filter((folder) => resolve(folder) !== resolve(commands))
    .join(delimiter);
}

/**
 * What to tell a person about an installation that failed.
 * @param {string} output what npm wrote
 * @returns {string}
 */
export function explainFailure(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output)) {
    return 'The package registry cannot be reached: check the connection, the proxy (npm config get proxy) and the registry (npm config get registry).';
  }
  if (/EACCES|EPERM|EROFS/.test(output))
    return `The folder ${MODULES} cannot be written: check its owner and permissions.`;
  if (/ENOSPC/.test(output)) return 'The disk is full.';
  if (/EUSAGE|npm ci.*in sync/.test(output)) return 'package.json and package-lock.json disagree: run `npm install`.';
  if (/EINTEGRITY/.test(output))
    return 'A package is not what package-lock.json says: run `npm cache clean --force` and try again.';
  return 'Run `npm ci` in the repository to see all of it.';
}

/** @returns {Promise<boolean>} whether everything is there now */
async function install() {
  if (installReason() === undefined) return true;
  const unlock = await lock();
  try {
    const reason = installReason();
    return reason === undefined || (await runNpm(reason));
  } finally {
    unlock();
  }
}

/** @returns {string | undefined} */
function installReason() {
  const wanted = readJson(join(ROOT, 'package-lock.json'));
  if (wanted === undefined) throw new Error(`sluice: ${join(ROOT, 'package-lock.json')} is missing or not JSON`);
  return reasonToInstall(wanted, readJson(join(MODULES, '.package-lock.json')));
}

/**
 * @param {string} path
 * @returns {Lockfile | undefined}
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} reason
 * @returns {Promise<boolean>}
 */
async function runNpm(reason) {
  const [command, ...first] = npmCommand(process.env, existsSync);
  say(`installing dependencies with npm (${reason}) …`);
  const startedMs = Date.now();
  const args = [
    ...first,
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--no-progress',
  ];
  const env = { ...process.env, PATH: pathWithout(process.env.PATH ?? '', COMMANDS) };
  const { code, output } = await collect(command, args, env);
  if (code === 0 && installReason() === undefined) {
    say(`installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    return true;
  }
  const lines = output.trim().split('\n').slice(0, OUTPUT_LINES_SHOWN);
  say(`installing dependencies failed.\n${lines.map((line) => `  ${line}`).join('\n')}\n${explainFailure(output)}`);
  return false;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function collect(command, args, env) {
  return new Promise((done) => {
    let output = '';
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      if (output.length < OUTPUT_CHARS_MAX) output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => done({ code: 1, output: `${output}${error.message}` }));
    child.once('close', (code) => done({ code, output }));
  });
}

/**
 * Waits until no other run installs into this folder. The lock holds the process id of its owner; one whose owner is
 * gone is taken over.
 * @returns {Promise<() => void>} gives the lock back
 */
async function lock() {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const deadlineMs = Date.now() + LOCK_WAIT_MS;
  for (let told = false; ; ) {
    try {
      // Linked into place, so that a lock never exists without its owner.
      const mine = `${LOCK}.${process.pid}`;
      writeFileSync(mine, String(process.pid));
      try {
        linkSync(mine, LOCK);
      } finally {
        rmSync(mine);
      }
      const unlock = () => rmSync(LOCK, { force: true });
      process.once('exit', unlock);
      return unlock;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const owner = lockOwner();
    if (owner !== undefined && !isAlive(owner)) takeFrom(owner);
    else if (Date.now() > deadlineMs)
      throw new Error(`sluice: another installation holds ${LOCK}; remove it if none is running`);
    else {
      if (!told) say('another run is installing; waiting for it …');
      told = true;
      await sleep(LOCK_POLL_MS);
    }
  }
}

/**
 * Removes the lock of a dead owner. Between looking and removing, another run may have done so and locked anew: what was
 * taken is looked at once more, and given back if it is not the dead one's.
 * @param {number} owner
 */
function takeFrom(owner) {
  const taken = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, taken);
    if (readFileSync(taken, 'utf8') !== String(owner)) linkSync(taken, LOCK);
  } catch {
    // Somebody else was faster; the next attempt sees what is there now.
  } finally {
    rmSync(taken, { force: true });
  }
}

/** @returns {number | undefined} undefined when the lock is gone */
function lockOwner() {
  try {
    const id = Number.parseInt(readFileSync(LOCK, 'utf8'), 10);
    return id > 0 ? id : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid @returns {boolean} */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`sluice: ${text}\n`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === pathOf(import.meta.url)) {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) {
    say('usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT…]');
    process.exitCode = 2;
  } else {
    await bootstrap(script, args);
  }
}
