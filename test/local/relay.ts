import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Lets containers reach a server on this machine's loopback through the address of their bridge, if the engine does not.
 * @returns a function that ends it; undefined if the address is not this machine's, as with Docker Desktop
 */
export async function startRelay(address: string, port: number): Promise<(() => Promise<void>) | undefined> {
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const end of [socket, onward]) end.on('error', () => [socket, onward].forEach((one) => void one.destroy()));
    socket.pipe(onward).pipe(socket);
  });
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL') return undefined;
    throw error;
  }
  return async () => void server.close();
}
