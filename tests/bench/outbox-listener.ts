import mqtt from 'mqtt';

/** Listens to the events at a broker in a process of its own, and tells their number and how late they were. */
const [url = '', topic = ''] = process.argv.slice(2);
const client = await mqtt.connectAsync(url, { clientId: 'bench-listener' });
let received = 0;
const late: number[] = [];
client.on('message', (_, payload) => {
  received += 1;
  const sentAt = Number(/"sent-at":"([\d.]+)"/.exec(payload.toString('utf8'))?.[1] ?? 0);
  if (sentAt > 0) late.push(performance.timeOrigin + performance.now() - sentAt);
});
await client.subscribeAsync(topic, { qos: 1 });
process.stdout.write('0\n');
process.stdin.on('data', () => {
  process.stdout.write(`${JSON.stringify({ received, late: late.splice(0) })}\n`);
});
process.stdin.on('end', () => process.exit());
