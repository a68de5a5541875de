// The part of the WebAssembly API that the engine uses; Node's types leave it to browser libraries.

declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }
}
