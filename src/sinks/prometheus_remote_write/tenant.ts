// Whose metrics they are: the tenant of each is made of a template, and requests hold those of one tenant.

import { confineValue } from '../../codecs/template/confinement.ts';
import { RenderError, staticText, type Template } from '../../codecs/template/template.ts';
import type { SinkContext } from '../../component/context.ts';
import { RouteError, type Target } from '../../component/request_parcels.ts';
import type { Event, EventType } from '../../event/event.ts';

interface TenantConfig {
  readonly tenant_id: Template | undefined;
  readonly dangerously_allow_unconfined_template_resolution: boolean;
}

type Route = Target<string | undefined> | ((event: Event, type: EventType) => Target<string | undefined> | RouteError);

export function tenantRoute(config: TenantConfig, context: SinkContext): Route {
  const { tenant_id: tenant } = config;
  if (!tenant) return { key: '', value: undefined };
  const fixed = staticText(tenant);
  if (fixed !== undefined) return { key: '', value: headerValue(fixed) };
  const render = confineValue(tenant, { unconfined: config.dangerously_allow_unconfined_template_resolution });
  const rendering = { logSchema: context.globals.logSchema, clock: context.clock };
  return (event, type) => {
    const text = render(event, type, rendering);
    if (text instanceof RenderError) return new RouteError(text.type, text.message);
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text))
      return new RouteError('template_failed', 'the tenant holds a control character');
    return { key: text, value: headerValue(text) };
  };
}

/** As it goes over the wire, one character per byte of UTF-8. */
function headerValue(text: string): string {
  return Buffer.from(text.trim(), 'utf8').toString('latin1');
}
