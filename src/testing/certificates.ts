// Certificates for tests, valid for a century: one authority and what it issued. The keys protect nothing.

import { fileURLToPath } from 'node:url';

const path = (name: string): string => fileURLToPath(new URL(`./certificates/${name}`, import.meta.url));

/** Paths of the files; the passphrase of what is encrypted is `passphrase`. */
export const certificates = {
  passphrase: 'opensesame',
  authority: path('ca.crt'),
  authorityDer: path('ca.der'),
  /** For `localhost`, `127.0.0.1` and `::1`. */
  server: { cert: path('server.crt'), key: path('server.key') },
  serverEncryptedKey: path('server.encrypted.key'),
  serverKeyDer: path('server.key.der'),
  /** Certificate, key and authority as PKCS#12. */
  serverArchive: path('server.p12'),
  /** Subject `CN=client,OU=clients,O=Sluice tests,L=Utrecht,ST=Utrecht,C=NL`. */
  client: { cert: path('client.crt'), key: path('client.key') },
  /** For `elsewhere.example.com` only. */
  elsewhere: { cert: path('elsewhere.crt'), key: path('elsewhere.key') },
} as const;
