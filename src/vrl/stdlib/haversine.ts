import { type Float, toNumber } from '../../event/value.ts';
import { Kind } from '../2_check/kind.ts';
import { typeDef } from '../2_check/type_def.ts';
import { floatOrZero, halfAwayFromZero, roundedNumber } from '../formats/rounding.ts';
import { defineFunction, optional, required } from '../function.ts';

const EARTH_RADIUS_KM = 6_371_008.8 / 1000;

const UNITS: Readonly<Record<string, number>> = {
  kilometers: EARTH_RADIUS_KM,
  miles: EARTH_RADIUS_KM * 0.6213712,
};

export const haversine = defineFunction({
  name: 'haversine',
  category: 'Map',
  doc:
    'Returns the distance of two points on Earth along the great circle, and the bearing in degrees in which one goes ' +
    'from the first to the second.',
  parameters: [
    required('latitude1', 'float', 'The latitude of the first point, in degrees.'),
    required('longitude1', 'float', 'The longitude of the first point.'),
    required('latitude2', 'float', 'The latitude of the second point.'),
    required('longitude2', 'float', 'The longitude of the second point.'),
    optional('measurement_unit', 'bytes', 'What the distance is measured in.', {
      default: 'kilometers',
      values: { kilometers: 'Kilometers.', miles: 'Miles.' },
    }),
  ],
  returns: { kinds: ['object'], fallible: false },
  type: () => typeDef(Kind.objectOf({ distance: Kind.of('float'), bearing: Kind.of('float') })),
  examples: [
    {
      title: 'In kilometers',
      source: 'haversine(0.0, 0.0, 10.0, 10.0)',
      result: { distance: 1568.5227233, bearing: 44.561 },
    },
    {
      title: 'In miles',
      source: 'haversine(0.0, 0.0, 10.0, 10.0, measurement_unit: "miles")',
      result: { distance: 974.6348468, bearing: 44.561 },
    },
  ],
  prepare(call) {
    const radius = UNITS[call.oneOf('measurement_unit', Object.keys(UNITS)) ?? 'kilometers']!;
    return (latitude1: Degrees, longitude1: Degrees, latitude2: Degrees, longitude2: Degrees) => {
      const from = radians(latitude1);
      const to = radians(latitude2);
      const turn = radians(longitude2) - radians(longitude1);
      const a = Math.sin((to - from) / 2) ** 2 + Math.cos(from) * Math.cos(to) * Math.sin(turn / 2) ** 2;
      const y = Math.sin(turn) * Math.cos(to);
      const x = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(turn);
      const bearing = (Math.atan2(y, x) * (180 / Math.PI) + 360) % 360;
      return {
        distance: floatOrZero(roundedNumber(2 * Math.asin(Math.sqrt(a)) * radius, 7, halfAwayFromZero)),
        bearing: floatOrZero(roundedNumber(bearing, 3, halfAwayFromZero)),
      };
    };
  },
});

type Degrees = number | Float;

function radians(degrees: Degrees): number {
  return toNumber(degrees)! * (Math.PI / 180);
}
