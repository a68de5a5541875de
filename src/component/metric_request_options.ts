// The options that sources of metrics by HTTP share.

import { listenAddress } from '../net/address.ts';
import { keepalive } from '../net/http/keepalive.ts';
import { serverAuth } from '../net/http/server_auth.ts';
import { tlsEnableable } from '../net/tls/options.ts';
import { sourceAcknowledgements } from './common_options.ts';

export const metricRequestOptions = {
  acknowledgements: sourceAcknowledgements(),
  address: listenAddress('The address to listen on, as an IP address and a port.'),
  auth: serverAuth(),
  keepalive: keepalive(),
  tls: tlsEnableable(),
} as const;
