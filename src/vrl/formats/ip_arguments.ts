// Arguments that are IP addresses, and the cipher of `encrypt_ip` and `decrypt_ip`.

import type { Value } from '../../event/value.ts';
import { type Failure, fail, wrongKind } from '../4_run/failure.ts';
import { isText } from './argument_kinds.ts';
import { bytesOf, textOf } from './bytes.ts';
import { IP_SYNTAX, type IpAddress, isIpv4, parseIp } from './ip_address.ts';
import { deterministicIpCipher, type IpCipher, prefixIpCipher } from './ipcrypt.ts';

type Text = string | Uint8Array;

/** What a function says about a text that is no address. */
export function notAnIp(): Failure {
  return fail(`unable to parse IP address: ${IP_SYNTAX}`);
}

export interface CipheredIp {
  readonly address: IpAddress;
  readonly cipher: IpCipher;
}

/** The address and the cipher of a mode and key, or what is wrong with them. */
export function cipheredIp(ip: Text, key: Value, mode: Value): CipheredIp | Failure {
  const address = parseIp(textOf(ip));
  if (address === undefined) return notAnIp();
  if (!isText(mode)) return wrongKind(mode, 'bytes');
  const name = textOf(mode);
  if (name !== 'aes128' && name !== 'pfx') return fail(`Invalid mode '${name}'. Must be 'aes128' or 'pfx'`);
  if (!isText(key)) return wrongKind(key, 'bytes');
  const bytes = bytesOf(key);
  const size = name === 'aes128' ? 16 : 32;
  if (bytes.length !== size)
    return fail(`${name} mode requires a ${size}-byte key for ${isIpv4(address) ? 'IPv4' : 'IPv6'}`);
  const cipher = name === 'aes128' ? deterministicIpCipher(bytes) : prefixIpCipher(bytes);
  return cipher === undefined ? fail('The two halves of the key must be different') : { address, cipher };
}
