// Bytes on the heap in the place of a slot: for the rare frame that no slot can hold.

import type { ByteHold } from '../../event/batch.ts';

export class HeapHold implements ByteHold {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  retain(): void {}

  release(): void {}
}
