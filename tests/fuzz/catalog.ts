import { ROUTE_ANSWERS } from './answers.ts';

/** What a running box says it understands: its own `/openapi.json`, as far as cases are made of it. */

export interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: Schema;
  prefixItems?: Schema[];
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

export interface MessageEntry {
  id: number;
  name: string;
  /** `public`, `own`, `session` or `<area>: see|change`. */
  access: string;
  request: Schema;
}

export interface RouteEntry {
  method: string;
  /** With `{name}` where a parameter stands. */
  path: string;
  access: string;
  parameters: { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }[];
  body?: Schema;
  /** What a success looks like; undefined where it is no JSON. */
  answer?: Schema;
}

export interface Catalog {
  messages: MessageEntry[];
  routes: RouteEntry[];
}

interface OpenApi {
  paths: Record<
    string,
    Record<
      string,
      {
        'x-access': string;
        summary: string;
        parameters: RouteEntry['parameters'];
        requestBody?: { content: Record<string, { schema: Schema }> };
        responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
      }
    >
  >;
  'x-messages': MessageEntry[];
}

/** What takes the box itself away is not fuzzed here: a box that goes when told to would look like one that fell. */
const ENDS_THE_BOX =
  /reboot|restart|factory|shut ?down|power off|upgrade|format|network|set the time|clock|https? mode/i;

/** @throws Error when the box does not give its interface to this session */
export async function readCatalog(url: string, sessionId: string): Promise<Catalog> {
  const response = await fetch(`${url}/openapi.json`, { headers: { sessionid: sessionId } });
  if (response.status !== 200) throw new Error(`/openapi.json answered ${response.status}`);
  const api = (await response.json()) as OpenApi;
  const routes = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, route]): RouteEntry[] => {
      if (ENDS_THE_BOX.test(route.summary)) return [];
      const body = route.requestBody?.content['application/json']?.schema;
      const documented = route.responses['200']?.content?.['application/json']?.schema;
      const answer = documented ?? ROUTE_ANSWERS[`${method.toUpperCase()} ${path}`];
      return [
        {
          method: method.toUpperCase(),
          path,
          access: route['x-access'],
          parameters: route.parameters,
          ...(body ? { body } : {}),
          ...(answer ? { answer } : {}),
        },
      ];
    }),
  );
  return { messages: api['x-messages'].filter(({ name }) => !ENDS_THE_BOX.test(name)), routes };
}
