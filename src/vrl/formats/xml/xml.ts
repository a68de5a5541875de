// XML as a value: elements become members of objects, repeated ones arrays, and text becomes numbers and so on.

import { getField, setField } from '../../../event/object.ts';
import { float, type ObjectValue, type Value } from '../../../event/value.ts';
import { type Failure, fail } from '../../4_run/failure.ts';
import { readFloat, readInteger } from '../number_text.ts';
import { parseXmlDocument, type XmlElement, type XmlNode } from './document.ts';
import { XmlProblem } from './problem.ts';

export interface XmlOptions {
  /** White space between tags is dropped. */
  readonly trim: boolean;
  readonly includeAttr: boolean;
  readonly attrPrefix: string;
  readonly textKey: string;
  readonly alwaysUseTextKey: boolean;
  readonly parseBool: boolean;
  readonly parseNull: boolean;
  readonly parseNumber: boolean;
}

const BETWEEN_TAGS = />[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+</g;

export function parseXml(text: string, options: XmlOptions): Value | Failure {
  try {
    const nodes = parseXmlDocument(options.trim ? text.replace(BETWEEN_TAGS, '><') : text);
    return membersOf([], nodes, options);
  } catch (error) {
    if (error instanceof XmlProblem) return fail(`unable to parse xml: ${error.message}`);
    throw error;
  }
}

function membersOf(attributes: XmlElement['attributes'], nodes: readonly XmlNode[], options: XmlOptions): ObjectValue {
  const result: ObjectValue = {};
  if (options.includeAttr) {
    for (const { name, value } of attributes) setField(result, options.attrPrefix + name, value);
  }
  for (const node of nodes) {
    if (node.kind === 'other') continue;
    const name = node.kind === 'element' ? node.name : options.textKey;
    const value = nodeValue(node, options);
    const existing = getField(result, name);
    if (existing === undefined) setField(result, name, value);
    else if (Array.isArray(existing)) existing.push(value);
    else setField(result, name, [existing, value]);
  }
  return result;
}

function nodeValue(node: XmlNode, options: XmlOptions): Value {
  if (node.kind === 'text') return textValue(node.text, options);
  if (node.kind === 'other') return {};
  const { attributes, children } = node;
  const hasAttributes = attributes.length > 0;
  const isExpanded = hasAttributes ? options.includeAttr : options.alwaysUseTextKey;
  const only = children.length === 1 ? children[0] : undefined;
  // A single text is the value itself.
  if (!isExpanded && only && only.kind !== 'element') return nodeValue(only, options);
  return membersOf(attributes, children, options);
}

function textValue(text: string, options: XmlOptions): Value {
  if (options.parseNull && (text === '' || text === 'null')) return null;
  if (options.parseBool && (text === 'true' || text === 'false')) return text === 'true';
  if (!options.parseNumber) return text;
  const whole = readInteger(text);
  if (whole !== undefined) return whole;
  const number = readFloat(text);
  return number === undefined ? text : float(Number.isNaN(number) ? 0 : number);
}
