import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../../event/value.ts';
import { Failure } from '../../4_run/failure.ts';
import { parseXml, type XmlOptions } from './xml.ts';

const DEFAULTS: XmlOptions = {
  trim: true,
  includeAttr: true,
  attrPrefix: '@',
  textKey: 'text',
  alwaysUseTextKey: false,
  parseBool: true,
  parseNull: true,
  parseNumber: true,
};

function parse(text: string, options: Partial<XmlOptions> = {}) {
  const result = parseXml(text, { ...DEFAULTS, ...options });
  return result instanceof Failure ? result.message : result;
}

const CASES: readonly (readonly [text: string, expected: Value, options?: Partial<XmlOptions>])[] = [
  ['<a>x</a>', { a: 'x' }],
  ['<?xml version="1.0"?>\n<!-- c --><a> <b>1</b>\n<b>2.5</b> </a>\n', { a: { b: [1, 2.5] } }],
  ['<a b="1">x</a>', { a: { '@b': '1', text: 'x' } }],
  ['<a b="1">x</a>', { a: 'x' }, { includeAttr: false }],
  ['<a>x</a>', { a: { text: 'x' } }, { alwaysUseTextKey: true }],
  ['<a><b/></a>', { a: { b: {} } }],
  ['<a>true</a>', { a: true }],
  ['<a>true</a>', { a: 'true' }, { parseBool: false }],
  ['<a>null</a>', { a: null }],
  ['<a>x<b/>y</a>', { a: { b: {}, text: ['x', 'y'] } }],
  ['<a>&lt;&#65;&#x1F600;<![CDATA[<b>]]></a>', { a: '<A😀<b>' }],
  ['<p:a xmlns:p="u" p:b="\n">x\r\ny\rz</p:a>', { a: { '@b': ' ', text: 'x\ny\nz' } }],
];

for (const [text, expected, options] of CASES) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parse(text, options), expected);
  });
}

for (const [text, problem] of [
  ['', 'the document does not have a root node'],
  ['x', 'unknown token at 1:1'],
  ['<a>', 'the root node was opened but never closed'],
  ['<a></b>', "expected 'a' tag, not 'b' at 1:4"],
  ['<a>\n&b;</a>', "unknown entity reference 'b' at 2:1"],
  ['<a b="1" b="2"/>', "attribute 'b' at 1:10 is already defined"],
  ['<a b=1/>', "expected a quote not '1' at 1:6"],
  ['<p:a/>', "an unknown namespace prefix 'p' at 1:2"],
  ['<a>\u0001</a>', "a non-XML character '\\u{1}' found at 1:4"],
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'XML with DTD detected'],
  ['<a><!-- -- --></a>', "comment at 1:4 contains '--'"],
] as const) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.equal(parse(text), `unable to parse xml: ${problem}`);
  });
}

test('deep nesting is refused', () => {
  assert.match(String(parse('<a>'.repeat(100_000))), /nested deeper/);
});
