// A configuration directory: files at its top are fragments of one configuration, and the files in the folders
// `sources`, `transforms`, `sinks`, `enrichment_tables` and `tests` hold one component each, named after the file.
//
//   conf/vector.yaml                 data_dir, api, …
//   conf/sources/in.yaml             the source `in`
//   conf/transforms/parse.yaml       the transform `parse`
//   conf/transforms/parse/more.yaml  its member `more`

import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { type DocumentNode, emptyMap, type FileProblem, type MapNode, type Member, type Place } from './document.ts';
import { formatOf, readConfigFile, reasonOf } from './files.ts';
import { mergeFragments } from './merge.ts';

/** Folders below this depth are not read. */
const DEPTH_MAX = 16;

/** More files than this in a directory are refused. */
const FILES_MAX = 10_000;

export interface ReadDirectory {
  /** The one document that all files make; undefined when one of them could not be read. */
  readonly root: MapNode | undefined;
  readonly problems: readonly FileProblem[];
  /** The directory itself and everything in it that was read. */
  readonly files: readonly string[];
}

interface Reading {
  readonly problems: FileProblem[];
  readonly files: string[];
  /** Files that were read. */
  count: number;
  isWhole: boolean;
}

const SECTIONS = ['sources', 'transforms', 'sinks', 'enrichment_tables', 'tests'] as const;

export async function readConfigDirectory(path: string): Promise<ReadDirectory> {
  const reading: Reading = { problems: [], files: [path], count: 0, isWhole: true };
  const entries = await list(reading, path);
  let root: DocumentNode = emptyMap({ path, text: '', hidden: [] });
  for (const file of entries.files) {
    const fragment = await readFragment(reading, join(path, file));
    if (fragment) root = mergeFragments(root, fragment, reading.problems);
  }
  for (const section of SECTIONS.filter((name) => entries.folders.includes(name))) {
    const members = await readFolder(reading, join(path, section), section === 'transforms' ? DEPTH_MAX : 0);
    if (members.size > 0) root = addSection(reading, root as MapNode, section, members);
  }
  return { root: reading.isWhole ? (root as MapNode) : undefined, problems: reading.problems, files: reading.files };
}

interface Entries {
  /** Names of files whose format is known. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

async function list(reading: Reading, folder: string): Promise<Entries> {
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for (const name of (await readdir(folder)).sort()) {
      // A link to a file is a file here: that is how Kubernetes mounts them.
      const entry = await stat(join(folder, name)).catch(() => undefined);
      if (entry?.isDirectory() && !name.startsWith('.')) folders.push(name);
      else if (entry && !entry.isDirectory() && formatOf(name)) files.push(name);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const { problem, hint } = reasonOf(error as NodeJS.ErrnoException);
    const message =
      code === 'ENOENT' ? 'there is no such directory' : code === 'ENOTDIR' ? 'this is not a directory' : problem;
    report(reading, folder, message, code === 'ENOTDIR' ? 'read single files with `--config`' : hint);
  }
  return { files, folders };
}

function report(reading: Reading, path: string, message: string, hint?: string): void {
  const place: Place = { file: { path, text: '', hidden: [] }, start: 0, end: 0 };
  reading.problems.push({ severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) });
  reading.isWhole = false;
}

async function readFragment(reading: Reading, path: string): Promise<MapNode | undefined> {
  reading.count += 1;
  if (reading.count > FILES_MAX) {
    if (reading.count === FILES_MAX + 1)
      report(reading, path, `there are more than ${FILES_MAX} files in this directory`);
    return undefined;
  }
  reading.files.push(path);
  const { root, problems } = await readConfigFile(path, formatOf(path)!);
  reading.problems.push(...problems);
  if (!root) reading.isWhole = false;
  return root;
}

/** The objects of a folder by the names of their files. A folder goes into the file of its name. */
async function readFolder(reading: Reading, folder: string, depth: number): Promise<Map<string, Member>> {
  const { files, folders } = await list(reading, folder);
  const members = new Map<string, Member>();
  reading.files.push(folder);
  for (const file of files) {
    const name = basename(file, extname(file));
    const value = await readFragment(reading, join(folder, file));
    if (!value) continue;
    const key = { ...value.place, end: value.place.start };
    const known = members.get(name);
    if (!known) members.set(name, { key, value });
    else report(reading, join(folder, file), `\`${name}\` is already in \`${known.value.place.file.path}\``);
  }
  for (const name of depth > 0 ? folders : []) {
    const inner = await readFolder(reading, join(folder, name), depth - 1);
    if (inner.size > 0) nest(reading, members, name, inner);
  }
  return members;
}

function nest(reading: Reading, members: Map<string, Member>, name: string, inner: ReadonlyMap<string, Member>): void {
  const { key } = inner.values().next().value!;
  const node: MapNode = { kind: 'map', place: key, members: inner };
  const outer = members.get(name);
  if (outer) members.set(name, { key: outer.key, value: mergeFragments(outer.value, node, reading.problems) });
  else members.set(name, { key, value: node });
}

function addSection(
  reading: Reading,
  root: MapNode,
  section: (typeof SECTIONS)[number],
  found: ReadonlyMap<string, Member>,
): MapNode {
  const { key: place } = found.values().next().value!;
  const written = root.members.get(section);
  const members = new Map(root.members);
  if (section === 'tests') {
    const node: DocumentNode = { kind: 'list', place, items: [...found.values()].map(({ value }) => value) };
    const value = written ? mergeFragments(written.value, node, reading.problems) : node;
    members.set(section, { key: written?.key ?? place, value });
    return { ...root, members };
  }
  const known = written?.value.kind === 'map' ? written.value.members : new Map<string, Member>();
  for (const [name, { value }] of found)
    if (known.has(name))
      report(
        reading,
        value.place.file.path,
        `\`${section}.${name}\` is already in \`${known.get(name)!.key.file.path}\``,
      );
  const all = new Map([...known, ...[...found].filter(([name]) => !known.has(name))]);
  members.set(section, {
    key: written?.key ?? place,
    value: { kind: 'map', place: written?.value.place ?? place, members: all },
  });
  return { ...root, members };
}
