// How the text of a column becomes a value: what its type in the schema says, done by the functions that programs use.

import type { Value } from '../../event/value.ts';
import { compile, type Environment, Failure, Kind, type Target } from '../../vrl/vrl.ts';

/** Formats that the type `timestamp` tries in turn when it names none. */
const FORMATS = [
  '%F %T',
  '%v %T',
  '%FT%T',
  '%m/%d/%Y:%T',
  '%a, %d %b %Y %T',
  '%a %d %b %T %Y',
  '%A %d %B %T %Y',
  '%a %b %e %T %Y',
  '%+',
  '%a %d %b %T %z %Y',
  '%a, %d %b %Y %T %z',
  '%d/%b/%Y:%T %z',
  '%s',
] as const;

/** Reads the text of a column; undefined when it is not of the type. */
export function columnReader(type: string | undefined, environment: Environment): (text: string) => Value | undefined {
  const [name = '', format] = (type ?? 'string').split(/\|(.*)/s).map((part) => part.trim());
  const expression = expressionOf(name, format === '' ? undefined : format);
  if (expression === undefined) return (text) => text;
  const compiled = compile(expression, { environment, eventKind: Kind.of('bytes'), readOnly: 'all' });
  if ('diagnostics' in compiled) throw new Error(`\`${type}\` is no type of a column`);
  return (text) => {
    const target: Target = { value: text, metadata: {}, secrets: { get: () => undefined, set() {}, remove() {} } };
    const value = compiled.program.run(target);
    return value instanceof Failure ? undefined : value;
  };
}

/** The program for a type; undefined where text stays what it is. */
function expressionOf(name: string, format: string | undefined): string | undefined {
  switch (name) {
    case 'asis':
    case 'bytes':
    case 'string':
      return undefined;
    case 'int':
    case 'integer':
      return 'to_int!(.)';
    case 'float':
      return 'to_float!(.)';
    case 'bool':
    case 'boolean':
      return 'to_bool!(.)';
    case 'date':
      return `parse_timestamp!(. + " 00:00:00 +0000", ${JSON.stringify(`${format ?? '%Y-%m-%d'} %T %z`)})`;
    case 'timestamp': {
      const formats = format === undefined ? FORMATS : [format];
      const tries = formats.map((one) => `parse_timestamp(., ${JSON.stringify(one)})`);
      return `result = ${tries.join(' ?? ')} ?? null\ntimestamp!(result)`;
    }
    default:
      throw new Error(
        `\`${name}\` is no type of a column; known are string, integer, float, boolean, date and timestamp`,
      );
  }
}
