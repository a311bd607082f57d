import type { Schema } from './catalog.ts';

/** Says where a value is not as a JSON Schema asks; as much of it as the box's own description uses. */
export function mismatch(schema: Schema, value: unknown, at = 'the answer'): string | undefined {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const faults = choices.map((choice) => mismatch(choice, value, at));
    return faults.includes(undefined) ? undefined : (faults[0] ?? `${at} fits nothing`);
  }
  if ('const' in schema && value !== schema.const) return `${at} is not ${JSON.stringify(schema.const)}`;
  if (schema.enum && !schema.enum.includes(value)) return `${at} is none of ${JSON.stringify(schema.enum)}`;
  switch (schema.type) {
    case 'null':
      return value === null ? undefined : `${at} is not null`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${at} is no boolean`;
    case 'integer':
    case 'number':
      return numberFault(schema, value, at);
    case 'string':
      return textFault(schema, value, at);
    case 'array':
      return listFault(schema, value, at);
    case 'object':
      return objectFault(schema, value, at);
    default:
      return undefined;
  }
}

function numberFault({ type, minimum, maximum }: Schema, value: unknown, at: string): string | undefined {
  if (typeof value !== 'number') return `${at} is no number`;
  if (type === 'integer' && !Number.isSafeInteger(value)) return `${at} is no whole number`;
  const outside = value < (minimum ?? value) || value > (maximum ?? value);
  return outside ? `${at} is out of its range: ${value}` : undefined;
}

function textFault({ minLength = 0, maxLength, pattern }: Schema, value: unknown, at: string): string | undefined {
  if (typeof value !== 'string') return `${at} is no text`;
  if (value.length < minLength || value.length > (maxLength ?? value.length))
    return `${at} has ${value.length} characters`;
  return pattern && !new RegExp(pattern, 'u').test(value) ? `${at} does not match ${pattern}` : undefined;
}

function listFault(schema: Schema, value: unknown, at: string): string | undefined {
  if (!Array.isArray(value)) return `${at} is no list`;
  const { prefixItems, minItems = prefixItems?.length ?? 0, maxItems, items } = schema;
  if (value.length < minItems || value.length > (maxItems ?? value.length)) return `${at} has ${value.length} entries`;
  for (const [index, one] of value.entries()) {
    const fault = mismatch(prefixItems?.[index] ?? items ?? {}, one, `${at}[${index}]`);
    if (fault) return fault;
  }
  return undefined;
}

function objectFault(schema: Schema, value: unknown, at: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`;
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) return `${at} lacks ${missing.join(', ')}`;
  const { additionalProperties: more } = schema;
  for (const [name, one] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? (typeof more === 'object' ? more : undefined);
    if (!property && more === false) return `${at} has the unknown field ${name}`;
    const fault = property && mismatch(property, one, `${at}.${name}`);
    if (fault) return fault;
  }
  return undefined;
}
