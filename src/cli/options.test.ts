import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, CommanderError } from './commander.ts';
import {
  addConfigOptions,
  addOption,
  collect,
  type Environment,
  environmentValue,
  trueOrFalse,
  wholeNumber,
} from './options.ts';

interface Parsed {
  readonly flags: Record<string, unknown>;
  readonly errors: string;
}

/** What a command with options of every kind makes of its surroundings. */
function parse(env: Environment, args: readonly string[]): Parsed {
  let errors = '';
  let flags: Record<string, unknown> = {};
  const command = new Command('sluice').exitOverride().configureOutput({
    writeErr: (text) => void (errors += text),
    writeOut: () => {},
  });
  addConfigOptions(command, env);
  const add = (...option: Parameters<typeof addOption> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
    addOption(command, env, ...option);
  add('-t, --threads <count>', 'Threads.', { env: 'VECTOR_THREADS', parse: wholeNumber(1) });
  add('--limit-secs <seconds>', 'Limit.', { env: 'VECTOR_LIMIT_SECS', parse: wholeNumber(0), default: 60 });
  add('-r, --require-healthy <bool>', 'Healthy.', { env: 'VECTOR_REQUIRE_HEALTHY', parse: trueOrFalse });
  add('-w, --watch-config', 'Watch.', { env: 'VECTOR_WATCH_CONFIG', default: false });
  add('--no-limit', 'No limit.', { env: 'VECTOR_NO_LIMIT' });
  add('--color <when>', 'Colour.', {
    env: 'VECTOR_COLOR',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
  });
  add('-v, --verbose', 'More.', {
    parse: (_, previous) => (typeof previous === 'number' ? previous : 0) + 1,
    default: 0,
  });
  add('--tracing', 'Tracing.', { env: 'ALLOCATION_TRACING', default: false });
  command.action((given: Record<string, unknown>) => void (flags = given));
  const other = command.command('list').exitOverride();
  other.action(() => void (flags = { listed: true }));
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return { flags, errors };
}

test('SLUICE_ comes before VECTOR_, even where it is empty, and other names stay', () => {
  assert.equal(environmentValue({ VECTOR_LOG: 'a', SLUICE_LOG: 'b' }, 'VECTOR_LOG'), 'b');
  assert.equal(environmentValue({ VECTOR_LOG: 'a' }, 'VECTOR_LOG'), 'a');
  assert.equal(environmentValue({ VECTOR_LOG: 'a', SLUICE_LOG: '' }, 'VECTOR_LOG'), '');
  assert.equal(environmentValue({}, 'VECTOR_LOG'), undefined);
  assert.equal(environmentValue({ ALLOCATION_TRACING: 'x' }, 'ALLOCATION_TRACING'), 'x');
});

test('an option is what the command line says, else the environment, else its default', () => {
  assert.equal(parse({}, []).flags['limitSecs'], 60);
  assert.equal(parse({ VECTOR_LIMIT_SECS: '5' }, []).flags['limitSecs'], 5);
  assert.equal(parse({ VECTOR_LIMIT_SECS: '5', SLUICE_LIMIT_SECS: '6' }, []).flags['limitSecs'], 6);
  assert.equal(parse({ VECTOR_LIMIT_SECS: '5' }, ['--limit-secs', '7']).flags['limitSecs'], 7);
  assert.equal(parse({ VECTOR_LIMIT_SECS: '' }, []).flags['limitSecs'], 60);
  assert.equal(parse({ ALLOCATION_TRACING: 'true' }, []).flags['tracing'], true);
});

test('lists are collected over commas and repeats, and replace the list of the environment', () => {
  const env = { VECTOR_CONFIG: 'env1,env2', SLUICE_CONFIG_DIR: 'conf.d' };
  assert.deepEqual(parse(env, []).flags['config'], ['env1', 'env2']);
  assert.deepEqual(parse(env, []).flags['configDir'], ['conf.d']);
  assert.deepEqual(parse(env, ['-c', 'a,b', '--config', 'c,']).flags['config'], ['a', 'b', 'c']);
  assert.deepEqual(parse({}, ['--config-toml', 'a', '--config-json', 'b', '--config-yaml', 'c']).flags, {
    ...parse({}, []).flags,
    configToml: ['a'],
    configJson: ['b'],
    configYaml: ['c'],
  });
  assert.equal(parse({}, []).flags['config'], undefined);
  assert.deepEqual(collect(',,', undefined), []);
});

test('a flag that counts begins anew on each command line', () => {
  assert.equal(parse({}, []).flags['verbose'], 0);
  assert.equal(parse({}, ['-vv', '--verbose']).flags['verbose'], 3);
});

for (const [text, value] of [
  ['true', true],
  ['1', true],
  ['Yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['NO', false],
  ['off', false],
] as const) {
  test(`a flag in the environment may be spelled ${text}, with or without \`--no-\``, () => {
    const { flags, errors } = parse({ VECTOR_WATCH_CONFIG: text, VECTOR_NO_LIMIT: text }, []);
    assert.equal(errors, '');
    assert.equal(flags['watchConfig'], value);
    assert.equal(flags['limit'], !value);
  });
}

test('a flag with `--no-` is on until it is given', () => {
  assert.equal(parse({}, []).flags['limit'], true);
  assert.equal(parse({}, ['--no-limit']).flags['limit'], false);
});

for (const [variable, text, message] of [
  ['VECTOR_THREADS', 'many', /'VECTOR_THREADS' is invalid: expected a whole number from 1, got `many`/],
  ['SLUICE_THREADS', '0', /'SLUICE_THREADS' is invalid: expected a whole number from 1, got `0`/],
  ['VECTOR_COLOR', 'blue', /'VECTOR_COLOR' is invalid: expected one of `auto`, `always`, `never`, got `blue`/],
  ['VECTOR_REQUIRE_HEALTHY', 'yes', /expected `true` or `false`, got `yes`/],
  ['VECTOR_WATCH_CONFIG', 'maybe', /expected `true` or `false`, got `maybe`/],
  ['VECTOR_NO_LIMIT', '2', /expected `true` or `false`, got `2`/],
] as const) {
  test(`${variable}=${text} is a usage error of the command it is for, and of no other`, () => {
    assert.match(parse({ [variable]: text }, []).errors, message);
    assert.deepEqual(parse({ [variable]: text }, ['list']), { flags: { listed: true }, errors: '' });
  });
}

test('a wrong value in the environment does not matter where the command line says another', () => {
  const { flags, errors } = parse({ VECTOR_THREADS: 'many' }, ['--threads', '2']);
  assert.equal(errors, '');
  assert.equal(flags['threads'], 2);
});

for (const args of [
  ['--threads', '0'],
  ['--threads', '1.5'],
  ['--threads', '-1'],
  ['--threads', '99999999999999999999'],
  ['--threads', '0x10'],
  ['--require-healthy', 'TRUE'],
  ['--color', 'blue'],
]) {
  test(`${args.join(' ')} is a usage error`, () => {
    const { flags, errors } = parse({}, args);
    assert.match(errors, /is invalid/);
    assert.deepEqual(flags, {});
  });
}

test('the help names the variable as it is spelled here', () => {
  const command = new Command('x');
  addOption(command, {}, '--threads <n>', 'Threads.', { env: 'VECTOR_THREADS' });
  addOption(command, { VECTOR_SECRET: 'hunter2' }, '--secret <text>', 'A secret.', { env: 'VECTOR_SECRET' });
  assert.match(command.helpInformation(), /Threads\. \[env: SLUICE_THREADS\]/);
  assert.doesNotMatch(command.helpInformation(), /hunter2/);
});
