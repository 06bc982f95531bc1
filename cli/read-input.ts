import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { unlessInterrupted } from './connect.ts';
import { type Host, pathFromUser } from './host.ts';

const MAX_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const POLL_EVERY_MS = 20;
/** For a writer that is started together with this command. */
const MAX_WAIT_FOR_WRITER_MS = 500;

/**
 * The bytes of a file, a device or a pipe; `-` is standard input. Stops reading as soon as there is more than 1 MiB.
 * @throws Error when there is more than that, or when nothing can be read
 */
export async function readInput(path: string, host: Host): Promise<Buffer> {
  const chunks = path === '-' ? host.input : chunksOf(pathFromUser(path, host), host.signal);
  return await unlessInterrupted(host.signal, boundedBytes(chunks));
}

async function boundedBytes(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error('it is larger than 1 MiB');
  }
  return Buffer.concat(all);
}

/** Opened without blocking: the open of a named pipe that nothing writes to would never end, not even by an interrupt. */
async function* chunksOf(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let hasWriter = !(await handle.stat()).isFIFO();
    const deadline = Date.now() + MAX_WAIT_FOR_WRITER_MS;
    for (;;) {
      const chunk = await readChunk(handle);
      if (chunk === 'END' && hasWriter) return;
      if (chunk === 'END' && Date.now() > deadline) throw new Error('it is a pipe that nothing writes to');
      if (chunk !== 'END') hasWriter = true;
      if (typeof chunk === 'string') await setTimeout(POLL_EVERY_MS, undefined, { signal });
      else yield chunk;
    }
  } finally {
    await handle.close();
  }
}

/** @returns `END`: at the end, or no writer has the pipe open. `NOTHING_YET`: a writer has it open. */
async function readChunk(handle: FileHandle): Promise<Uint8Array | 'END' | 'NOTHING_YET'> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK_BYTES));
    return bytesRead === 0 ? 'END' : buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 'NOTHING_YET';
    throw error;
  }
}
