// Names of the numbers in DNS messages.

/** `number name` pairs as a table. */
function table(text: string): ReadonlyMap<number, string> {
  const words = text.trim().split(/\s+/);
  return new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[Number(word), words[i + 1]!] as const] : [])));
}

export const RECORD_TYPES = table(`
  1 A 2 NS 3 MD 4 MF 5 CNAME 6 SOA 7 MB 8 MG 9 MR 10 NULL 11 WKS 12 PTR 13 HINFO 14 MINFO 15 MX 16 TXT 17 RP 18 AFSDB
  19 X25 20 ISDN 21 RT 22 NSAP 23 NSAP-PTR 24 SIG 25 KEY 26 PX 27 GPOS 28 AAAA 29 LOC 30 NXT 31 EID 32 NIMLOC 33 SRV
  34 ATMA 35 NAPTR 36 KX 37 CERT 38 A6 39 DNAME 40 SINK 41 OPT 42 APL 43 DS 44 SSHFP 45 IPSECKEY 46 RRSIG 47 NSEC
  48 DNSKEY 49 DHCID 50 NSEC3 51 NSEC3PARAM 52 TLSA 53 SMIMEA 55 HIP 56 NINFO 57 RKEY 58 TALINK 59 CDS 60 CDNSKEY
  61 OPENPGPKEY 62 CSYNC 63 ZONEMD 64 SVCB 65 HTTPS 99 SPF 100 UINFO 101 UID 102 GID 103 UNSPEC 104 NID 105 L32 106 L64
  107 LP 108 EUI48 109 EUI64 249 TKEY 250 TSIG 251 IXFR 252 AXFR 253 MAILB 254 MAILA 255 ANY 256 URI 257 CAA 258 AVC
  259 DOA 260 AMTRELAY 32768 TA 32769 DLV
`);

export const RESPONSE_CODES = table(`
  0 NoError 1 FormErr 2 ServFail 3 NXDomain 4 NotImp 5 Refused 6 YXDomain 7 YXRRSet 8 NXRRSet 9 NotAuth 10 NotZone
  11 DSOTYPENI 16 BADSIG 17 BADKEY 18 BADTIME 19 BADMODE 20 BADNAME 21 BADALG 22 BADTRUNC 23 BADCOOKIE
`);

const CLASSES = table('1 IN 3 CH 4 HS 254 NONE 255 ANY');

export function className(code: number): string {
  return CLASSES.get(code) ?? `CLASS${code}`;
}

const OPTIONS = table(`
  0 Zero 1 LLQ 2 UL 3 NSID 5 DAU 6 DHU 7 N3U 8 Subnet 9 Expire 10 Cookie 11 Keepalive 12 Padding 13 Chain
`);

export function optionName(code: number): string {
  return OPTIONS.get(code) ?? `Unknown(${code})`;
}

/** What extended errors are about, by their code. */
export const ERROR_PURPOSES: readonly string[] = [
  'Other Error',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDomain Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
];
