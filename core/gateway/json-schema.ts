import { z } from 'zod';
import { type Variant, variantsOf } from './variants.ts';

/** As far as it is looked into here. */
export type JsonSchema = Record<string, unknown> & {
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/**
 * What a client may send, as JSON Schema: with the fields that must be there, the values a field is one of, and, where
 * a request has several forms, each of them (`oneOf` where fields choose it, else `anyOf`).
 */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  const variants = variantsOf(schema);
  if (!variants) return plainSchema(schema);
  const chosenByFields = variants.every(({ when }) => Object.keys(when).length > 0);
  return { [chosenByFields ? 'oneOf' : 'anyOf']: variants.map((one) => variantSchema(plainSchema(schema), one)) };
}

/** @param common what all forms share */
function variantSchema(common: JsonSchema, { title, when, fields }: Variant): JsonSchema {
  const { properties, required = [], ...rest } = plainSchema(fields);
  const choosing = Object.entries(when).map(([name, value]) => [name, { type: 'string', const: value }]);
  return {
    title,
    ...rest,
    properties: { ...common.properties, ...Object.fromEntries(choosing), ...properties },
    required: [...new Set([...(common.required ?? []), ...Object.keys(when), ...required])],
  };
}

function plainSchema(schema: z.ZodType): JsonSchema {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override }) as JsonSchema;
  const { $schema: _, required: __, ...rest } = made;
  if (!('properties' in rest)) return rest;
  // A lenient field takes anything before it is looked at; which ones must be there shows when none is.
  const missing = schema.safeParse({}).error?.issues ?? [];
  const required = [...new Set(missing.flatMap(({ path }) => (path.length === 1 ? String(path[0]) : [])))];
  return required.length > 0 ? { ...rest, required } : rest;
}

/** Mends what the conversion leaves out or says in too many words. */
function override({
  zodSchema,
  jsonSchema: out,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  const { def } = zodSchema._zod;
  // Of two schemas in a row only the first is shown, and the list of values stands in the second.
  if (def.type === 'pipe' && !isTransform(def.in) && !isTransform(def.out)) {
    const second = z.toJSONSchema(def.out, { io: 'input', unrepresentable: 'any' });
    const { $schema: _, type: __, ...more } = second;
    Object.assign(out, more);
  }
  if (out.enum || out.const !== undefined) {
    delete out.minimum;
    delete out.maximum;
  }
  // Every whole number lies between these.
  if (out.minimum === Number.MIN_SAFE_INTEGER) delete out.minimum;
  if (out.maximum === Number.MAX_SAFE_INTEGER) delete out.maximum;
}

function isTransform(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === 'transform';
}
