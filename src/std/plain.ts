// Data that is the same on another thread: `structuredClone` keeps neither functions nor the class of an object.

/** Deeper data is not looked through. */
const DEPTH_MAX = 32;

/** Whether a structured clone of a value is as good as the value. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  if (depth === DEPTH_MAX) return false;
  const areAllPlain = (values: Iterable<unknown>): boolean => {
    for (const one of values) if (!isPlain(one, depth + 1)) return false;
    return true;
  };
  if (Array.isArray(value)) return areAllPlain(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Uint8Array.prototype) return true;
  if (prototype === Map.prototype) return areAllPlain([...(value as Map<unknown, unknown>)].flat());
  if (prototype === Set.prototype) return areAllPlain(value as Set<unknown>);
  return (prototype === Object.prototype || prototype === null) && areAllPlain(Object.values(value));
}
