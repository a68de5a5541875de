// Node's own modules for code that also runs where there are none, as the language does in browsers.

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** A module of Node's, by its name with `node:`; undefined elsewhere. */
export function builtin<T>(name: string): T | undefined {
  return (globalThis as Host).process?.getBuiltinModule?.(name) as T | undefined;
}
