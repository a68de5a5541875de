import { textOf } from '../formats/bytes.ts';
import { percentEncoder } from '../formats/percent.ts';
import { defineFunction, optional, required } from '../function.ts';

const SETS = {
  NON_ALPHANUMERIC: 'Everything but letters and digits',
  CONTROLS: 'Only [controls](https://url.spec.whatwg.org/#c0-control-percent-encode-set) and what is not ASCII',
  FRAGMENT: 'What a [fragment](https://url.spec.whatwg.org/#fragment-percent-encode-set) must not hold',
  QUERY: 'What a [query](https://url.spec.whatwg.org/#query-percent-encode-set) must not hold',
  SPECIAL: 'The same in [special schemes](https://url.spec.whatwg.org/#special-percent-encode-set)',
  PATH: 'What a [path](https://url.spec.whatwg.org/#path-percent-encode-set) must not hold',
  USERINFO: 'What [user names and passwords](https://url.spec.whatwg.org/#userinfo-percent-encode-set) must not hold',
  COMPONENT: 'What any [part of a URL](https://url.spec.whatwg.org/#component-percent-encode-set) must not hold',
  WWW_FORM_URLENCODED:
    'What the values of [forms](https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set) ' +
    'must not hold',
};

export const encodePercent = defineFunction({
  name: 'encode_percent',
  category: 'Codec',
  doc: 'Writes characters of `value` [percent-encoded](https://url.spec.whatwg.org/#percent-encoded-bytes).',
  parameters: [
    required('value', 'bytes', 'The string to encode.'),
    optional('ascii_set', 'bytes', 'Which characters of ASCII are encoded.', {
      default: 'NON_ALPHANUMERIC',
      values: SETS,
      compileTime: true,
    }),
  ],
  returns: { kinds: ['bytes'], fallible: false },
  examples: [
    { title: 'All but letters and digits', source: 'encode_percent("café/2 €")', result: 'caf%C3%A9%2F2%20%E2%82%AC' },
    { title: 'For a path', source: 'encode_percent("a b/c", ascii_set: "PATH")', result: 'a%20b/c' },
  ],
  prepare(call) {
    const encode = percentEncoder(call.oneOf('ascii_set', Object.keys(SETS)) ?? 'NON_ALPHANUMERIC');
    return (value: string | Uint8Array) => encode(textOf(value));
  },
});
