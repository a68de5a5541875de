// Options that hold a template, and the one that lifts its confinement.

import { bool, ParseProblem, parsed, string } from '../../schema/schema.ts';
import { parseTemplate, type Template } from './template.ts';

interface AboutTemplate {
  readonly default?: string;
  readonly optional?: true;
  readonly examples?: readonly string[];
  readonly aliases?: readonly string[];
  readonly deprecated?: string;
}

/** Text with `{{ field }}` and time specifiers, parsed. */
export function template<const A extends AboutTemplate>(doc: string, about?: A) {
  return parsed(string(doc, { ...(about as A), syntax: 'template' } as A & { readonly syntax: 'template' }), read);
}

function read(text: string): Template | ParseProblem {
  const parsedTemplate = parseTemplate(text);
  return typeof parsedTemplate === 'string' ? new ParseProblem(parsedTemplate) : parsedTemplate;
}

/** `dangerously_allow_unconfined_template_resolution`. */
export function unconfinedTemplates() {
  return bool('Whether values of events may lead a template anywhere: out of its folder, to another host.', {
    default: false,
  });
}
