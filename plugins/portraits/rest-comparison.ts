import { z } from 'zod';
import { decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { LIMITS } from './databases.ts';
import { countedFaces } from './examination.ts';
import { bytesOf, databaseId, picture, pictureOrCapture, SEARCH, SEE } from './rest-fields.ts';
import { comparedView, examinedView, searchView } from './rest-shapes.ts';
import { viewOfFace, viewOfLikeness, viewOfNear, viewOfOne } from './rest-views.ts';
import type { RouteParts } from './routes.ts';

/** Routes that look at pictures and compare them; none of them keeps anything. */

const MOST_DATABASES = LIMITS.databases;
const MOST_HITS = 50;

export function comparisonRoutes({ comparison, blobs }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'POST',
      path: '/examine',
      summary: 'Look at a picture: the faces in it, what is wrong with them, and who is enrolled already',
      access: SEE,
      body: z.object({
        ...pictureOrCapture,
        near: z
          .boolean()
          .default(false)
          .describe('look for people who are enrolled already; takes the right to search'),
      }),
      response: examinedView,
      handle: async ({ body }, call) => {
        const bytes = await bytesOf(body, call, blobs);
        const maySearch = decide(SEARCH, call.caller) === 'allowed';
        const { picture: seen, ...likeness } =
          body.near && maySearch
            ? await comparison.preview(bytes)
            : { picture: await comparison.detect(bytes), near: [] };
        const { width, height } = seen;
        const counted = countedFaces(seen);
        const faces = counted.length === 1 ? counted : seen.faces;
        return { width, height, faces: faces.map(viewOfFace), ...viewOfLikeness(likeness) };
      },
    }),
    route({
      method: 'POST',
      path: '/search',
      summary: 'Who in these databases looks like the one face of a picture, the most alike first',
      access: SEARCH,
      body: z.object({
        ...pictureOrCapture,
        databases: z
          .array(databaseId)
          .max(MOST_DATABASES)
          .transform((ids) => [...new Set(ids)]),
        threshold: int({ min: 0, max: 100 }).default(0),
        most: int({ min: 1, max: MOST_HITS }).default(10),
      }),
      response: searchView,
      handle: async ({ body }, call) => {
        if (body.databases.length === 0) throw new ContractError(CODE.noDatabaseGiven);
        const bytes = await bytesOf(body, call, blobs);
        const { databases: libIds, threshold, most } = body;
        const { near, ...one } = await comparison.oneToMany(bytes, { libIds, threshold, most });
        return { ...viewOfOne(one), hits: near.map(viewOfNear) };
      },
    }),
    route({
      method: 'POST',
      path: '/compare',
      summary: 'How much the faces of two pictures are alike',
      access: SEARCH,
      body: z.object({ first: picture, second: picture }),
      response: comparedView,
      handle: async ({ body }) => {
        const { similarity, first, second } = await comparison.oneToOne(body.first, body.second);
        return { similarity, first: viewOfOne(first), second: viewOfOne(second) };
      },
    }),
  ];
}
