import { createServer } from 'node:http';

/** A receiver of pushes in a process of its own: takes everything, and tells its number and the time over stdout. */
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.end('{}');
    const sentAt = Number(request.headers['x-sent-at']);
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
