// The option group `tls`, for clients and servers alike, and what is made of it. See `tls.ts` for the files behind it.

import { type Path, parsePath } from '../../event/path.ts';
import { array, bool, type ConfigOf, object, ParseProblem, parsed, string } from '../../schema/schema.ts';

const identityOptions = {
  ca_file: string(
    'The certificate authorities to trust in place of the usual ones: the path of a PEM or DER file, or PEM text itself.',
    { optional: true, syntax: 'path', aliases: ['ca_path'], examples: ['/path/to/certificate_authority.crt'] },
  ),
  crt_file: string(
    'The own certificate: the path of a PEM file (which needs `key_file` too) or of a PKCS#12 archive, or PEM text itself.',
    { optional: true, syntax: 'path', aliases: ['crt_path'], examples: ['/path/to/host_certificate.crt'] },
  ),
  key_file: string('The key of the own certificate: the path of a PEM or DER file, or PEM text itself.', {
    optional: true,
    syntax: 'path',
    aliases: ['key_path'],
    examples: ['/path/to/host_certificate.key'],
  }),
  key_pass: string('The passphrase that opens an encrypted key file or a PKCS#12 archive.', {
    optional: true,
    sensitive: true,
    examples: ['${KEY_PASS_ENV_VAR}', 'PassWord1'],
  }),
} as const;

const verifyOptions = {
  verify_certificate: bool(
    'Whether the certificate of the other side must be valid and issued by a trusted authority. Clients verify unless told otherwise; servers ask for a certificate only when this is on.',
    { optional: true },
  ),
  verify_hostname: bool(
    'Whether the server’s certificate must name the host that was connected to. Clients verify unless told otherwise.',
    { optional: true },
  ),
} as const;

const tlsOptions = {
  ...identityOptions,
  ...verifyOptions,
  alpn_protocols: array(string('A protocol name.'), 'The ALPN protocols to offer, the preferred one first.', {
    optional: true,
    examples: [['h2']],
  }),
  server_name: string('The server name to ask for (SNI), in place of the host that is connected to.', {
    optional: true,
    examples: ['www.example.com'],
  }),
} as const;

const enabled = bool('Whether connections use TLS; without it the other options of this group have no effect.', {
  optional: true,
});

const DOC = 'How connections are encrypted and the other side is verified.';

/** TLS settings of a client that uses TLS whenever the other side does. */
export function tls() {
  return object(DOC, tlsOptions, { optional: true });
}

/** TLS settings that must be switched on. */
export function tlsEnableable() {
  return object(DOC, { enabled, ...tlsOptions }, { optional: true });
}

/** TLS settings of a source that tells who its peers are. */
export function tlsSource() {
  return object(
    DOC,
    {
      enabled,
      client_metadata_key: parsed(
        string(
          'The event field that gets what the peer’s certificate says about it (its subject). Needs `verify_certificate`.',
          { optional: true, syntax: 'path', examples: ['client_metadata'] },
        ),
        metadataKey,
      ),
      ...tlsOptions,
    },
    { optional: true },
  );
}

/** An empty name is as good as none. */
function metadataKey(text: string): Path | undefined | ParseProblem {
  if (text === '') return undefined;
  const path = parsePath(text);
  return typeof path === 'string' ? new ParseProblem(path) : path;
}

/** TLS settings that only say whom to trust. */
export function tlsTrust() {
  return object(
    DOC,
    {
      ca_file: string('The certificate authorities to trust: the path of a PEM or DER file, or PEM text itself.', {
        syntax: 'path',
        aliases: ['ca_path'],
        examples: ['/path/to/certificate_authority.crt'],
      }),
      ...verifyOptions,
    },
    { optional: true },
  );
}

/** A parsed `tls` option of any of the groups above. */
export type TlsConfig = NonNullable<ConfigOf<ReturnType<typeof tls>>> & { readonly enabled?: boolean };
