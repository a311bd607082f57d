import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/**
 * The other side of `bench:api`: a bare application that parses the same request and gives the same answer, and does
 * nothing else. Started with the answer as its argument, it says on which port it listens.
 */

const answer = JSON.parse(process.argv[2] ?? '{}') as object;
const app = new Hono();
app.post('/api/json', async (c) => {
  const { msg_id } = await c.req.json<{ msg_id?: string }>();
  return msg_id === '1281' ? c.json(answer) : c.json({ code: -3599 });
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));
