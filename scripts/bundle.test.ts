// The bundle, on a small tree: what runs in it, and what is loaded only when it is used.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.ts';
import { NODE, ROOT, run } from './command.ts';

const noted = (name: string): string => `(globalThis.loaded ??= []).push('${name}');\n`;

const TREE: Readonly<Record<string, string>> = {
  'package.json': '{"type": "module"}',
  'src/std/place.ts': `import { later } from './later.ts';
    export const place: string = import.meta.url;
    export const neighbour = new URL('./data.ts', import.meta.url).href;
    export const text = '→ ' + later();`,
  'src/std/later.ts': `import { createServer } from 'node:http';
    export const later = (): string => 'ž' + typeof createServer;`,
  'src/config/yaml.ts': `${noted('yaml')}export function parseYaml(text: string): string { return text + '!'; }`,
  'src/config/toml.ts': `${noted('toml')}export function parseToml(text: string): string { return text; }`,
  'src/sinks/one/one.ts': `import { place } from '../../std/place.ts';
    ${noted('one')}export const sink = { type: 'one', place };`,
  'src/sinks/two/two.ts': `${noted('two')}export const sink = { type: 'two' };`,
  'src/config/registry.gen.ts': `import { sink as one } from '../sinks/one/one.ts';
    import { sink as two } from '../sinks/two/two.ts';
    export const sinks = { one, two } as const;`,
  'src/vrl/stdlib/up_case.ts': `${noted('up_case')}export const upCase = { name: 'up_case', run: (text: string) => text.toUpperCase() };`,
  'src/vrl/stdlib/down.ts': `${noted('down')}export const down = { name: 'down', notices: [] };`,
  'src/vrl/stdlib.gen.ts': `import { down } from './stdlib/down.ts';
    import { upCase } from './stdlib/up_case.ts';
    export const stdlib = [down, upCase];`,
  'src/vrl/vrl.ts': `export { stdlib } from './stdlib.gen.ts';`,
  'src/cli/a_worker.ts': `import { place } from '../std/place.ts'; globalThis.worker = place;`,
  'src/cli/main.ts': `import { sinks } from '../config/registry.gen.ts';
    import { parseYaml } from '../config/yaml.ts';
    import { place, neighbour, text } from '../std/place.ts';
    import { stdlib } from '../vrl/vrl.ts';
    const loaded = (): string => (globalThis.loaded ?? []).join();
    const said = { isMain: import.meta.main, place, neighbour, text, names: stdlib.map(({ name }) => name), before: loaded() };
    const http = process.moduleLoadList.includes('NativeModule http');
    const yaml = parseYaml('a');
    const [, second] = stdlib;
    const used = [second.run('b'), 'run' in second, { ...second }.name, sinks.one.place, Object.keys(sinks).join()];
    console.log(JSON.stringify({ ...said, http, yaml, used, after: loaded(), worker: globalThis.worker ?? null }));`,
};

const root = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
after(() => rmSync(root, { recursive: true, force: true }));
for (const [path, text] of Object.entries(TREE)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));

test('a bundle runs as the sources do, and loads on first use', async () => {
  const folder = join(root, 'dist');
  const entries = ['src/cli/main.ts', 'src/cli/a_worker.ts'];
  const { files } = await bundle({ root, folder, entries, shared: ['src/vrl/vrl.ts'] });
  const { code, output } = await run(NODE, [join(folder, 'cli/main.js')]);
  assert.equal(code, 0, output);
  const place = pathToFileURL(join(folder, 'std/place.js')).href;
  assert.deepEqual(JSON.parse(output), {
    isMain: true,
    place,
    neighbour: pathToFileURL(join(folder, 'std/data.js')).href,
    text: '→ žfunction',
    names: ['down', 'up_case'],
    before: '',
    http: false,
    yaml: 'a!',
    used: ['B', true, 'up_case', place, 'one,two'],
    after: 'yaml,up_case,one',
    worker: null,
  });
  for (const path of ['cli/main.js', 'cli/a_worker.js', 'sinks/two/two.js', 'vrl/stdlib/down.js'])
    assert.ok(files.includes(path), path);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('.js')) assert.match(readFileSync(join(folder, path), 'utf8'), /^[\0-\x7f]*$/, path);
});

test('everything that the command loads late can be loaded', async () => {
  const folder = join(root, 'whole');
  const ways = { entries: ['src/cli/main.ts'], shared: ['src/cli/program.ts', 'src/vrl/vrl.ts'] };
  const { files } = await bundle({ root: ROOT, folder, ...ways });
  const late = files.filter((path) => !/^(cli|chunks)\//.test(path));
  assert.ok(late.length > 200, `${late.length} files`);
  const script = `const load = require('node:module').createRequire(${JSON.stringify(join(folder, '/'))});
    for (const path of ${JSON.stringify(late)}) if (Object.keys(load('./' + path)).length === 0) throw new Error(path);`;
  const { code, output } = await run(NODE, ['-e', script]);
  assert.equal(code, 0, output);
});

test('a door that exports more than functions cannot be loaded late', async () => {
  writeFileSync(join(root, 'src/config/toml.ts'), 'export class TomlError {}');
  await assert.rejects(
    bundle({ root, folder: join(root, 'other'), entries: ['src/cli/main.ts'], shared: [] }),
    /src\/config\/toml\.ts can be loaded late only when it exports functions/,
  );
});
