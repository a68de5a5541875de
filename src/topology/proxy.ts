// Proxy settings: the component's, then the global ones, then the environment, each part on its own.

import type { ProxySettings } from '../component/context.ts';
import type { GlobalConfig } from '../config/config.ts';

type ProxyConfig = GlobalConfig['proxy'];
type Environment = Readonly<Record<string, string | undefined>>;

/** Merges proxy settings, the nearest first. Proxies are used when none of `configs` switched them off. */
export function mergeProxies(configs: readonly ProxyConfig[], env: Environment): ProxySettings {
  const part = (name: 'http' | 'https'): string | undefined => {
    const configured = configs.find((config) => config?.[name] !== undefined);
    return configured?.[name] ?? fromEnvironment(env, `${name}_proxy`);
  };
  const http = part('http');
  const https = part('https');
  const noProxy = configs.find((config) => config && config.no_proxy.length > 0)?.no_proxy;
  return {
    enabled: configs.every((config) => config?.enabled ?? true),
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    noProxy: noProxy ?? listed(fromEnvironment(env, 'no_proxy')),
  };
}

/** Lower case comes first, as everywhere. */
function fromEnvironment(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function listed(hosts: string | undefined): string[] {
  return (hosts ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}
