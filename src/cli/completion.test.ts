import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { type Captured, captured } from '../testing/output.ts';
import { completion, SHELLS } from './completion.ts';
import { buildProgram, type Surroundings } from './program.ts';

function surroundings(): Surroundings & Captured {
  return { ...captured(), env: {}, finish: () => {} };
}

function script(shell: string): string {
  const given = surroundings();
  assert.equal(completion(shell, buildProgram(given), given), 0);
  return given.out();
}

const program = buildProgram(surroundings());
const hidden = new Set(['interpolate']);
const commands = program.commands.filter((command) => !hidden.has(command.name()));

for (const shell of SHELLS) {
  test(`${shell}: every command and every flag can be completed, and nothing that is hidden`, () => {
    const text = script(shell);
    for (const command of commands) assert.match(text, new RegExp(`\\b${command.name()}\\b`), command.name());
    for (const { long, hidden: isHidden } of [program, ...commands].flatMap(({ options }) => options)) {
      const written = shell === 'fish' ? `-l ${long!.slice(2)}` : long!;
      const found = new RegExp(`${written}(?![\\w-])`).test(text);
      assert.equal(found, !isHidden, `${long} in ${shell}`);
    }
    assert.match(text, shell === 'fish' ? /-l help/ : /--help/);
    assert.doesNotMatch(text, /interpolate --|'interpolate'|undefined|\[object/);
  });
}

test('a shell that nobody knows is a usage error that names the others', () => {
  for (const shell of ['tcsh', '__proto__', 'constructor', '']) {
    const given = surroundings();
    assert.equal(completion(shell, program, given), 64);
    assert.equal(given.out(), '');
    assert.match(given.err(), /bash, elvish, fish, powershell, zsh/);
  }
});

/** What bash offers behind a command line whose last word is being written. */
function offered(line: readonly string[], folder: string): string[] {
  const path = join(folder, '.completion');
  writeFileSync(path, script('bash'));
  const code = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['--norc', '-c', code, path, ...line], { cwd: folder, encoding: 'utf8' });
  return text.split('\n').filter((word) => word !== '');
}

test('bash: the script is valid', () => {
  execFileSync('bash', ['-n'], { input: script('bash') });
});

test('bash: completes commands and the flags of the command that is there', () => {
  using folder = temporaryFolder();
  assert.deepEqual(offered(['sluice', 'val'], folder.path), ['validate']);
  assert.deepEqual(offered(['sluice', 'validate', '--skip'], folder.path), ['--skip-healthchecks']);
  assert.deepEqual(offered(['sluice', '--quiet', 'validate', '--skip'], folder.path), ['--skip-healthchecks']);
  assert.deepEqual(offered(['sluice', '--skip'], folder.path), []);
  assert.deepEqual(offered(['sluice', '--threa'], folder.path), ['--threads']);
});

test('bash: completes the words that a flag takes, by command', () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'mermaid.txt'), '');
  assert.deepEqual(offered(['sluice', 'graph', '--format', 'mer'], folder.path), ['mermaid']);
  assert.deepEqual(offered(['sluice', 'list', '--format', ''], folder.path), ['text', 'json', 'avro']);
  assert.deepEqual(offered(['sluice', '--log-format', 'j'], folder.path), ['json']);
});

test('bash: completes names of files, with blanks in them too', () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'my config.yaml'), '');
  assert.deepEqual(offered(['sluice', 'validate', 'my'], folder.path), ['my config.yaml']);
  assert.deepEqual(offered(['sluice', '--config', 'my'], folder.path), ['my config.yaml']);
});
