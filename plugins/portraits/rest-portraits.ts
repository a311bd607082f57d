import { z } from 'zod';
import { decide } from '../../core/gateway/authorization.ts';
import { given, int, oneOf, text } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { receiptInTime, receiptWords } from './receipts.ts';
import {
  bytesOf,
  CHANGE,
  capturePath,
  databaseId,
  imageId,
  originOf,
  pictureOrCapture,
  renamed,
  SEARCH,
  SEE,
} from './rest-fields.ts';
import { clearView, enrolledView, erasedView, portraitsView, portraitView } from './rest-shapes.ts';
import { viewOfLikeness, viewOfPortrait } from './rest-views.ts';
import type { RouteParts } from './routes.ts';

/** Routes for the people in a database. What is told of them stands in no log. */

const byDatabase = z.object({ id: databaseId });
const byImage = byDatabase.extend({ imageId });

/** What may be told of a person; limits are the library's. */
const fields = {
  name: text({ max: 1000 }).optional(),
  gender: text({ max: 10 }).optional(),
  age: text({ max: 10 }).optional(),
  idcard: text({ max: 1000 }).optional(),
  address: text({ max: 1000 }).optional(),
};

const MOST_AT_ONCE = 100;
/** A picture of a batch waits up to ten minutes for its turn behind everything else. */
const BATCH_PATIENCE_MS = 660_000;

export function portraitRoutes({ library, blobs }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/databases/:id/portraits',
      summary: 'People in a database, the newest first; `search`: part of the name or of the image id',
      access: SEE,
      params: byDatabase,
      query: z.object({
        search: given(text({ max: 100 })),
        offset: given(int({ min: 0, max: 10_000_000 })),
        limit: given(int({ min: 1, max: MOST_AT_ONCE })),
      }),
      response: portraitsView,
      handle: async ({ params, query: { search, offset = 0, limit = 50 } }) => {
        const found = await library.page({ libId: params.id, search, newestFirst: true, limit, offset });
        return { portraits: found.rows.map(viewOfPortrait), total: found.total };
      },
    }),
    route({
      method: 'GET',
      path: '/databases/:id/portraits/:imageId',
      summary: 'One person, without identity number and address',
      access: SEE,
      params: byImage,
      response: portraitView,
      handle: ({ params }) => viewOfPortrait(library.need(params.id, params.imageId)),
    }),
    route({
      method: 'POST',
      path: '/databases/:id/portraits/:imageId/reveal',
      summary: 'Identity number and address in clear; the operation log keeps who asked',
      // Whoever may not change them has no need to read them, and only what changes something is logged.
      access: CHANGE,
      params: byImage,
      response: clearView,
      handle: ({ params }, call) => {
        call.remark(`database ${params.id}: read in clear`);
        // A number of the box's own: who it is can be looked up as long as the picture is here.
        call.remark(`image ${library.need(params.id, params.imageId).id}`);
        const { idcard, address } = library.readClear(params.id, params.imageId);
        return { idcard, address };
      },
    }),
    route({
      method: 'POST',
      path: '/databases/:id/portraits',
      summary: 'Enrol a person with a picture or with a capture of the box',
      access: CHANGE,
      patience: BATCH_PATIENCE_MS,
      params: byDatabase,
      body: z.object({
        ...pictureOrCapture,
        takenFrom: capturePath
          .optional()
          .describe('path of the stored capture that the picture was cut out of: it goes when the person is erased'),
        ...fields,
        imageId: given(imageId).describe('chosen by the client; allocated when not given'),
        quality: oneOf(['high', 'low'])
          .default('high')
          .describe('low: one face is enough; high: also large, upright, sharp and lit'),
        batch: z.boolean().default(false).describe('one of many: waits behind everything else'),
      }),
      response: enrolledView,
      handle: async ({ params, body }, call) => {
        call.remark(`database ${params.id}`);
        const { name = '', gender = '', age = '', idcard = '', address = '' } = body;
        const picture = await bytesOf(body, call, blobs);
        const takenFrom = await originOf(body, call, blobs);
        // Whom a face resembles is told to those alone who may search.
        const maySearch = decide(SEARCH, call.caller) === 'allowed';
        const { portrait, ...likeness } = await renamed(() =>
          library.enrol({
            libId: params.id,
            picture,
            ...(takenFrom === undefined ? {} : { takenFrom }),
            ...(body.imageId === undefined ? {} : { imgId: body.imageId }),
            person: { name, gender, age, idcard, address },
            quality: body.quality,
            lane: body.batch ? 'batch' : 'prompt',
            // Also of many: a folder is where people are enrolled twice.
            alike: maySearch,
          }),
        );
        if (body.quality === 'low') call.remark('without conditions on quality');
        const told = maySearch ? likeness : { near: [] };
        return { portrait: viewOfPortrait(portrait), ...viewOfLikeness(told) };
      },
    }),
    route({
      method: 'PATCH',
      path: '/databases/:id/portraits/:imageId',
      summary: 'Change what is told of a person; what is not given stays as it is',
      access: CHANGE,
      params: byImage,
      body: z.object(fields),
      response: portraitView,
      handle: async ({ params, body }, call) => {
        const change = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        call.remark(`database ${params.id}: ${Object.keys(change).join(', ')}`);
        return viewOfPortrait(await renamed(() => library.modify(params.id, params.imageId, change)));
      },
    }),
    route({
      method: 'DELETE',
      path: '/databases/:id/portraits/:imageId',
      summary: 'Erase a person: picture, embeddings, and what captures and exports have of them',
      access: CHANGE,
      params: byImage,
      response: erasedView,
      handle: async ({ params }, call) => {
        call.remark(`database ${params.id}`);
        const receipt = await receiptInTime((noted) => library.remove(params.id, [params.imageId], noted));
        call.remark(receiptWords(receipt));
        return { receipt };
      },
    }),
  ];
}
