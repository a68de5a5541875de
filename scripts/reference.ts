// The reference: a page for each component and an index, made from the definitions.

import type { Example, Stability } from '../src/component/define.ts';
import { type Fields, type Option, referenceOptions, referencePage } from '../src/schema/schema.ts';
import type { Component, Kind } from './components.ts';
import { modulePath } from './components.ts';

/** What a page says of a definition of any kind. */
export interface AnyDefinition {
  readonly type: string;
  readonly status: Stability;
  readonly summary: string;
  readonly options: Option<unknown>;
  readonly examples: readonly Example[];
  /** Sources only. */
  readonly acknowledges?: boolean;
}

export interface Defined extends Component {
  readonly definition: AnyDefinition;
}

/** Options that all components of a kind have, by the kind's folder. */
export type CommonOptions = Readonly<Record<string, Fields>>;

/** The path of a component's page from the repository. */
export function pagePath({ kind, name }: Component): string {
  return `docs/reference/${kind.folder}/${name}.md`;
}

/** The page of a component. */
export function renderPage(component: Defined): string {
  const { kind, name, definition } = component;
  const facts: [string, string][] = [['Status', definition.status]];
  if (definition.acknowledges !== undefined) facts.push(['Waits for delivery', definition.acknowledges ? 'yes' : 'no']);
  facts.push(['Source code', `[${modulePath(component)}](../../../${modulePath(component)})`]);
  return referencePage({
    title: `\`${name}\` ${kind.word}`,
    summary: definition.summary,
    facts,
    examples: definition.examples.map((example) => ({
      title: example.title,
      config: wholeConfig(kind, name, example),
    })),
    option: definition.options,
    footer: `The [options of every ${kind.word}](../README.md#options-of-every-${kind.word}) apply as well.`,
  });
}

/** An example's options as part of a configuration. */
export function wholeConfig(kind: Kind, name: string, { config }: Example): string {
  const inputs = kind.word === 'source' ? [] : ['    inputs: [my_input]'];
  const own = config.trimEnd().split('\n');
  const lines = own.filter((line) => own.length > 1 || line !== '').map((line) => (line === '' ? '' : `    ${line}`));
  return [`${kind.folder}:`, `  my_${kind.word}:`, `    type: ${name}`, ...inputs, ...lines].join('\n');
}

/** The page that leads to all others. */
export function renderIndex(components: readonly Defined[], kinds: readonly Kind[], common: CommonOptions): string {
  const parts = [
    '# Reference',
    'What stands beside the components is described in [global options](global_options.md), what Sluice counts of itself in [internal metrics](internal_metrics.md). Written by `npm run gen` from the components themselves; do not edit. ' +
      'Editors check and complete configurations with [configuration.schema.json](configuration.schema.json).',
  ];
  for (const kind of kinds) {
    const own = components.filter((component) => component.kind.folder === kind.folder);
    const rows = own.map(
      ({ name, definition }) =>
        `| [\`${name}\`](${kind.folder}/${name}.md) | ${definition.status} | ${definition.summary.replaceAll('|', '\\|')} |`,
    );
    const table = ['| Name | Status | What it does |', '| --- | --- | --- |', ...rows].join('\n');
    parts.push(`## ${title(kind.folder)}`, rows.length > 0 ? table : 'None yet.');
  }
  for (const kind of kinds) {
    parts.push(`## Options of every ${kind.word}`, referenceOptions(common[kind.folder] ?? {}) || 'None.');
  }
  return `${parts.join('\n\n')}\n`;
}

/** The page of everything that stands at the top of a configuration beside the components. */
export function renderGlobals(options: Fields): string {
  const summary = 'What stands at the top of a configuration beside the [components](README.md).';
  return `${['# Global options', summary, referenceOptions(options)].join('\n\n')}\n`;
}

function title(word: string): string {
  return `${word[0]?.toUpperCase()}${word.slice(1)}`;
}
