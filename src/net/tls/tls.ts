// TLS settings as Node's tls module takes them, made of the option group `tls`: files and inline PEM, PKCS#12 and DER.
// Everything is read and checked here, once, so that a wrong file is an error at start that names the file and why.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import nodeTls from 'node:tls';
import type { Logger } from '../../telemetry/log.ts';
import type { TlsConfig } from './options.ts';

/** What stands in front of PEM text; an option that holds it is the text itself and not a path. */
const PEM_MARK = '-----BEGIN ';

/** Larger files are no certificates. */
const FILE_BYTES_MAX = 16_777_216;

/** A wrong TLS setting: the message names the option, the file and the reason. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}

/** The settings of one side that are the same for every connection. */
interface Identity {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string | Buffer;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
}

/** TLS of outgoing connections: `options(host)` goes into `tls.connect` or an HTTP agent. */
export interface ClientTls {
  options(host: string): nodeTls.ConnectionOptions;
}

/**
 * The client's settings. With a group that has `enabled`, call this only when it is true.
 * @throws TlsError
 */
export function clientTls(config: TlsConfig, log?: Pick<Logger, 'warn'>): ClientTls {
  const identity = loadIdentity(config);
  const verifyCertificate = config.verify_certificate ?? true;
  const verifyHostname = config.verify_hostname ?? true;
  if (!verifyCertificate)
    log?.warn('`tls.verify_certificate` is off: whoever answers is trusted, and the data can be read on the way');
  else if (!verifyHostname)
    log?.warn('`tls.verify_hostname` is off: any holder of a trusted certificate can pose as the server');
  const secureContext = createContext(config, { ...identity, ca: identity.ca ?? systemAuthorities() });
  const alpn = alpnProtocols(config);
  return {
    options(host) {
      const name = config.server_name ?? host;
      return {
        secureContext,
        rejectUnauthorized: verifyCertificate,
        // The certificate is held against the host that was asked for, not against the name sent as SNI.
        checkServerIdentity: (_name, certificate) =>
          verifyHostname ? nodeTls.checkServerIdentity(host, certificate) : undefined,
        ...(isIP(name) === 0 && name !== '' ? { servername: name } : {}),
        ...(alpn ? { ALPNProtocols: alpn } : {}),
      };
    },
  };
}

/**
 * The server's settings, for `tls.createServer`, `https.createServer` or `http2.createSecureServer`.
 * @throws TlsError
 */
export function serverTls(config: TlsConfig): nodeTls.TlsOptions {
  const identity = loadIdentity(config);
  if (!identity.cert && !identity.pfx)
    throw new TlsError('a server needs a certificate: set `tls.crt_file` and `tls.key_file`');
  const verifyCertificate = config.verify_certificate ?? false;
  const alpn = alpnProtocols(config);
  const settings = { ...identity, ...(identity.ca || !verifyCertificate ? {} : { ca: systemAuthorities() }) };
  createContext(config, settings);
  return {
    ...settings,
    requestCert: verifyCertificate,
    rejectUnauthorized: verifyCertificate,
    ...(alpn ? { ALPNProtocols: alpn } : {}),
  };
}

/**
 * The subject of a peer's certificate as one line, most specific part first (`CN=client,OU=ops,O=Example`), or
 * undefined when the peer showed none.
 */
export function peerSubject(socket: nodeTls.TLSSocket): string | undefined {
  const subject = socket.getPeerCertificate()?.subject as unknown as
    | Readonly<Record<string, string | string[] | undefined>>
    | undefined;
  if (!subject) return undefined;
  const parts = ['CN', 'OU', 'O', 'L', 'ST', 'C'].flatMap((name) => {
    const value = subject[name];
    return value === undefined ? [] : [`${name}=${Array.isArray(value) ? value[0] : value}`];
  });
  return parts.join(',');
}

function loadIdentity(config: TlsConfig): Identity {
  const ca = config.ca_file === undefined ? {} : { ca: authorities(config.ca_file) };
  if (config.crt_file === undefined) return ca;
  const { bytes, pem, name } = open('crt_file', config.crt_file);
  if (!pem) return { ...ca, pfx: bytes, ...(config.key_pass === undefined ? {} : { passphrase: config.key_pass }) };
  const cert = bytes.toString('utf8');
  const [certificate] = certificates(cert, 'crt_file', name);
  if (config.key_file === undefined)
    throw new TlsError(`\`tls.crt_file\` is given and needs \`tls.key_file\` beside it`);
  const key = privateKey(config.key_file, config.key_pass);
  if (!certificate!.checkPrivateKey(key))
    throw new TlsError(`the key in \`tls.key_file\` does not belong to the certificate in \`tls.crt_file\` (${name})`);
  return { ...ca, cert, key: key.export({ type: 'pkcs8', format: 'pem' }) };
}

/** The bytes that an option names, and whether they are PEM. */
function open(option: string, value: string): { bytes: Buffer; pem: boolean; name: string } {
  if (value.includes(PEM_MARK)) return { bytes: Buffer.from(value, 'utf8'), pem: true, name: 'inline text' };
  let bytes: Buffer;
  try {
    bytes = readFileSync(value);
  } catch (cause) {
    throw new TlsError(`\`tls.${option}\`: cannot read ${value}: ${reason(cause)}`, { cause });
  }
  if (bytes.length > FILE_BYTES_MAX) throw new TlsError(`\`tls.${option}\`: ${value} is too large to be a certificate`);
  if (bytes.length === 0) throw new TlsError(`\`tls.${option}\`: ${value} is empty`);
  return { bytes, pem: bytes.includes(PEM_MARK), name: value };
}

const PEM_CERTIFICATE = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----/g;

function certificates(pem: string, option: string, name: string): X509Certificate[] {
  const blocks = pem.match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new TlsError(`\`tls.${option}\`: there is no certificate in ${name}`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new TlsError(`\`tls.${option}\`: certificate ${index + 1} in ${name} is damaged: ${reason(cause)}`, {
        cause,
      });
    }
  });
}

function authorities(value: string): string[] {
  const { bytes, pem, name } = open('ca_file', value);
  if (pem) return certificates(bytes.toString('utf8'), 'ca_file', name).map(String);
  try {
    return [new X509Certificate(bytes).toString()];
  } catch (cause) {
    throw new TlsError(`\`tls.ca_file\`: ${name} is neither PEM nor a DER certificate: ${reason(cause)}`, { cause });
  }
}

function privateKey(value: string, passphrase: string | undefined): KeyObject {
  const { bytes, pem, name } = open('key_file', value);
  const given = passphrase === undefined ? {} : { passphrase };
  const attempts = pem
    ? [{ key: bytes, format: 'pem' as const, ...given }]
    : (['pkcs8', 'pkcs1', 'sec1'] as const).map((type) => ({ key: bytes, format: 'der' as const, type, ...given }));
  let cause: unknown;
  for (const attempt of attempts) {
    try {
      return createPrivateKey(attempt);
    } catch (error) {
      cause ??= error;
    }
  }
  throw new TlsError(`\`tls.key_file\`: no key can be read from ${name}: ${reason(cause)}`, { cause });
}

/** Checks all of the settings together, as OpenSSL sees them. */
function createContext(config: TlsConfig, settings: Identity): nodeTls.SecureContext {
  try {
    return nodeTls.createSecureContext(settings);
  } catch (cause) {
    const what = settings.pfx ? `\`tls.crt_file\`: ${config.crt_file} is not PEM and, as PKCS#12,` : 'the TLS settings';
    throw new TlsError(`${what} cannot be used: ${reason(cause)}`, { cause });
  }
}

let system: string[] | undefined;

/** Without `ca_file`: the authorities of the operating system and those that come with Node. */
function systemAuthorities(): string[] {
  system ??= [...new Set([...nodeTls.getCACertificates('default'), ...nodeTls.getCACertificates('system')])];
  return system;
}

const ALPN_NAME_BYTES_MAX = 255;

function alpnProtocols(config: TlsConfig): string[] | undefined {
  for (const name of config.alpn_protocols ?? []) {
    const length = Buffer.byteLength(name);
    if (length === 0 || length > ALPN_NAME_BYTES_MAX)
      throw new TlsError(`\`tls.alpn_protocols\`: a name has 1 to ${ALPN_NAME_BYTES_MAX} bytes, got ${length}`);
  }
  return config.alpn_protocols ? [...config.alpn_protocols] : undefined;
}

/** OpenSSL's and the system's reasons in words. */
function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  const known: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ERR_MISSING_PASSPHRASE: 'it is encrypted, and `tls.key_pass` is not set',
    ERR_OSSL_BAD_DECRYPT: '`tls.key_pass` does not open it',
    ERR_OSSL_UNSUPPORTED: 'its format or its encryption is not supported',
  };
  if (code !== undefined && Object.hasOwn(known, code)) return known[code]!;
  if (/interrupted or cancelled/i.test(message ?? '')) return known['ERR_MISSING_PASSPHRASE']!;
  if (/mac verify failure/i.test(message ?? '')) return '`tls.key_pass` does not open it';
  if (/unsupported|not enough data|wrong tag/i.test(message ?? ''))
    return 'its format or its encryption is not supported';
  return (message ?? String(error)).replace(/^error:[0-9A-F]+:/, '');
}
