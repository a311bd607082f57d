import { z } from 'zod';

/** What stands in place of a secret in answers; a form that sends it back leaves the secret as it is. */
export const MASK = '******';

/** A text setting that never leaves the box again: masked in answers, sealed in the database. */
export function secret() {
  return z.string().max(500).meta({ secret: true });
}

interface JsonProperty {
  secret?: boolean;
  [key: string]: unknown;
}

/** JSON schema of a plugin's settings, for the form in the UI. */
export function configSchema(schema: z.ZodType): { properties?: Record<string, JsonProperty> } {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, JsonProperty>;
  };
}

/** Name of a setting that hides a secret inside an object or list, where it would not be masked. */
export function nestedSecret(schema: z.ZodType): string | undefined {
  const inside = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).some(([key, one]) => (key === 'secret' && one === true) || inside(one));
  return Object.entries(configSchema(schema).properties ?? {}).find(([, { secret: _, ...rest }]) => inside(rest))?.[0];
}

function secretNames(schema: z.ZodType): string[] {
  return Object.entries(configSchema(schema).properties ?? {})
    .filter(([, property]) => property.secret)
    .map(([name]) => name);
}

/** The values as they may be shown: secrets that are set become the mask. */
export function maskSecrets(schema: z.ZodType, values: Record<string, unknown>): Record<string, unknown> {
  const shown = { ...values };
  for (const name of secretNames(schema)) if (shown[name]) shown[name] = MASK;
  return shown;
}

/** The values a form sent, with untouched secrets taken from what was stored. */
export function keepSecrets(
  schema: z.ZodType,
  sent: Record<string, unknown>,
  stored: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...sent };
  for (const name of secretNames(schema)) {
    if (typeof merged[name] === 'string' && /^\*+$/.test(merged[name])) merged[name] = stored[name];
  }
  return merged;
}
