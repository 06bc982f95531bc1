import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Lets containers reach a server on this machine's loopback by the address of their bridge, for an engine that does not do
 * so itself. @returns what ends it; undefined where the address is not this machine's, as with Docker Desktop
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
