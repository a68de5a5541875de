// What goes wrong with compressed bytes that came from outside.

/** The bytes are damaged, of an unknown encoding, or inflate to more than the limit. */
export class DecompressError extends Error {
  override readonly name = 'DecompressError';
}
