// What goes wrong with compressed bytes that came from outside.

/** The bytes are damaged, of an unknown encoding, or inflate to more than the limit. */
export class DecompressError extends Error {
  override readonly name = 'DecompressError';
  /** Whether the bytes may be fine, and only too many. */
  readonly isTooLarge: boolean;

  constructor(message: string, { isTooLarge = false, ...options }: ErrorOptions & { isTooLarge?: boolean } = {}) {
    super(message, options);
    this.isTooLarge = isTooLarge;
  }
}
