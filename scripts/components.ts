// The components of the tree: which there are, and the registry that names them all. A component is a folder with a
// module of the same name in it; adding one needs no edit anywhere else.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Kind {
  /** The folder below src/, which is also the word in a configuration. */
  readonly folder: string;
  /** What a component's module exports. */
  readonly word: string;
  /** The type of that. */
  readonly definition: string;
}

export const KINDS: readonly Kind[] = [
  { folder: 'sources', word: 'source', definition: 'SourceDefinition' },
  { folder: 'transforms', word: 'transform', definition: 'TransformDefinition' },
  { folder: 'sinks', word: 'sink', definition: 'SinkDefinition' },
];

export interface Component {
  readonly kind: Kind;
  readonly name: string;
}

export interface Found {
  /** By kind and name. */
  readonly components: readonly Component[];
  /** Folders that hold no component. */
  readonly problems: readonly string[];
}

/** The components below `root`. */
export function findComponents(root: string): Found {
  const folders = KINDS.flatMap((kind) => {
    const parent = join(root, 'src', kind.folder);
    const entries = existsSync(parent) ? readdirSync(parent, { withFileTypes: true }) : [];
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return names.sort().map((name) => ({ kind, name }));
  });
  const isThere = (component: Component): boolean => existsSync(join(root, modulePath(component)));
  return {
    components: folders.filter(isThere),
    problems: folders
      .filter((folder) => !isThere(folder))
      .map((folder) => `${modulePath(folder)} is missing: the module that its folder is named after`),
  };
}

/** The path of a component's module from the repository. */
export function modulePath({ kind, name }: Component): string {
  return `src/${kind.folder}/${name}/${name}.ts`;
}

/** The text of src/config/registry.gen.ts. */
export function renderRegistry(components: readonly Component[]): string {
  const imports = components.map(({ kind, name }) => {
    const path = `../${kind.folder}/${name}/${name}.ts`;
    return `import { ${kind.word} as ${identifier(kind, name)} } from '${path}';`;
  });
  const objects = KINDS.map((kind) => {
    const own = components.filter((component) => component.kind === kind);
    const members = own.map(({ name }) => `  ${name}: ${identifier(kind, name)},\n`).join('');
    return `export const ${kind.folder} = {${members === '' ? '' : `\n${members}`}} as const;\n`;
  });
  return [
    '// All components by their name in a configuration. Written by `npm run gen`; do not edit.\n',
    ...(imports.length > 0 ? [`${imports.join('\n')}\n`] : []),
    ...objects,
  ].join('\n');
}

/** The text of src/topology/worker/transforms.gen.ts: workers load no more than they run. */
export function renderWorkerTransforms(components: readonly Component[]): string {
  const own = components.filter(({ kind }) => kind.word === 'transform');
  const members = own.map((one) => {
    const path = `../../${modulePath(one).replace(/^src\//, '')}`;
    return `  ${one.name}: async () => (await import('${path}')).transform,\n`;
  });
  return [
    '// Loads a transform when a worker needs it. Written by `npm run gen`; do not edit.\n',
    `export const transforms = {${members.length > 0 ? `\n${members.join('')}` : ''}} as const;\n`,
  ].join('\n');
}

function identifier({ word }: Kind, name: string): string {
  return `${word}_${name}`;
}
