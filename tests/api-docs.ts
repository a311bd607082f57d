import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBox } from './kit/box.ts';

/** Writes docs/api.md from the schemas of a running box: `npm run docs`. */

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  description?: string;
}
interface Operation {
  summary: string;
  'x-access': string;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
}
interface Description {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  'x-messages': { id: number; name: string; plugin: string; access: string; request: Schema }[];
}

function typeText(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  const { minimum, maximum } = schema;
  const bounded = (value: number | undefined) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const range = [bounded(minimum) ? `from ${minimum}` : '', bounded(maximum) ? `to ${maximum}` : ''].join(' ').trim();
  return `${schema.type ?? 'any'}${range ? ` ${range}` : ''}`;
}

function fields(schema: Schema | undefined, where = ''): string[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const required = schema?.required?.includes(name) ? 'required' : '';
    const fallback = property.default === undefined ? '' : `default \`${JSON.stringify(property.default)}\``;
    const notes = [where, required, fallback, property.description ?? ''].filter(Boolean).join(', ');
    return `| \`${name}\` | ${typeText(property)} | ${notes} |`;
  });
}

function table(rows: string[]): string {
  return rows.length === 0 ? '' : `\n| field | type | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

const box = await startBox();
try {
  await box.login();
  const { body } = await box.rest<Description>('GET', '/openapi.json');
  const parts = [
    '# Interface reference',
    '',
    `Made from the schemas of version ${body.info.version} by \`npm run docs\`. A running box gives the same as OpenAPI at`,
    '`/openapi.json`.',
    '',
    '## Messages',
    '',
    '`POST /api/json` or `/api/form` with `msg_id` and the fields below; the answer is `{code, data, msg}`.',
  ];
  for (const message of body['x-messages']) {
    parts.push('', `### ${message.id} ${message.name}`, '', `Plugin \`${message.plugin}\`, access: ${message.access}.`);
    parts.push(table(fields(message.request)));
  }
  parts.push('', '## REST', '');
  for (const [path, operations] of Object.entries(body.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      parts.push(
        '',
        `### ${method.toUpperCase()} ${path}`,
        '',
        `${operation.summary}. Access: ${operation['x-access']}.`,
      );
      const rows = operation.parameters.map(
        (one) => `| \`${one.name}\` | ${typeText(one.schema)} | ${one.in}${one.required ? ', required' : ''} |`,
      );
      parts.push(table([...rows, ...fields(operation.requestBody?.content['application/json'].schema, 'body')]));
    }
  }
  const text = `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
  await writeFile(join(import.meta.dirname, '../docs/api.md'), text);
  console.log(`docs/api.md: ${body['x-messages'].length} messages, ${Object.keys(body.paths).length} paths`);
} finally {
  await box.stop();
}
