import type { IncomingMessage } from 'node:http';

/** So long a client may go on sending after it was refused, ms. */
const LINGER_MS = 5_000;

/**
 * Lets a client hear why it is refused while it still sends. Closed at once, with bytes of it unread, the connection
 * would be reset, and the answer lost with it: so the box says its word, throws away what still comes, and closes when
 * the client does or after a few seconds. To be called before an answer that ends the connection.
 */
export function lingerAfter(incoming: IncomingMessage): void {
  const { socket } = incoming;
  let lingering = false;
  // What the HTTP server calls when an answer with `connection: close` is out.
  socket.destroySoon = () => {
    if (lingering) return;
    lingering = true;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
    incoming.once('end', () => socket.destroy());
    // Nobody reads the body any more; what did would pause it.
    incoming.removeAllListeners('data');
    incoming.on('data', () => {});
    incoming.resume();
  };
}
