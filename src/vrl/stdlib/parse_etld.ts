import type { ObjectValue } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { fail } from '../4_run/failure.ts';
import { textOf } from '../formats/bytes.ts';
import { debugText } from '../formats/debug_text.ts';
import { defaultSuffixes, parseSuffixList, type SuffixList } from '../formats/public_suffix.ts';
import { type Call, defineFunction, expectedStatic, invalidArgument, optional, required } from '../function.ts';

export const parseEtld = defineFunction({
  name: 'parse_etld',
  category: 'Parse',
  doc: 'Finds the [effective top-level domain](https://developer.mozilla.org/en-US/docs/Glossary/eTLD) of a domain name.',
  parameters: [
    required('value', 'bytes', 'The domain name.'),
    optional('plus_parts', 'integer', 'How many labels in front of it `etld_plus` has: 1 is the registered domain.', {
      default: 0,
    }),
    optional('psl', 'bytes', 'The path of another [list of suffixes](https://publicsuffix.org/list/) to use.', {
      compileTime: true,
    }),
  ],
  failures: ['`value` is not a domain name.'],
  returns: { kinds: ['object'], fallible: true },
  examples: [
    {
      title: 'The suffix',
      source: 'parse_etld!("sub.example.co.uk")',
      result: { etld: 'co.uk', etld_plus: 'co.uk', known_suffix: true },
    },
    {
      title: 'With a label in front',
      source: 'parse_etld!("sub.example.co.uk", plus_parts: 1)',
      result: { etld: 'co.uk', etld_plus: 'example.co.uk', known_suffix: true },
    },
    {
      title: 'A suffix that is not listed',
      source: 'parse_etld!("host.internal-net")',
      result: { etld: 'internal-net', etld_plus: 'internal-net', known_suffix: false },
    },
  ],
  type: () =>
    typeDef(
      Kind.objectOf({ etld: Kind.of('bytes'), etld_plus: Kind.of('bytes'), known_suffix: Kind.of('boolean') }),
      true,
    ),
  prepare(call) {
    const list = listOf(call);
    return (value: string | Uint8Array, plusParts: number | bigint) => parseDomain(list, textOf(value), plusParts);
  },
});

function listOf(call: Call): SuffixList {
  const argument = call.argument('psl');
  if (argument === undefined) return defaultSuffixes;
  if (argument.constant === undefined) throw expectedStatic('psl', argument);
  const path = textOf(argument.constant as string | Uint8Array);
  const bytes = call.environment.readFile(path);
  if (typeof bytes === 'string') throw invalidArgument('psl', debugText(path), 'Unable to read psl file');
  const list = parseSuffixList(textOf(bytes));
  if (list === undefined) throw invalidArgument('psl', debugText(path), 'Unable to parse psl file');
  return list;
}

function parseDomain(list: SuffixList, domain: string, plusParts: number | bigint) {
  const suffix = list(domain);
  if (suffix === undefined) return fail(`unable to determine eTLD for ${domain}`);
  const labels = domain.split('.');
  const count = suffix.text.split('.').length + Math.max(0, Number(plusParts));
  const result: ObjectValue = {
    etld: suffix.text,
    etld_plus: count >= labels.length ? domain : labels.slice(labels.length - count).join('.'),
    known_suffix: suffix.isKnown,
  };
  return result;
}
