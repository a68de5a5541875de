// Calls beyond the documented examples: for functions whose examples need files, and for arguments that belong together.

const PERSON = '"test/vrl/fixtures/person.desc", "test.Person"';

/** By function, as the source of a program. */
export const MORE_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  encode_proto: [
    `encode_proto!({ "name": "Ada", "id": 7 }, ${PERSON})`,
    `encode_proto!({ "tags": ["a", "b"], "score": 1.5, "active": true }, ${PERSON})`,
    `encode_proto!({ "parent": { "name": "x", "level": "HIGH" }, "big": 9007199254740993, "data": "raw" }, ${PERSON})`,
    `encode_proto!({ "ratio": 0.5, "count": 3, "level": 1 }, ${PERSON})`,
    `encode_proto!({ "activ": true }, ${PERSON}, allow_lossy_string_coercion: true)`,
  ],
  parse_proto: [
    `parse_proto!(encode_proto!({ "name": "Ada", "id": 7 }, ${PERSON}), ${PERSON})`,
    `parse_proto!(encode_proto!({ "tags": ["a", "b"], "score": 1.5, "active": true }, ${PERSON}), ${PERSON})`,
    `parse_proto!(encode_proto!({ "parent": { "name": "x", "level": "HIGH" }, "data": "raw" }, ${PERSON}), ${PERSON})`,
    `parse_proto!(encode_proto!({ "ratio": 0.5, "count": 3, "level": 1 }, ${PERSON}), ${PERSON})`,
    `parse_proto!(s'', ${PERSON})`,
    `parse_proto!("\\n\\u{3}Ada\\u{10}\\u{7}", ${PERSON})`,
  ],
  validate_json_schema: [
    'validate_json_schema!("{\\"name\\": \\"Ada\\", \\"id\\": 7}", "test/vrl/fixtures/person.schema.json")',
    'validate_json_schema!(s\'{"name": "x", "mail": "a@b.c", "tags": ["a", "b"]}\', "test/vrl/fixtures/person.schema.json")',
    'validate_json_schema!(s\'{"name": "x", "size": "M"}\', "test/vrl/fixtures/person.schema.json", ignore_unknown_formats: true)',
    'validate_json_schema!(s\'{"name": "", "id": 101, "tags": ["a", "a"], "more": 1}\', "test/vrl/fixtures/person.schema.json")',
    'validate_json_schema!(s\'{"name": "x", "mail": "nobody"}\', "test/vrl/fixtures/person.schema.json", false)',
  ],
  parse_groks: [
    'parse_groks!("200", patterns: ["%{_status}"], alias_sources: ["test/vrl/fixtures/aliases.json"])',
    'parse_groks!("a=1.5", patterns: ["%{_status}", "%{_pair}"], alias_sources: ["test/vrl/fixtures/aliases.json"])',
  ],
  encrypt: [
    'encrypt!("data", "AES-256-CFB", "12345678901234567890123456789012", "1234567890123456")',
    'encrypt!("data", "AES-128-CBC-PKCS7", "1234567890123456", "1234567890123456")',
    'encrypt!("0123456789abcdef", "AES-192-CTR-BE", "123456789012345678901234", "1234567890123456")',
    'encrypt!("data", "AES-128-OFB", "1234567890123456", "1234567890123456")',
    'encrypt!("data", "CHACHA20-POLY1305", "12345678901234567890123456789012", "123456789012")',
    'encrypt!("data", "XCHACHA20-POLY1305", "12345678901234567890123456789012", "123456789012345678901234")',
    'encrypt!("data", "XSALSA20-POLY1305", "12345678901234567890123456789012", "123456789012345678901234")',
    'encrypt!("data", "AES-256-SIV", "1234567890123456789012345678901234567890123456789012345678901234", "1234567890123456")',
  ],
  decrypt: [
    'decrypt!(encrypt!("data", "AES-256-CFB", "12345678901234567890123456789012", "1234567890123456"), "AES-256-CFB", "12345678901234567890123456789012", "1234567890123456")',
    'decrypt!(encrypt!("data", "AES-128-CBC-PKCS7", "1234567890123456", "1234567890123456"), "AES-128-CBC-PKCS7", "1234567890123456", "1234567890123456")',
    'decrypt!("1234567890123456", "AES-128-CTR-LE", "1234567890123456", "1234567890123456")',
  ],
  for_each: [
    'for_each({ "a": 1, "b": [2] }) -> |key, value| { .last = [key, value] }',
    'for_each([1, "x", null]) -> |i, value| { .seen = push(array(.seen) ?? [], value); .at = i }',
    'for_each({}) -> |_key, value| { .none = value }',
  ],
  unnest: ['. = { "events": [1, { "a": 2 }], "b": 3 }\nunnest(.events)'],
  decode_gzip: ['decode_gzip!(encode_gzip("some text, some text"))', 'decode_gzip!(encode_gzip("", 9))'],
  decode_zlib: ['decode_zlib!(encode_zlib("some text, some text"))', 'decode_zlib!(encode_zlib("a", 0))'],
  decode_zstd: ['decode_zstd!(encode_zstd("some text, some text"))', 'decode_zstd!(encode_zstd("a", 1))'],
  decode_snappy: ['decode_snappy!(encode_snappy!("some text, some text"))'],
  decode_lz4: [
    'decode_lz4!(encode_lz4!("some text, some text"), prepended_size: true)',
    'decode_lz4!(encode_lz4!("some text", false), 9)',
  ],
  parse_yaml: [
    'parse_yaml!("a: 1\\nb: [x, 2.5, true, ~]\\nc:\\n  - d: \'e\'\\n")',
    'parse_yaml!("- 0x1f\\n- 1e3\\n- .inf\\n- 2021-02-03\\n- |\\n  text\\n  more\\n")',
  ],
};
