import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBox } from './kit/box.ts';

/** Writes docs/api.md from the schemas of a running box: `npm run docs`. */

interface Schema {
  /** Of one of several forms. */
  title?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
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
  const forms = schema?.oneOf ?? schema?.anyOf;
  if (forms) return formFields(forms, where);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) =>
    row(name, property, [where, schema?.required?.includes(name) ? 'required' : '']),
  );
}

/** The fields of all forms of a request in one table, with the forms they belong to. */
function formFields(forms: Schema[], where: string): string[] {
  const names = [...new Set(forms.flatMap((form) => Object.keys(form.properties ?? {})))];
  const titles = (some: Schema[]) => some.map(({ title }) => title).join(', ');
  return names.map((name) => {
    const having = forms.filter((form) => form.properties?.[name]);
    const needing = forms.filter((form) => form.required?.includes(name));
    const lacking = forms.filter((form) => !having.includes(form));
    const short = lacking.length < having.length ? `not ${titles(lacking)}` : `only ${titles(having)}`;
    const only = lacking.length === 0 ? '' : short;
    const required =
      needing.length === 0 ? '' : needing.length === having.length ? 'required' : `required for ${titles(needing)}`;
    // A field that chooses the form has another value in each.
    const types = [...new Set(having.map((form) => typeText(form.properties?.[name] ?? {})))];
    return row(name, having[0]?.properties?.[name] ?? {}, [where, only, required], types.join(' or '));
  });
}

function row(name: string, property: Schema, notes: string[], type = typeText(property)): string {
  const fallback = property.default === undefined ? '' : `default \`${JSON.stringify(property.default)}\``;
  return `| \`${name}\` | ${type} | ${[...notes, fallback, property.description ?? ''].filter(Boolean).join(', ')} |`;
}

/** What chooses the form of a request. */
function chosenBy({ oneOf }: Schema): string {
  return oneOf ? 'the fields with one value choose it' : 'what is stored chooses it';
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
    const forms = message.request.oneOf ?? message.request.anyOf;
    if (forms) parts.push('', `Forms: ${forms.map(({ title }) => title).join(', ')}; ${chosenBy(message.request)}.`);
    parts.push(table(fields(message.request)));
  }
  parts.push('', '## REST', '');
  // Plugins start in an order of their own each time; what belongs to one stays as it declares it.
  const room = (path: string): string => path.split('/').slice(0, 3).join('/');
  const paths = Object.entries(body.paths).sort(([a], [b]) => room(a).localeCompare(room(b)));
  for (const [path, operations] of paths) {
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
