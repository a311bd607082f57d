import type { z } from 'zod';
import type { Registry } from '../plugin/registry.ts';
import type { Access } from './authorization.ts';
import { jsonSchema } from './json-schema.ts';

/**
 * The interface as OpenAPI 3.1, made from the same schemas that check requests: REST routes as paths, numbered
 * messages under `x-messages`.
 */
export function openApi(registry: Registry, version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [plugin, routes] of registry.routes) {
    for (const route of routes) {
      const path = `/p/${plugin}${route.path.replace(/\/$/, '').replace(/:(\w+)/g, '{$1}')}`;
      paths[path] = {
        ...paths[path],
        [route.method.toLowerCase()]: {
          tags: [plugin],
          summary: route.summary,
          'x-access': accessText(route.access),
          parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
          ...(route.body
            ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body) } } } }
            : {}),
          responses: {
            200: {
              description: 'done',
              ...(route.response ? { content: { 'application/json': { schema: jsonSchema(route.response) } } } : {}),
            },
            default: { description: 'refused: `{code, msg, data}` with a code of Appendix A' },
          },
        },
      };
    }
  }
  const messages = [...registry.messages.values()]
    .sort((a, b) => a.definition.id - b.definition.id)
    .map(({ owner, definition }) => ({
      id: definition.id,
      name: definition.name,
      plugin: owner,
      access: accessText(definition.access),
      request: jsonSchema(definition.request),
    }));
  return {
    openapi: '3.1.0',
    info: { title: 'Gatehouse', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    components: { securitySchemes: { session: { type: 'apiKey', in: 'header', name: 'sessionid' } } },
    security: [{ session: [] }],
    paths,
    'x-messages': messages,
  };
}

/** Who may call, in words: `public`, `session`, or `records: see, with pictures`. */
export function accessText(access: Access): string {
  if (typeof access === 'string') return access;
  return `${access.area}: ${access.action}${access.images ? ', with pictures' : ''}`;
}

function parameters(where: 'path' | 'query', schema: z.ZodType | undefined): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}
