// Internationalized domain names by UTS 46, as browsers read them. The only user of the library.

import { toASCII, toUnicode } from 'tr46';

/** Names longer than this are not taken: checking goes over them many times. */
const DOMAIN_MAX = 10_000;

const RULES = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  transitionalProcessing: false,
  useSTD3ASCIIRules: false,
} as const;

/** The domain in ASCII; undefined when it is not valid. */
export function domainToAscii(domain: string): string | undefined {
  if (domain.length > DOMAIN_MAX) return undefined;
  return toASCII(domain, { ...RULES, verifyDNSLength: false }) ?? undefined;
}

/** The domain with its labels in their own letters; undefined when it is not valid. */
export function domainToUnicode(domain: string): string | undefined {
  if (domain.length > DOMAIN_MAX) return undefined;
  const { domain: text, error } = toUnicode(domain, RULES);
  return error ? undefined : text;
}
