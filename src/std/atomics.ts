// The operations that protocols between threads are made of. The real ones are `Atomics`; a test gives others, which
// decide when each of them happens (testing/interleavings.ts).

export interface AtomicOperations {
  load(words: Int32Array<SharedArrayBuffer>, index: number): number;
  store(words: Int32Array<SharedArrayBuffer>, index: number, value: number): number;
  add(words: Int32Array<SharedArrayBuffer>, index: number, value: number): number;
  sub(words: Int32Array<SharedArrayBuffer>, index: number, value: number): number;
  compareExchange(words: Int32Array<SharedArrayBuffer>, index: number, expected: number, value: number): number;
  notify(words: Int32Array<SharedArrayBuffer>, index: number): number;
}
