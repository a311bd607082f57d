import { z } from 'zod';
import { type Access, decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, text } from '../../core/gateway/lenient.ts';
import { type Call, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { Embedding } from '../../core/plugin/face-services.ts';
import { bytesOf, databaseId, imageId, pictureOrCapture, SEARCH } from './rest-fields.ts';
import { capturedStateView, captureSearchView } from './rest-shapes.ts';
import { viewOfCapturedState, viewOfOne, viewOfSimilar } from './rest-views.ts';
import type { RouteParts } from './routes.ts';
import type { OneFace } from './shapes.ts';

/** Routes that find where somebody was captured. Nothing of what is looked for is kept. */

const MOST_HITS = 100;
/** Largest time a browser can show, ms. */
const LAST_INSTANT = 8.64e15;
const instant = int({ min: 0, max: LAST_INSTANT });

/** Where somebody was is asked for with the right to see captures as well. */
const SEE_CAPTURES: Access = { area: 'records', action: 'see', images: true };

const question = z.object({
  ...pictureOrCapture,
  captureId: text({ min: 1, max: 100 }).optional().describe('a capture of the box, by the face that is kept of it'),
  portrait: z.object({ database: databaseId, imageId }).optional().describe('somebody who is enrolled'),
  channel: given(int({ min: 1, max: 32 })),
  from: given(instant).describe('ms since 1970 UTC'),
  to: given(instant).describe('exclusive'),
  threshold: int({ min: 0, max: 100 }).default(80),
  most: int({ min: 1, max: MOST_HITS }).default(20),
});

/** Whom to look for. */
interface Wanted {
  embeddings: Embedding[];
  /** Of a picture that was looked at. */
  one?: OneFace;
  /** For the operation log: numbers of the box's own, and no names. */
  called: string;
}

export function captureRoutes(parts: RouteParts): RouteDefinition[] {
  const { captureSearch } = parts;
  return [
    route({
      method: 'GET',
      path: '/captured-faces',
      summary: 'Whether captures can be searched by photo, how many and how far back',
      access: SEARCH,
      response: capturedStateView,
      handle: () => viewOfCapturedState(captureSearch.state()),
    }),
    route({
      method: 'POST',
      path: '/search-captures',
      summary:
        'Captures that show the one person of a picture, the most alike first; the operation log keeps who asked',
      access: SEARCH,
      // It tells where somebody was.
      logged: true,
      body: question,
      response: captureSearchView,
      handle: async ({ body }, call) => {
        if (decide(SEE_CAPTURES, call.caller) !== 'allowed') {
          throw new ContractError(CODE.notAllowed, 'this account may not see pictures of captures');
        }
        const { channel, from, to, threshold, most } = body;
        if (from !== undefined && to !== undefined && from >= to) {
          throw new ContractError(CODE.wrongParameter, 'to: must lie after from', '', 'to');
        }
        const { embeddings, one, called } = await wantedOf(body, call, parts);
        const channels = channel === undefined ? undefined : [channel];
        const found = await captureSearch.search(embeddings, { threshold, most, from, to, channels });
        call.remark(`captures searched by ${called}: ${found.length} found`);
        return { face: one ? viewOfOne(one) : null, hits: found.map(viewOfSimilar) };
      },
    }),
  ];
}

/** @throws ContractError where there is no such picture, or not exactly one face in it */
async function wantedOf(body: z.output<typeof question>, call: Call, parts: RouteParts): Promise<Wanted> {
  const { captureId, portrait, picture, capture } = body;
  if ([captureId, portrait, picture, capture].filter((one) => one !== undefined).length !== 1) {
    const message = 'picture: give one of a picture, a capture, a captureId and a portrait';
    throw new ContractError(CODE.wrongParameter, message, '', 'picture');
  }
  const { library, captureSearch, comparison, blobs } = parts;
  const looked = async (bytes: Uint8Array, called: string): Promise<Wanted> => {
    const one = await comparison.oneFace(bytes);
    return { embeddings: one.face.embeddings, one, called };
  };
  if (captureId !== undefined) {
    const face = captureSearch.faceOf(captureId);
    const called = `capture ${captureId}`;
    if ('embeddings' in face) return { ...face, called };
    return looked(await bytesOf({ capture: face.cropPath }, call, blobs), called);
  }
  if (portrait !== undefined) {
    const known = library.need(portrait.database, portrait.imageId);
    const bytes = await library.picture(known);
    if (!bytes) throw new ContractError(CODE.noSuchImage, 'its picture is gone', '', 'portrait');
    return looked(bytes, `image ${known.id}`);
  }
  return looked(await bytesOf(body, call, blobs), picture ? 'a picture' : 'the picture of a capture');
}
