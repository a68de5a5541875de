// The reference of the language: a page of all functions, made from their definitions, and one of all codes of
// diagnostics.

import { sortedKeys } from '../src/event/object.ts';
import { Float, isObject, type Value } from '../src/event/value.ts';
import { displayValue } from '../src/vrl/4_run/display.ts';
import type { CodeInfo } from '../src/vrl/diagnostics/codes.ts';
import type { ClosureParameter, Example, FunctionDefinition, Parameter } from '../src/vrl/function.ts';
import { kindsText } from '../src/vrl/vrl.ts';

export const FUNCTIONS_PAGE = 'docs/reference/vrl/functions.md';
export const ERRORS_PAGE = 'docs/reference/vrl/errors.md';

/** Kinds as messages of the compiler spell them. */
/** The page of all functions: an index by category, and a section for each. */
export function renderFunctions(functions: readonly FunctionDefinition[]): string {
  const sorted = [...functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  const categories = [...new Set(sorted.map(({ category }) => category))].sort();
  const parts = [
    '# Functions',
    'Every function that a VRL program can call. Written by `npm run gen` from the functions themselves; do not edit. ' +
      'What the compiler says about programs is explained in [errors](errors.md).',
    'A function that can fail is called with its error handled: `f(x) ?? "none"` takes a fallback, `y, err = f(x)` takes ' +
      'the error, and `f!(x)` ends the program with it.',
    '## By category',
  ];
  for (const category of categories) {
    const links = sorted.filter((one) => one.category === category).map(({ name }) => `[\`${name}\`](#${name})`);
    parts.push(`**${category}**: ${links.join(', ')}`);
  }
  parts.push('## All functions', ...sorted.map(renderFunction));
  return `${parts.join('\n\n')}\n`;
}

function renderFunction(definition: FunctionDefinition): string {
  const { name, doc, parameters, failures = [], notices = [], examples } = definition;
  const parts = [`### ${name}`, fenced('text', signature(definition)), doc.trim()];
  if (parameters.length > 0) parts.push(parameterTable(parameters));
  const facts = [
    definition.returns.fallible ? 'It can fail.' : 'It cannot fail when its arguments are of these kinds.',
  ];
  if (definition.pure === false) facts.push('It has an effect, or gives something else each time.');
  parts.push(facts.join(' '));
  if (failures.length > 0) parts.push(`It fails when:\n\n${failures.map((one) => `- ${one.trim()}`).join('\n')}`);
  for (const notice of notices) parts.push(`> ${notice.trim().replaceAll('\n', '\n> ')}`);
  for (const example of examples) parts.push(renderExample(example));
  return parts.join('\n\n');
}

/** `parse_json(value: string, max_depth?: integer) -> any`; a closure and the way to fail are part of it. */
export function signature({ name, parameters, closure, returns }: FunctionDefinition): string {
  const list = parameters.map((one) => `${one.name}${one.required ? '' : '?'}: ${kindsText(one.kinds)}`);
  const block = closure?.inputs[0] ? ` -> |${closure.inputs[0].variables.map(variableText).join(', ')}| { … }` : '';
  return `${name}(${list.join(', ')})${block}\n  returns ${kindsText(returns.kinds)}${returns.fallible ? ', or fails' : ''}`;
}

function variableText(variable: ClosureParameter): string {
  if (typeof variable !== 'string') return 'match';
  if (variable === 'inner_key') return 'key';
  return variable === 'inner_value' ? 'value' : variable === 'bytes' ? 'string' : variable;
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map((one) => {
    const standard = one.required ? 'required' : one.default === undefined ? '' : code(displayText(one.default));
    return `| \`${one.name}\` | ${kindsText(one.kinds)} | ${standard} | ${cell(one.doc)}${valueList(one)} |`;
  });
  return ['| Parameter | Kind | Default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function valueList({ values }: Parameter): string {
  if (!values) return '';
  const list = Object.entries(values).map(([value, doc]) => `\`${value}\`${doc === '' ? '' : `: ${cell(doc)}`}`);
  return ` One of<br>${list.join('<br>')}`;
}

function cell(markdown: string): string {
  return markdown.trim().replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function renderExample({ title, source, event, result, error, varies }: Example): string {
  const parts = [`#### ${title.trim()}`];
  if (event !== undefined) parts.push(`With the event\n\n${fenced('coffee', pretty(event, ''))}`);
  parts.push(fenced('coffee', source.trim()));
  if (error !== undefined) parts.push(`fails with\n\n${fenced('text', error)}`);
  else if (result !== undefined)
    parts.push(`${varies ? 'gives something like' : 'gives'}\n\n${fenced('coffee', pretty(result, ''))}`);
  return parts.join('\n\n');
}

/** A block of code whose fence is longer than any in it. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const LINE_LENGTH_MAX = 80;

/** A value as a program would write it, in lines when it is long. */
export function pretty(value: Value, margin: string): string {
  const line = displayText(value);
  if (line.length + margin.length <= LINE_LENGTH_MAX) return line;
  const inner = `${margin}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${margin}]`;
  if (!isObject(value)) return line;
  const members = sortedKeys(value).map((key) => `${inner}${displayText(key)}: ${pretty(value[key]!, inner)}`);
  return `{\n${members.join(',\n')}\n${margin}}`;
}

/** Unlike in messages, whole floats keep their fraction, and nothing breaks the line. */
function displayText(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Float) {
    const text = displayValue(value);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (Array.isArray(value)) return `[${value.map(displayText).join(', ')}]`;
  if (!isObject(value)) return displayValue(value);
  const members = sortedKeys(value).map((key) => `${displayText(key)}: ${displayText(value[key]!)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** The page of all codes of diagnostics. */
export function renderErrors(codes: Readonly<Record<number, CodeInfo>>): string {
  const parts = [
    '# Errors and warnings of the compiler',
    'Each has a code that stays what it is. Written by `npm run gen` from the codes themselves; do not edit.',
  ];
  const numbers = Object.keys(codes).map(Number);
  for (const number of numbers.sort((a, b) => a - b)) {
    const { name, severity, explanation } = codes[number]!;
    const label = severity === 'warning' ? ' (warning)' : '';
    parts.push(`## E${number} ${name}${label}`, explanation.trim());
  }
  return `${parts.join('\n\n')}\n`;
}
