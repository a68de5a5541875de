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

/** The components below `root`, by kind and name. A folder without a module of its name is a mistake and throws. */
export function findComponents(root: string): Component[] {
  return KINDS.flatMap((kind) => {
    const folder = join(root, 'src', kind.folder);
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return names.sort().map((name) => {
      if (!existsSync(join(folder, name, `${name}.ts`))) {
        throw new Error(`src/${kind.folder}/${name}/ has no ${name}.ts, the module that defines the component`);
      }
      return { kind, name };
    });
  });
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

function identifier({ word }: Kind, name: string): string {
  return `${word}_${name}`;
}
