// How a file is told from others whatever its name is: by a checksum of its first lines, or by device and inode.

import type { ObjectValue } from '../../event/value.ts';
import { Crc64 } from '../../std/crc64.ts';

export type Fingerprint =
  | { readonly kind: 'first_lines_checksum'; readonly checksum: bigint }
  | { readonly kind: 'dev_inode'; readonly device: bigint; readonly inode: bigint };

/** The fingerprint as a key for maps: as it is written, so that there is one text of it. */
export type FingerprintKey = string;

export const keyOf = fingerprintJson;

/** As Vector writes it: `{"first_lines_checksum":14936080532512811038}`. The numbers are unsigned 64-bit. */
export function fingerprintJson(fingerprint: Fingerprint): string {
  return fingerprint.kind === 'dev_inode'
    ? `{"dev_inode":[${fingerprint.device},${fingerprint.inode}]}`
    : `{"first_lines_checksum":${fingerprint.checksum}}`;
}

/** Reads what `fingerprintJson` and older versions of Vector wrote; undefined for anything else. */
export function readFingerprint(value: ObjectValue): Fingerprint | undefined {
  const checksum = unsigned(value['first_lines_checksum'] ?? value['first_line_checksum']);
  if (checksum !== undefined) return { kind: 'first_lines_checksum', checksum };
  const pair = value['dev_inode'];
  if (!Array.isArray(pair) || pair.length !== 2) return undefined;
  const device = unsigned(pair[0]);
  const inode = unsigned(pair[1]);
  return device === undefined || inode === undefined ? undefined : { kind: 'dev_inode', device, inode };
}

function unsigned(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  return typeof value === 'bigint' && value >= 0n && value < 1n << 64n ? value : undefined;
}

export interface ChecksumOptions {
  readonly ignored_header_bytes: number;
  readonly lines: number;
  /** Most bytes that the checksum covers: `max_line_bytes`. */
  readonly bytesMax: number;
}

/** Takes the beginning of a file's content, piece by piece, until its checksum is known. */
export class HeadChecksum {
  readonly #options: ChecksumOptions;
  #toSkip: number;
  #linesLeft: number;
  readonly #crc = new Crc64();
  #bytes = 0;

  constructor(options: ChecksumOptions) {
    this.#options = options;
    this.#toSkip = options.ignored_header_bytes;
    this.#linesLeft = Math.max(options.lines, 1);
  }

  /** Takes the next bytes; the checksum as soon as it is known, whatever `line_delimiter` says about newlines. */
  add(piece: Buffer): bigint | undefined {
    const skipped = Math.min(this.#toSkip, piece.length);
    this.#toSkip -= skipped;
    const bytes = piece.subarray(skipped, skipped + this.#options.bytesMax - this.#bytes);
    let at = -1;
    while (this.#linesLeft > 0) {
      const next = bytes.indexOf(NEWLINE, at + 1);
      if (next === -1) break;
      at = next;
      this.#linesLeft -= 1;
    }
    this.#crc.update(this.#linesLeft === 0 ? bytes.subarray(0, at + 1) : bytes);
    this.#bytes += bytes.length;
    const isKnown = this.#linesLeft === 0 || this.#bytes >= this.#options.bytesMax;
    return isKnown ? this.#crc.digest() : undefined;
  }
}

const NEWLINE = 0x0a;
