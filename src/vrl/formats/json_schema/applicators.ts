// Keywords that apply schemas: to the same value, to members, to items.

import { stringifyJson } from '../../../event/json.ts';
import { sortedKeys } from '../../../event/object.ts';
import { isObject, type ObjectValue, type Value } from '../../../event/value.ts';
import { below, type Check, type Finding, type Place, type SchemaNode, type Seen } from './node.ts';

export function falseCheck(): Check {
  return {
    report: (value, place, findings) =>
      findings.push({ message: `False schema does not allow ${stringifyJson(value)}`, place }),
  };
}

/** The node's findings are the check's own. */
export function sameValueCheck(nodes: readonly SchemaNode[]): Check {
  return {
    report(value, place, findings) {
      for (const node of nodes) node.report(value, place, findings);
    },
    mark(value, place, seen) {
      for (const node of nodes) node.mark(value, place, seen);
    },
  };
}

export function anyOfCheck(nodes: readonly SchemaNode[]): Check {
  return {
    report(value, place, findings) {
      if (nodes.some((node) => node.isValid(value, place))) return;
      const shown = stringifyJson(value);
      findings.push({ message: `${shown} is not valid under any of the schemas listed in the 'anyOf' keyword`, place });
    },
    mark: markValid(nodes),
  };
}

function markValid(nodes: readonly SchemaNode[]): (value: Value, place: Place, seen: Seen) => void {
  return (value, place, seen) => {
    for (const node of nodes) if (node.isValid(value, place)) node.mark(value, place, seen);
  };
}

export function oneOfCheck(nodes: readonly SchemaNode[]): Check {
  return {
    report(value, place, findings) {
      const count = nodes.filter((node) => node.isValid(value, place)).length;
      if (count === 1) return;
      const words = count === 0 ? 'not valid under any' : 'valid under more than one';
      findings.push({
        message: `${stringifyJson(value)} is ${words} of the schemas listed in the 'oneOf' keyword`,
        place,
      });
    },
    mark: markValid(nodes),
  };
}

export function notCheck(node: SchemaNode, schema: Value): Check {
  const shownSchema = stringifyJson(schema);
  return {
    report(value, place, findings) {
      if (node.isValid(value, place))
        findings.push({ message: `${shownSchema} is not allowed for ${stringifyJson(value)}`, place });
    },
  };
}

export function ifCheck(condition: SchemaNode, then: SchemaNode | undefined, otherwise: SchemaNode | undefined): Check {
  return {
    report(value, place, findings) {
      (condition.isValid(value, place) ? then : otherwise)?.report(value, place, findings);
    },
    mark(value, place, seen) {
      const holds = condition.isValid(value, place);
      if (holds) condition.mark(value, place, seen);
      (holds ? then : otherwise)?.mark(value, place, seen);
    },
  };
}

/** What must hold when a member is there. */
export function dependenciesCheck(dependencies: readonly (readonly [name: string, node: SchemaNode])[]): Check {
  const applying = (value: Value): SchemaNode[] =>
    isObject(value) ? dependencies.filter(([name]) => Object.hasOwn(value, name)).map(([, node]) => node) : [];
  return {
    report(value, place, findings) {
      for (const node of applying(value)) node.report(value, place, findings);
    },
    mark(value, place, seen) {
      for (const node of applying(value)) node.mark(value, place, seen);
    },
  };
}

export interface MemberSchemas {
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly patterns: readonly { readonly test: (name: string) => boolean; readonly node: SchemaNode }[];
  /** For all others; `false` allows none. */
  readonly additional: SchemaNode | false | undefined;
}

/** `properties`, in the order of the schema. */
export function propertiesCheck(properties: MemberSchemas['properties']): Check {
  return {
    report(value, place, findings) {
      if (!isObject(value)) return;
      for (const [name, node] of properties) {
        if (Object.hasOwn(value, name)) node.report(value[name]!, below(place, name), findings);
      }
    },
    mark(value, _place, seen) {
      if (!isObject(value)) return;
      for (const name of properties.keys()) if (Object.hasOwn(value, name)) seen.names.add(name);
    },
  };
}

export function patternPropertiesCheck(patterns: MemberSchemas['patterns']): Check {
  return {
    report(value, place, findings) {
      if (!isObject(value)) return;
      for (const { test, node } of patterns) {
        for (const name of sortedKeys(value)) {
          if (test(name)) node.report(value[name]!, below(place, name), findings);
        }
      }
    },
    mark(value, _place, seen) {
      if (!isObject(value)) return;
      for (const name of Object.keys(value)) if (patterns.some(({ test }) => test(name))) seen.names.add(name);
    },
  };
}

/** No members at all; only the first is shown. */
export function noMembersCheck(): Check {
  return {
    report(value, place, findings) {
      const first = isObject(value) ? sortedKeys(value)[0] : undefined;
      if (first !== undefined) falseCheck().report((value as ObjectValue)[first]!, place, findings);
    },
  };
}

/** `additionalProperties` together with those it is additional to, in the order of the value. */
export function membersCheck({ properties, patterns, additional }: MemberSchemas): Check {
  return {
    report(value, place, findings) {
      if (!isObject(value)) return;
      const unexpected: string[] = [];
      for (const name of sortedKeys(value)) {
        const node = properties.get(name);
        const matching = patterns.filter(({ test }) => test(name)).map((pattern) => pattern.node);
        const nodes = node ? [node, ...matching] : matching;
        if (nodes.length === 0 && additional) nodes.push(additional);
        if (nodes.length === 0 && additional === false) unexpected.push(name);
        for (const each of nodes) each.report(value[name]!, below(place, name), findings);
      }
      if (unexpected.length > 0)
        findings.push({ message: `Additional properties are not allowed (${unexpectedList(unexpected)})`, place });
    },
    mark(value, _place, seen) {
      if (isObject(value)) for (const name of Object.keys(value)) seen.names.add(name);
    },
  };
}

export function unexpectedList(names: readonly string[]): string {
  return `${names.map((name) => `'${name}'`).join(', ')} ${names.length === 1 ? 'was' : 'were'} unexpected`;
}

export function propertyNamesCheck(node: SchemaNode): Check {
  return {
    report(value, place, findings) {
      if (!isObject(value)) return;
      for (const name of sortedKeys(value)) {
        const found: Finding[] = [];
        node.report(name, below(place, name), found);
        for (const { message } of found) findings.push({ message, place });
      }
    },
  };
}

/** Items from `start` on. */
export function itemsCheck(node: SchemaNode, start: number): Check {
  return {
    report(value, place, findings) {
      if (!Array.isArray(value)) return;
      for (let i = start; i < value.length; i++) node.report(value[i]!, below(place, i), findings);
    },
    mark(value, _place, seen) {
      if (Array.isArray(value)) for (let i = 0; i < value.length; i++) seen.indices.add(i);
    },
  };
}

/** One schema for each of the first items. */
export function firstItemsCheck(nodes: readonly SchemaNode[]): Check {
  return {
    report(value, place, findings) {
      if (!Array.isArray(value)) return;
      for (const [i, node] of nodes.slice(0, value.length).entries()) node.report(value[i]!, below(place, i), findings);
    },
    mark(value, _place, seen) {
      if (Array.isArray(value)) for (let i = 0; i < Math.min(nodes.length, value.length); i++) seen.indices.add(i);
    },
  };
}

export function noMoreItemsCheck(limit: number): Check {
  return {
    report(value, place, findings) {
      if (!Array.isArray(value) || value.length <= limit) return;
      const rest = value.slice(limit).map((item) => stringifyJson(item));
      const words = rest.length === 1 ? 'was' : 'were';
      findings.push({ message: `Additional items are not allowed (${rest.join(', ')} ${words} unexpected)`, place });
    },
  };
}

export function containsCheck(node: SchemaNode, min: number, max: number, marks: boolean): Check {
  return {
    report(value, place, findings) {
      if (!Array.isArray(value)) return;
      const count = value.filter((item, i) => node.isValid(item, below(place, i))).length;
      if (count >= min && count <= max) return;
      findings.push({ message: `None of ${stringifyJson(value)} are valid under the given schema`, place });
    },
    mark(value, place, seen) {
      if (!marks || !Array.isArray(value)) return;
      for (const [i, item] of value.entries()) if (node.isValid(item, below(place, i))) seen.indices.add(i);
    },
  };
}

/** `unevaluatedProperties`: members that no other keyword of the schema has looked at. */
export function unevaluatedPropertiesCheck(owner: SchemaNode, node: SchemaNode | false): Check {
  const check: Check = {
    report(value, place, findings) {
      if (!isObject(value)) return;
      const { names } = seenBy(owner, check, value, place);
      const unexpected = sortedKeys(value as ObjectValue).filter(
        (name) => !names.has(name) && (node === false || !node.isValid(value[name]!, below(place, name))),
      );
      if (unexpected.length > 0)
        findings.push({ message: `Unevaluated properties are not allowed (${unexpectedList(unexpected)})`, place });
    },
    mark(value, _place, seen) {
      if (isObject(value)) for (const name of Object.keys(value)) seen.names.add(name);
    },
  };
  return check;
}

/** `unevaluatedItems`, likewise. */
export function unevaluatedItemsCheck(owner: SchemaNode, node: SchemaNode | false): Check {
  const check: Check = {
    report(value, place, findings) {
      if (!Array.isArray(value)) return;
      const { indices } = seenBy(owner, check, value, place);
      const unexpected = value
        .filter((item, i) => !indices.has(i) && (node === false || !node.isValid(item, below(place, i))))
        .map((item) => stringifyJson(item));
      if (unexpected.length > 0)
        findings.push({ message: `Unevaluated items are not allowed (${unexpectedList(unexpected)})`, place });
    },
    mark(value, _place, seen) {
      if (Array.isArray(value)) for (let i = 0; i < value.length; i++) seen.indices.add(i);
    },
  };
  return check;
}

function seenBy(owner: SchemaNode, except: Check, value: Value, place: Place): Seen {
  const seen: Seen = { names: new Set(), indices: new Set() };
  for (const check of owner.checks) if (check !== except) check.mark?.(value, place, seen);
  return seen;
}
