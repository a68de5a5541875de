// The types that the package does not bring itself.

declare module 'snappyjs' {
  export function compress<T extends Uint8Array>(bytes: T): T;
  export function uncompress<T extends Uint8Array>(bytes: T, lengthMax?: number): T;
}
