import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/component.ts';
import { captured } from '../testing/output.ts';
import { CommanderError } from './commander.ts';
import { buildProgram } from './program.ts';

interface Ran {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in a folder that has the configuration `sluice.yaml`. */
async function ran(args: (config: string) => readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  using folder = temporaryFolder();
  const config = join(folder.path, 'sluice.yaml');
  writeFileSync(
    config,
    'sources: {in: {type: socket, mode: tcp, address: "127.0.0.1:9"}}\nsinks: {out: {type: blackhole, inputs: [in]}}\n',
  );
  const output = captured();
  let code: number | undefined;
  const program = buildProgram({ ...output, env, finish: (given) => void (code = given) });
  const { writeOut, writeErr } = {
    writeOut: (text: string) => void output.stdout.write(text),
    writeErr: (text: string) => void output.stderr.write(text),
  };
  for (const command of [program, ...program.commands]) command.configureOutput({ writeOut, writeErr });
  try {
    await program.parseAsync(args(config), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return { code, out: output.out(), err: output.err() };
}

test('a flag behind a command is the command’s, though the program has one of the same name', async () => {
  const { code, out } = await ran((config) => ['graph', '--config', config]);
  assert.equal(code, 0);
  assert.match(out, /"in" -> "out"/);
});

test('flags about logs and colours may stand before the command or behind it', async () => {
  for (const args of [
    (config: string) => ['--color', 'always', 'validate', '--no-environment', config],
    (config: string) => ['validate', '--color', 'always', '--no-environment', config],
  ]) {
    const { code, out } = await ran(args);
    assert.equal(code, 0);
    assert.match(out, /\u001b\[32m√/);
  }
  const both = await ran((config) => ['--color', 'always', 'validate', '--color', 'never', '--no-environment', config]);
  assert.doesNotMatch(both.out, /\u001b/);
});

test('a wrong value in the environment is told by the command that it is for', async () => {
  const { code, err } = await ran((config) => ['graph', '--config', config], { SLUICE_COLOR: 'blue' });
  assert.equal(code, undefined);
  assert.match(err, /'SLUICE_COLOR' is invalid: expected one of `auto`/);
  assert.match(err, /Run `sluice graph --help`/);
  assert.equal((await ran((config) => ['graph', '--config', config], { SLUICE_THREADS: 'many' })).code, 0);
});

test('a mistyped command and a mistyped flag are told with what they were meant to be', async () => {
  assert.match((await ran(() => ['validat'])).err, /unknown command `validat`; did you mean `validate`\?/);
  assert.match((await ran(() => ['my.yaml'])).err, /a configuration is run by `sluice --config my\.yaml`/);
  assert.match((await ran(() => ['xyzzy'])).err, /unknown command `xyzzy`; there is no such command/);
  assert.match((await ran(() => ['graph', '--confg', 'x'])).err, /--config/);
});
