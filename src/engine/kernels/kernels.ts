// WebAssembly code over the memory of the arena. Every thread has an instance of the one module: they share the bytes of the
// slots, while globals and scratch space belong to the instance.
//
//   memory:  [constants of the module: KERNEL_BYTES][scratch of each thread][slots …][padding: KERNEL_PADDING_BYTES]
//
// The module is compiled from assembly/ by `npm run kernels` and committed.

import { assert } from '../../std/assert.ts';
import { readOwnFile } from '../../std/own_files.ts';
import { FRAME_SCRATCH_BYTES, FrameKernel, type FrameKernelExports } from './frame_kernel.ts';
import { JSON_SCRATCH_BYTES, JsonKernel, type JsonKernelExports } from './json_kernel.ts';
import { TEXT_SCRATCH_BYTES, TextKernel, type TextKernelExports } from './text_kernel.ts';

/** The beginning of the memory, which the module's constants take. Every instance writes the same bytes there. */
export const KERNEL_BYTES = 65_536;

/** Kernels read so far past the bytes they are given, so memory goes on after the last slot. */
export const KERNEL_PADDING_BYTES = 64;

/** Scratch space that one instance needs: [json][frames][text]. */
export const KERNEL_SCRATCH_BYTES: number = JSON_SCRATCH_BYTES + FRAME_SCRATCH_BYTES + TEXT_SCRATCH_BYTES;

/** What the module exports. Each wrapper knows its own part. */
export type KernelExports = JsonKernelExports & FrameKernelExports & TextKernelExports;

/** A region of the memory that belongs to one thread. */
export interface Scratch {
  readonly offset: number;
  readonly bytes: number;
}

/** The kernels of one thread. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly exports: KernelExports;
  readonly json: JsonKernel;
  readonly frames: FrameKernel;
  readonly text: TextKernel;
  /** What the kernels leave of the scratch space. */
  readonly scratch: Scratch;
}

let compiled: WebAssembly.Module | undefined;

/** The module, compiled once in a process. Give it to workers, where it can be had without compiling again. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readOwnFile(new URL('./kernels.wasm', import.meta.url)));
  return compiled;
}

/** The kernels over a memory, with scratch space that no other instance uses. */
export function instantiate(memory: WebAssembly.Memory, scratch: Scratch, module = kernelModule()): Kernels {
  assert(scratch.bytes >= KERNEL_SCRATCH_BYTES, `kernels need ${KERNEL_SCRATCH_BYTES} bytes of scratch space`);
  assert(scratch.offset >= KERNEL_BYTES && scratch.offset % 16 === 0, 'scratch space lies behind the constants');
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as KernelExports;
  const framesOffset = scratch.offset + JSON_SCRATCH_BYTES;
  const textOffset = framesOffset + FRAME_SCRATCH_BYTES;
  const restOffset = textOffset + TEXT_SCRATCH_BYTES;
  return {
    memory,
    exports,
    json: new JsonKernel(memory, exports, scratch.offset),
    frames: new FrameKernel(memory, exports, framesOffset),
    text: new TextKernel(memory, exports, textOffset),
    scratch: { offset: restOffset, bytes: scratch.offset + scratch.bytes - restOffset },
  };
}
