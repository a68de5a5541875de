// A broken promise in our own code: say so and crash. Never used for what users, peers or disks do.

/** Throws when `condition` is false. `message` names the promise that was broken. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken promise: ${message}`);
}

/** Marks a branch that types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`broken promise: unexpected ${typeof value === 'object' ? '[object]' : String(value)}`);
}
