import { z } from 'zod';
import type { Access } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { text } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { DemoSite } from './site.ts';
import { MODES, MOST_DATABASES, MOST_SCENES } from './state.ts';
import type { Stills } from './stills.ts';

/** `/p/demo-site`: what the page shows and does. */

const SEE: Access = { area: 'devices', action: 'see' };
const CHANGE: Access = { area: 'devices', action: 'change' };
/** What was recorded goes, too. */
const REMOVE: Access = { area: 'records', action: 'change' };

const siteView = z.object({
  mode: z.enum([...MODES, 'never']).describe('never: nobody has asked for the demo yet'),
  since: z.number().optional().describe('ms since 1970 UTC'),
  beside: z.boolean().describe('it stays when there are real cameras'),
  asideFor: z.string().optional().describe('name of the camera it stepped aside for'),
  erasing: z.boolean().describe('what was recorded is still being removed'),
  forbidden: z.boolean().describe('GATEHOUSE_DEMO=0'),
  way: z.enum(['rtsp', 'file']).optional().describe('how scenes come to the box, while any run'),
  most: z.int().describe('scenes that run at the same time, at most'),
  captures: z.int().describe('captures of the demo that are kept now'),
  people: z.boolean().describe('there are portrait databases of the people in the scenes'),
  databases: z
    .array(z.int())
    .optional()
    .describe('portrait databases chosen for the scenes; absent: those of their own people'),
  scenes: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      seconds: z.number(),
      chosen: z.boolean(),
      channel: z.int().optional(),
      still: z.string(),
    }),
  ),
  faults: z.array(z.string()).describe('scenes that are left out, and why'),
});

const names = z
  .array(text({ min: 1, max: 40 }))
  .min(1)
  .max(MOST_SCENES);

export function routes(site: DemoSite, stills: Stills): RouteDefinition[] {
  const view = async (): Promise<z.output<typeof siteView>> => {
    const { state } = site;
    return {
      mode: state?.mode ?? 'never',
      ...(state ? { since: state.since } : {}),
      beside: state?.beside ?? false,
      ...(state?.asideFor === undefined ? {} : { asideFor: state.asideFor }),
      erasing: state?.erasing ?? false,
      forbidden: site.forbidden,
      ...(site.way ? { way: site.way } : {}),
      most: MOST_SCENES,
      captures: await site.recordedCaptures(),
      people: state?.people ?? false,
      ...(state?.databases ? { databases: state.databases } : {}),
      scenes: site.scenes.map(({ name, title, description, seconds, sha256 }) => {
        const channel = site.channelOf(name);
        const chosen = state?.scenes.includes(name) ?? false;
        const still = `/scenes/${name}/still.jpg?v=${sha256.slice(0, 12)}`;
        return { name, title, description, seconds, chosen, ...(channel === undefined ? {} : { channel }), still };
      }),
      faults: [...site.faults],
    };
  };

  return [
    route({
      method: 'GET',
      path: '/site',
      summary: 'Scenes of the demo site, which of them run, and why not',
      access: SEE,
      response: siteView,
      handle: view,
    }),
    route({
      method: 'POST',
      path: '/start',
      summary: 'Run these scenes, four at most; without names those that ran last',
      access: CHANGE,
      body: z.object({ scenes: names.optional() }),
      response: siteView,
      handle: async ({ body }, call) => {
        await site.start(body.scenes);
        call.remark(`scenes: ${site.state?.scenes.join(', ')}`);
        return view();
      },
    }),
    route({
      method: 'POST',
      path: '/stop',
      summary: 'End the scenes; what they recorded stays',
      access: CHANGE,
      response: siteView,
      handle: async () => {
        await site.halt();
        return view();
      },
    }),
    route({
      method: 'PUT',
      path: '/beside',
      summary: 'Whether the demo runs beside real cameras; one that stepped aside comes back',
      access: CHANGE,
      body: z.object({ beside: z.boolean() }),
      response: siteView,
      handle: async ({ body }, call) => {
        await site.beside(body.beside);
        call.remark(body.beside ? 'beside real cameras' : 'only without real cameras');
        return view();
      },
    }),
    route({
      method: 'PUT',
      path: '/databases',
      summary: 'Portrait databases that the scenes are compared with; null: those of their own people',
      access: CHANGE,
      body: z.object({ databases: z.array(z.int().min(1)).max(MOST_DATABASES).nullable() }),
      response: siteView,
      handle: async ({ body: { databases } }, call) => {
        await site.compare(databases ?? undefined);
        call.remark(databases ? `compared with databases ${databases.join(', ')}` : 'compared with its own people');
        return view();
      },
    }),
    route({
      method: 'POST',
      path: '/leave',
      summary: 'Take away the scenes with everything that was recorded of them',
      access: REMOVE,
      body: z.object({ confirm: z.literal(true) }),
      response: z.object({
        cameras: z.int(),
        captures: z.int(),
        people: z.int().describe('pictures of people of the scenes that were enrolled'),
        complete: z.boolean().describe('false: the rest is still being removed'),
      }),
      handle: async (_, call) => {
        const removed = await site.leave();
        call.remark(`${removed.cameras} cameras, ${removed.captures} captures, ${removed.people} enrolled pictures`);
        return removed;
      },
    }),
    route({
      method: 'GET',
      path: '/scenes/:name/still.jpg',
      summary: 'A picture of the scene',
      access: SEE,
      params: z.object({ name: text({ min: 1, max: 40 }) }),
      handle: async ({ params }) => {
        const scene = site.scenes.find(({ name }) => name === params.name);
        const jpeg = scene && (await stills.get(scene));
        if (!jpeg) throw new ContractError(CODE.noSuchData, 'there is no picture of this scene');
        return new Response(new Uint8Array(jpeg), {
          headers: { 'content-type': 'image/jpeg', 'cache-control': 'private, max-age=86400' },
        });
      },
    }),
  ];
}
