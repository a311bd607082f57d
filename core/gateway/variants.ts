import type { z } from 'zod';

/** One of several forms a request may have, for its description. */
export interface Variant {
  /** What it is for, in a few words. */
  title: string;
  /** Fields that choose it, with their values; they are required. Empty where something stored chooses. */
  when: Readonly<Record<string, string>>;
  /** Its fields, beside those of the schema itself. */
  fields: z.ZodType;
}

const known = new WeakMap<z.ZodType, readonly Variant[]>();

/**
 * Tells the description of the interface which forms a request has, where another field or something stored chooses
 * among them and the schema alone does not show it. Nothing is checked by it.
 */
export function withVariants<S extends z.ZodType>(schema: S, variants: readonly Variant[]): S {
  known.set(schema, variants);
  return schema;
}

export function variantsOf(schema: z.ZodType): readonly Variant[] | undefined {
  return known.get(schema);
}
