// `npm run new <source|transform|sink> <name>`: writes a component that works, its test and its line in the changelog,
// then everything generated.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, runScript } from './command.ts';
import { newComponent, type Word, wrongName } from './component_templates.ts';
import { findComponents, KINDS } from './components.ts';

const [word, name] = process.argv.slice(2);
const kind = KINDS.find((one) => one.word === word);
const taken = findComponents(ROOT)
  .components.filter((component) => component.kind === kind)
  .map((component) => component.name);
const wrong =
  kind === undefined || name === undefined
    ? `usage: npm run new <${KINDS.map((one) => one.word).join('|')}> <name>`
    : wrongName(name, taken);

if (wrong !== undefined) {
  console.error(wrong);
  process.exitCode = 2;
} else {
  const files = newComponent(word as Word, name!);
  for (const path of files.keys()) {
    if (existsSync(join(ROOT, path))) throw new Error(`${path} exists already; it was left as it is`);
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
  const { code, output } = await runScript(['scripts/gen.ts']);
  console.log(output.trim());
  process.exitCode = code ?? 1;
}
