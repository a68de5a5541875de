// The few calls into the C library that Node has no words for: unix datagram sockets, and the kernel's buffer sizes of
// TCP sockets. They go through koffi, an optional package that carries its binary; Linux only. Without it everything
// else works, and what needs it says so.

import { loadOwnAddon } from '../std/own_files.ts';

/** Datagram sockets and socket options by descriptor. Calls return -1 on error; `errno` says why. */
export interface Libc {
  /** A datagram socket of the unix family that does not block and is not inherited; -1 on error. */
  unixDatagramSocket(): number;
  bind(descriptor: number, path: string): number;
  connect(descriptor: number, path: string): number;
  /**
   * Receives one datagram into `buffer`, without waiting. Its whole length even when the buffer is shorter.
   * `from` gets the sender's address, `fromLength` (a 32-bit number) its size in and out.
   */
  receive(descriptor: number, buffer: Uint8Array, from: Uint8Array, fromLength: Uint8Array): number;
  setReceiveBuffer(descriptor: number, bytes: number): number;
  setSendBuffer(descriptor: number, bytes: number): number;
  close(descriptor: number): number;
  /** The name of the error of the last call, as `EADDRINUSE`. */
  errno(): string;
}

/** Where an address of the unix family has its path, and how long a path can be with its final zero. */
export const UNIX_PATH_OFFSET = 2;
export const UNIX_PATH_BYTES = 108;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** MIPS and others number these differently; there the calls are not made. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64', 'arm', 'riscv64', 'ia32'];

let loading: Promise<Libc | undefined> | undefined;

/** The calls, or undefined where they cannot be made. */
export function loadLibc(): Promise<Libc | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Libc | undefined> {
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) return undefined;
  let koffi: typeof import('koffi').default;
  try {
    koffi = (loadOwnAddon('koffi.node') as typeof koffi | undefined) ?? (await import('koffi')).default;
  } catch {
    return undefined;
  }
  const library = koffi.load(null);
  const socket = library.func('int socket(int, int, int)');
  const bind = library.func('int bind(int, const void *, uint32_t)');
  const connect = library.func('int connect(int, const void *, uint32_t)');
  const recvfrom = library.func('intptr_t recvfrom(int, void *, size_t, int, void *, void *)');
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)');
  const close = library.func('int close(int)');
  const setSize = (descriptor: number, option: number, bytes: number): number =>
    setsockopt(descriptor, SOL_SOCKET, option, integer(bytes), 4);
  const names = new Map(Object.entries(koffi.os.errno).map(([name, code]) => [code, name]));
  return {
    unixDatagramSocket: () => socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    bind: (descriptor, path) => atPath(path, (address) => bind(descriptor, address, address.length)),
    connect: (descriptor, path) => atPath(path, (address) => connect(descriptor, address, address.length)),
    receive: (descriptor, buffer, from, fromLength) =>
      recvfrom(descriptor, buffer, buffer.length, MSG_DONTWAIT | MSG_TRUNC, from, fromLength),
    setReceiveBuffer: (descriptor, bytes) => setSize(descriptor, SO_RCVBUF, bytes),
    setSendBuffer: (descriptor, bytes) => setSize(descriptor, SO_SNDBUF, bytes),
    close,
    errno: () => names.get(koffi.errno()) ?? `error ${koffi.errno()}`,
  };
}

function atPath(path: string, call: (address: Buffer) => number): number {
  const bytes = Buffer.from(path);
  const address = Buffer.alloc(UNIX_PATH_OFFSET + bytes.length + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  bytes.copy(address, UNIX_PATH_OFFSET);
  return call(address);
}

const INT_MAX = 2 ** 31 - 1;

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Math.min(value, INT_MAX));
  return bytes;
}
