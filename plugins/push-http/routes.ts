import { z } from 'zod';
import { imageSwitches } from '../../core/events/push-images.ts';
import { text } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { ImageChoice } from './images.ts';
import { type Receivers, shownUrl } from './receivers.ts';
import { CHANGE, SEE } from './rights.ts';
import * as shapes from './shapes.ts';
import { MOST_TARGETS } from './targets.ts';
import { sendTest, showCertificate, type TestingOptions } from './testing.ts';

const one = z.object({ id: z.coerce.number().int().min(1) });
const done = z.object({});

export function routes(parts: {
  receivers: Receivers;
  images: ImageChoice;
  testing: TestingOptions;
  changed(): void;
}): RouteDefinition[] {
  const { receivers, images, testing, changed } = parts;
  return [
    route({
      method: 'GET',
      path: '/targets',
      summary: 'Receivers of HTTP pushes and how deliveries to them go',
      access: SEE,
      response: z.object({ targets: z.array(shapes.targetView), max: z.int(), images: imageSwitches }),
      handle: (_, { caller }) => {
        const targets = receivers.list().map((one) => ({ ...one, url: shownUrl(one.url, caller) }));
        return { targets, max: MOST_TARGETS, images: images.switches };
      },
    }),
    route({
      method: 'POST',
      path: '/targets',
      summary: 'Adds a receiver',
      access: CHANGE,
      body: shapes.addTarget,
      response: shapes.targetView,
      handle: async ({ body }, call) => {
        const target = await receivers.add(body);
        call.remark(target.name);
        return target;
      },
    }),
    route({
      method: 'PATCH',
      path: '/targets/:id',
      summary: 'Changes a receiver',
      access: CHANGE,
      params: one,
      body: shapes.changeTarget,
      response: shapes.targetView,
      handle: async ({ params, body }, call) => {
        const target = await receivers.change(params.id, body);
        call.remark(target.name);
        return target;
      },
    }),
    route({
      method: 'DELETE',
      path: '/targets/:id',
      summary: 'Removes a receiver and what waits for it',
      access: CHANGE,
      params: one,
      response: done,
      handle: async ({ params }, call) => {
        call.remark((await receivers.remove(params.id)).name);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/targets/:id/retry',
      summary: 'Tries again at once what waits for a receiver',
      access: CHANGE,
      params: one,
      response: done,
      handle: ({ params }) => {
        receivers.retry(params.id);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/test',
      summary: 'Sends one heartbeat to a receiver, saved or not',
      access: CHANGE,
      body: shapes.testTarget,
      response: shapes.testResult,
      handle: ({ body }) => sendTest(body, testing),
    }),
    route({
      method: 'POST',
      path: '/certificate',
      summary: 'The certificate a receiver shows, to be confirmed by a person',
      access: CHANGE,
      body: z.object({ url: text({ min: 1, max: 500 }) }),
      response: shapes.shownCertificate,
      handle: ({ body }) => showCertificate(body.url, testing),
    }),
    route({
      method: 'PATCH',
      path: '/images',
      summary: 'Which pictures are pushed, by HTTP and WebSocket',
      access: CHANGE,
      body: imageSwitches.partial(),
      response: imageSwitches,
      handle: async ({ body }) => {
        await images.change(body);
        changed();
        return images.switches;
      },
    }),
  ];
}
