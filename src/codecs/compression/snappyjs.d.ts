// The types that the package does not bring itself.

declare module 'snappyjs' {
  export function compress(bytes: Buffer): Buffer;
  export function uncompress(bytes: Buffer, lengthMax?: number): Buffer;
}
