import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { unlessInterrupted } from './connect.ts';
import { type Host, pathFromUser } from './host.ts';

/** What an option or an operand names: a file, a device or a pipe. */
export interface NamedInput {
  /** null: it is the operand FILE. */
  readonly option: string | null;
  readonly path: string;
  /** Reading stops as soon as there is more. */
  readonly maxMib: number;
  /** What is read where the path is `-`. Default: the file of that name. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
}

const BYTES_PER_MIB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const POLL_EVERY_MS = 20;

/**
 * Reads to the end. What keeps it from being read, or from being read whole, goes to `mistakes`.
 * @returns undefined after a mistake
 * @throws where the command is interrupted
 */
export async function readInput(input: NamedInput, host: Host, mistakes: string[]): Promise<Buffer | undefined> {
  const { option, path, maxMib, standardInput } = input;
  const isStandardInput = path === '-' && standardInput !== undefined;
  const chunks = isStandardInput ? standardInput : bytesOf(pathFromUser(path, host), host.signal);
  try {
    return await unlessInterrupted(host.signal, boundedBytes(chunks, maxMib));
  } catch (error) {
    host.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : error;
    mistakes.push(
      `${option === null ? 'FILE' : `--${option}`}: expected a file that can be read, got ${path} (${why})`,
    );
    return undefined;
  }
}

/** What a file holds, piece by piece, for what is too large to be kept. The first piece fails where it cannot be read. */
export function inputChunks(path: string, host: Host): AsyncIterable<Uint8Array> {
  return bytesOf(pathFromUser(path, host), host.signal);
}

async function boundedBytes(chunks: AsyncIterable<Uint8Array>, maxMib: number): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    length += chunk.length;
    if (length > maxMib * BYTES_PER_MIB) throw new Error(`it is larger than ${maxMib} MiB`);
  }
  return Buffer.concat(all);
}

/**
 * Opened without blocking: the open of a named pipe that nothing writes to would never end, not even by an interrupt. A
 * writer that already waits for a reader counts as one.
 */
async function* bytesOf(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let hasWriter = !(await handle.stat()).isFIFO();
    for (;;) {
      const chunk = await readChunk(handle);
      if (chunk?.length === 0 && !hasWriter) throw new Error('it is a pipe that nothing writes to');
      if (chunk?.length === 0) return;
      hasWriter = true;
      if (chunk) yield chunk;
      else await setTimeout(POLL_EVERY_MS, undefined, { signal });
    }
  } finally {
    await handle.close();
  }
}

/** @returns empty: at the end, or no writer has the pipe open. undefined: nothing yet, but a writer has it open. */
async function readChunk(handle: FileHandle): Promise<Uint8Array | undefined> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES));
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
