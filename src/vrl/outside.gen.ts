// All functions that reach outside of the program, by name. Written by `npm run gen`; do not edit.

import type { FunctionDefinition } from './function.ts';
import { dnsLookup } from './outside/dns_lookup.ts';
import { getEnvVar } from './outside/get_env_var.ts';
import { getHostname } from './outside/get_hostname.ts';
import { httpRequest } from './outside/http_request.ts';
import { reverseDns } from './outside/reverse_dns.ts';

export const outside: readonly FunctionDefinition[] = [
  dnsLookup,
  getEnvVar,
  getHostname,
  httpRequest,
  reverseDns,
];
