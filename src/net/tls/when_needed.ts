// TLS settings that are read only where they are given or needed: reading the system's authorities takes its time.

import type { Logger } from '../../telemetry/log.ts';
import type { TlsConfig } from './options.ts';
import { type ClientTls, clientTls } from './tls.ts';

const NO_SETTINGS = {} as TlsConfig;

/** The client's settings: read at once where there are some or `isNeeded`, otherwise when they are asked for. */
export function tlsWhenNeeded(config: TlsConfig | undefined, isNeeded: boolean, log: Pick<Logger, 'warn'>): ClientTls {
  const load = (): ClientTls => clientTls(config ?? NO_SETTINGS, log);
  if (config || isNeeded) return load();
  let loaded: ClientTls | undefined;
  return { options: (host) => (loaded ??= load()).options(host) };
}
