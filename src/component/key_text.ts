// Texts that components group events by: a template for each event. An event without such a text is a group of its own.

import { fieldsOf, RenderError, renderTemplate, type Template } from '../codecs/template/template.ts';
import type { Needs } from '../engine/segment/step.ts';
import type { Event, EventType } from '../event/event.ts';
import type { ComponentContext } from './context.ts';

export interface KeyText {
  readonly needs: Needs;
  /** Undefined, and said in the log, when a field is missing. */
  of(event: Event, type: EventType): string | undefined;
}

/** `option` is what the template is called in the configuration. */
export function keyText(template: Template, option: string, context: ComponentContext): KeyText {
  const { logSchema } = context.globals;
  const surroundings = { logSchema, clock: context.clock };
  const hasTime = template.parts.some(({ kind }) => kind === 'time');
  const times = hasTime && logSchema.timestamp ? [logSchema.timestamp] : [];
  return {
    needs: { reads: [...fieldsOf(template), ...times], writes: [] },
    of(event, type) {
      const text = renderTemplate(template, event, type, surroundings);
      if (!(text instanceof RenderError)) return text;
      context.log.warn(`Failed to render template for "${option}".`, { error: text.message });
      return undefined;
    },
  };
}
