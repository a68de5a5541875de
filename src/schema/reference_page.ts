// Reference pages made from options: Markdown, the same text for the same options.

import type { Fields, Option, OptionInfo, OptionType } from './option.ts';

export interface ReferenceExample {
  readonly title: string;
  /** A whole configuration, in YAML. */
  readonly config: string;
}

export interface ReferencePage {
  readonly title: string;
  readonly summary: string;
  /** Short facts below the summary: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly examples: readonly ReferenceExample[];
  readonly option: Option<unknown>;
  /** Markdown at the end, such as where options of all components are described. */
  readonly footer?: string;
}

/** The page of a component. */
export function referencePage({ title, summary, facts, examples, option, footer }: ReferencePage): string {
  const parts = [`# ${title}`, summary];
  if (facts.length > 0) parts.push(facts.map(([name, value]) => `- **${name}**: ${value}`).join('\n'));
  for (const example of examples) {
    parts.push(`## ${example.title}`, `\`\`\`yaml\n${example.config.trimEnd()}\n\`\`\``);
  }
  const { fields = {}, variants } = option.info;
  parts.push('## Options', referenceOptions(variants ? { ...fields } : fields) || 'It has none.');
  if (variants) parts.push(variantSections(variants));
  if (footer !== undefined) parts.push(footer);
  return `${parts.join('\n\n')}\n`;
}

/** One section for each option that is not hidden, in the order of their names. */
export function referenceOptions(fields: Fields): string {
  return shown(fields)
    .map(([name, option]) => {
      const members = memberList(option.info, '');
      return [`### \`${name}\``, factsOf(option.info), describe(option), ...(members === '' ? [] : [members])].join(
        '\n\n',
      );
    })
    .join('\n\n');
}

function variantSections({ tag, cases }: NonNullable<OptionInfo['variants']>): string {
  return Object.entries(cases)
    .filter(([, fields]) => shown(fields).length > 0)
    .map(([name, fields]) => `## Options when \`${tag}\` is \`${name}\`\n\n${referenceOptions(fields)}`)
    .join('\n\n');
}

function shown(fields: Fields): [string, Option<unknown>][] {
  return Object.entries(fields)
    .filter(([, { info }]) => !info.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The members of an object, of the elements of a list or of the values of a map, as a nested list. */
function memberList(info: OptionInfo, margin: string): string {
  const lines = members(info.fields ?? {}, margin);
  for (const [name, fields] of Object.entries(info.variants?.cases ?? {})) {
    if (shown(fields).length === 0) continue;
    lines.push(`${margin}- when \`${info.variants!.tag}\` is \`${name}\`:`, ...members(fields, `${margin}  `));
  }
  for (const [word, inner] of [
    ['each element', info.items],
    ['each value', info.values],
  ] as const) {
    if (inner === undefined || !hasMembers(inner.info)) continue;
    lines.push(`${margin}- ${word}: ${oneLine(describe(inner))}`, memberList(inner.info, `${margin}  `));
  }
  return lines.join('\n');
}

function members(fields: Fields, margin: string): string[] {
  return shown(fields).flatMap(([name, option]) => {
    const line = `${margin}- \`${name}\` (${factsOf(option.info)}): ${oneLine(describe(option))}`;
    const inner = memberList(option.info, `${margin}  `);
    return inner === '' ? [line] : [line, inner];
  });
}

function hasMembers({ fields, items, values }: OptionInfo): boolean {
  return fields !== undefined || [items, values].some((inner) => inner !== undefined && hasMembers(inner.info));
}

/** The sentence of the option, its words and its examples. */
function describe({ doc, info }: Option<unknown>): string {
  const parts = [doc];
  if (info.deprecated !== undefined) parts.push(`**Deprecated**: ${info.deprecated}.`);
  if (info.enum) parts.push(`One of ${info.enum.map(code).join(', ')}.`);
  if (info.notYet && info.notYet.length > 0) parts.push(`Not in this version: ${info.notYet.map(code).join(', ')}.`);
  if (info.aliases && info.aliases.length > 0) parts.push(`Also written ${info.aliases.map(code).join(', ')}.`);
  if (info.examples && info.examples.length > 0) {
    parts.push(`For example ${info.examples.map((example) => code(JSON.stringify(example))).join(', ')}.`);
  }
  return parts.join(' ');
}

const TYPE_NAMES: Readonly<Record<OptionType, string>> = {
  string: 'string',
  bool: 'bool',
  uint: 'uint',
  int: 'int',
  float: 'float',
  object: 'object',
  array: 'array',
  ascii_char: 'character',
  condition: 'condition',
  '*': 'anything',
};

/** Type, whether it must be given, default and unit. */
function factsOf(info: OptionInfo): string {
  const facts = [typeName(info)];
  if (info.syntax !== undefined) facts.push(info.syntax);
  if (info.unit !== undefined) facts.push(info.unit);
  if (info.required) facts.push('**required**');
  else facts.push(info.default === undefined ? 'optional' : `default ${code(defaultText(info))}`);
  return facts.join(', ');
}

function typeName(info: OptionInfo): string {
  const names = info.types.map((type) => {
    if (type === 'array' && info.items) return `array of ${typeName(info.items.info)}`;
    if (type === 'object' && info.values) return `map of ${typeName(info.values.info)}`;
    return TYPE_NAMES[type];
  });
  return [...new Set(names)].join(' or ');
}

function defaultText({ default: value }: OptionInfo): string {
  return value === Number.POSITIVE_INFINITY ? 'no limit' : JSON.stringify(value);
}

/** Text as inline code, whatever backticks and line ends it holds. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replace(/\s*\n\s*/g, ' ')}${pad}${fence}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
