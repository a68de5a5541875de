import { float, type Value } from '../../event/value.ts';
import { type Failure, fail } from '../4_run/failure.ts';
import { type Decimal, decimalToNumber, divide, dividePlainly } from '../formats/decimal.ts';
import { parsePlainSize, parseSize } from '../formats/size.ts';
import { utf8Text } from '../formats/utf8_text.ts';
import { defineFunction, optional, required } from '../function.ts';

export const parseBytes = defineFunction({
  name: 'parse_bytes',
  category: 'Parse',
  doc: 'Parses a size such as `1.5GiB` and returns it in one unit.',
  parameters: [
    required('value', 'bytes', 'The size: a number with a unit.'),
    required('unit', 'bytes', 'The unit of the result.', {
      values: {
        B: 'Bytes',
        kiB: 'Kibibytes (1024 bytes)',
        MiB: 'Mebibytes (1024² bytes)',
        GiB: 'Gibibytes (1024³ bytes)',
        TiB: 'Tebibytes (1024⁴ bytes)',
        PiB: 'Pebibytes (1024⁵ bytes)',
        EiB: 'Exbibytes (1024⁶ bytes)',
        kB: 'Kilobytes (1000 bytes)',
        MB: 'Megabytes (1000² bytes)',
        GB: 'Gigabytes (1000³ bytes)',
        TB: 'Terabytes (1000⁴ bytes)',
        PB: 'Petabytes (1000⁵ bytes)',
        EB: 'Exabytes (1000⁶ bytes)',
      },
    }),
    optional('base', 'bytes', 'What `K`, `M` and so on are powers of: `2` (1024) or `10` (1000).', {
      default: '2',
      compileTime: true,
    }),
  ],
  failures: ['`value` is not a size.', '`unit` is not known in this base.'],
  returns: { kinds: ['float'], fallible: true },
  examples: [
    { title: 'Kibibytes as mebibytes', source: 'parse_bytes!("512KiB", unit: "MiB")', result: 0.5 },
    { title: 'Powers of ten', source: 'parse_bytes!("3GB", unit: "MB", base: "10")', result: float(3000) },
  ],
  prepare(call) {
    const binary = (call.oneOf('base', ['2', '10']) ?? '2') === '2';
    const units = binary ? BINARY_UNITS : DECIMAL_UNITS;
    return (value: string | Uint8Array, unit: string | Uint8Array): Value | Failure => {
      const unitText = utf8Text(unit);
      const divisor = units.get(unitText);
      if (!divisor) return fail(`unknown unit format: '${unitText}'`);
      const text = utf8Text(value);
      const plain = parsePlainSize(text, binary);
      if (plain !== undefined) {
        const quotient = dividePlainly(plain, divisor.plain, binary ? 2 : 10, divisor.exponent);
        if (quotient !== undefined) return float(quotient);
      }
      const size = parseSize(text, binary);
      if (typeof size === 'string') return fail(`unable to parse bytes: '${size}'`);
      const quotient = divide({ mantissa: size, scale: 0 }, divisor.exact);
      return quotient ? float(decimalToNumber(quotient)) : fail('division by >1 divisor overflowed');
    };
  },
});

interface Unit {
  readonly exact: Decimal;
  readonly plain: number;
  /** Of two or ten. */
  readonly exponent: number;
}

const BINARY_UNITS = powersOf(1024, 10, [
  ['B'],
  ['KiB', 'KB'],
  ['MiB', 'MB'],
  ['GiB', 'GB'],
  ['TiB', 'TB'],
  ['PiB', 'PB'],
  ['EiB', 'EB'],
]);

const DECIMAL_UNITS = powersOf(1000, 3, [['B'], ['kB'], ['MB'], ['GB'], ['TB'], ['PB'], ['EB']]);

function powersOf(base: number, exponent: number, names: readonly (readonly string[])[]): ReadonlyMap<string, Unit> {
  const units = new Map<string, Unit>();
  for (const [power, same] of names.entries()) {
    const exact: Decimal = { mantissa: BigInt(base) ** BigInt(power), scale: 0 };
    for (const name of same) units.set(name, { exact, plain: base ** power, exponent: exponent * power });
  }
  return units;
}
