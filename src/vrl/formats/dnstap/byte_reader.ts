// Reads bytes from front to back; whoever reads beyond the end gets a `TruncatedData`.

export class TruncatedData extends Error {
  constructor(message = 'unexpected end of input reached') {
    super(message);
  }
}

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  /** Moves on and says where it was. */
  #skip(count: number): number {
    const from = this.at;
    if (count < 0 || from + count > this.end) throw new TruncatedData();
    this.at += count;
    return from;
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  u32LittleEndian(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  take(count: number): Uint8Array {
    const from = this.#skip(count);
    return this.bytes.subarray(from, from + count);
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.take(this.end - this.at);
  }

  /** A reader of the next bytes, which are passed over here. It sees what is before them, as names point back there. */
  part(count: number): ByteReader {
    const from = this.#skip(count);
    return new ByteReader(this.bytes, from, from + count);
  }

  /** A number of protobuf. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new TruncatedData('failed to decode Protobuf message: invalid varint');
  }
}
