import { createServer } from 'node:http';

const HEAD = 8192;

/** A receiver of pushes in a process of its own: takes everything, and tells its number and the time over stdout. */
const server = createServer((request, response) => {
  // The JSON comes before the pictures.
  let head = '';
  request.on('data', (chunk: Buffer) => {
    if (head.length < HEAD) head += chunk.toString('latin1', 0, HEAD);
  });
  request.on('end', () => {
    response.end('{}');
    const sentAt = Number(/"sent-at":"([\d.]+)"/.exec(head)?.[1]);
    if (sentAt > 0) late.push(performance.timeOrigin + performance.now() - sentAt);
    received += 1;
  });
});
let received = 0;
const late: number[] = [];
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
process.stdin.on('data', () => {
  process.stdout.write(`${JSON.stringify({ received, late: late.splice(0) })}\n`);
});
process.stdin.on('end', () => process.exit());
