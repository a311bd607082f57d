import { z } from 'zod';
import { CODE, ContractError } from '../gateway/errors.ts';

/** What stands in place of a secret in answers; a form that sends it back leaves the secret as it is. */
export const MASK = '******';

/** What somebody read as the mask and sends back, of however many stars: the value is as it was. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && /^\*+$/.test(value);
}

/**
 * A text setting that never leaves the box again: masked in answers, sealed in the database.
 * @param onlyFor names of settings that say to whom it goes, and how safely: when one of them changes it must be entered
 *   again, or whoever may change settings could have it sent to a receiver of their own
 */
export function secret(onlyFor: readonly string[] = []) {
  return z.string().max(500).meta({ secret: true, onlyFor });
}

interface JsonProperty {
  secret?: boolean;
  onlyFor?: readonly string[];
  default?: unknown;
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

/**
 * The values a form sent, with untouched secrets taken from what was stored.
 * @throws ContractError `wrongParameter` for an untouched secret that would go to somebody else
 */
export function keepSecrets(
  schema: z.ZodType,
  sent: Record<string, unknown>,
  stored: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...sent };
  const { properties = {} } = configSchema(schema);
  const differs = (name: string) => {
    // Another secret that stays as it is.
    if (isMask(sent[name])) return false;
    const usual = properties[name]?.default;
    return (sent[name] ?? usual) !== (stored[name] ?? usual);
  };
  for (const name of secretNames(schema)) {
    if (!isMask(merged[name])) continue;
    const changed = stored[name] ? properties[name]?.onlyFor?.find(differs) : undefined;
    if (changed) {
      throw new ContractError(CODE.wrongParameter, `${name}: enter it again, since "${changed}" has changed`, '', name);
    }
    merged[name] = stored[name];
  }
  return merged;
}
