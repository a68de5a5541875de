import { parseJson } from '../../event/json.ts';
import { isObject, lossyText } from '../../event/value.ts';
import { datadogGrok } from '../formats/datadog_grok/datadog_grok.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import {
  type Argument,
  type Call,
  CallProblem,
  defineFunction,
  expectedStatic,
  invalidArgument,
  optional,
  required,
} from '../function.ts';

export const parseGroks = defineFunction({
  name: 'parse_groks',
  category: 'Parse',
  doc: [
    "Parses text by the first of several grok rules that matches all of it. Rules are in Datadog's syntax: a placeholder",
    '`%{matcher:field:filter}` says what to look for, where to put it and what to make of it.',
  ].join('\n'),
  parameters: [
    required('value', 'bytes', 'The text to parse.'),
    required('patterns', 'array', 'The rules, tried in order.', { compileTime: true }),
    optional('aliases', 'object', 'Rules by names that other rules can use.', { default: {}, compileTime: true }),
    optional('alias_sources', 'array', 'Paths of JSON files with further aliases.', { default: [], compileTime: true }),
  ],
  failures: [
    'None of `patterns` matches.',
    '`patterns`, `aliases` or `alias_sources` do not hold strings, or a file cannot be read.',
  ],
  returns: { kinds: ['object'], fallible: true },
  examples: [
    {
      title: 'Matchers and filters',
      source: [
        'parse_groks!("served /a in 12 ms", [',
        '  "failed %{notSpace:path}",',
        '  "served %{notSpace:path} in %{integer:took.ms} ms",',
        '])',
      ].join('\n'),
      result: { path: '/a', took: { ms: 12 } },
    },
    {
      title: 'Aliases',
      source: `parse_groks!("user=ann", patterns: ["%{who}"], aliases: { "who": "user=%{word:name:uppercase}" })`,
      result: { name: 'ANN' },
    },
  ],
  prepare(call) {
    const patterns = (call.array('patterns') ?? []).map((item) =>
      textOf(item, 'patterns', 'grok pattern should be a string'),
    );
    const parser = datadogGrok(patterns, aliasesOf(call), () => call.environment.now());
    if (typeof parser === 'string') throw new CallProblem(112, parser, [`grok pattern error: ${parser}`]);
    return (value: string | Uint8Array) => parser(utf8Text(value));
  },
});

function aliasesOf(call: Call): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const [name, member] of call.object('aliases') ?? [])
    aliases.set(name, textOf(member, 'aliases', 'alias pattern should be a string'));
  const paths = (call.array('alias_sources') ?? []).map((item) =>
    textOf(item, 'alias_sources', 'alias source should be a string'),
  );
  for (const path of paths) for (const [name, alias] of readAliases(call, path)) aliases.set(name, alias);
  return aliases;
}

function textOf(item: Argument, parameter: string, problem: string): string {
  const { constant } = item;
  if (constant === undefined) throw expectedStatic(parameter, item);
  if (typeof constant !== 'string' && !(constant instanceof Uint8Array))
    throw invalidArgument(parameter, item.shape, problem);
  return utf8Text(constant);
}

function readAliases(call: Call, path: string): readonly (readonly [string, string])[] {
  const bytes = call.environment.readFile(path);
  if (typeof bytes === 'string')
    throw invalidArgument('alias_sources', `"${path}"`, 'Unable to open alias source file');
  const unreadable = invalidArgument('alias_sources', `"${path}"`, 'Unable to read alias source');
  let value: ReturnType<typeof parseJson>;
  try {
    value = parseJson(lossyText(bytes));
  } catch {
    throw unreadable;
  }
  if (!isObject(value)) throw unreadable;
  return Object.entries(value).map(([name, alias]) => {
    if (typeof alias !== 'string') throw unreadable;
    return [name, alias];
  });
}
