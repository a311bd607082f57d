import type { I18n } from '../../../ui/contract.ts';

/**
 * Reads the JSON schema of a plugin's settings: what field each of them is, and what is wrong with a value before
 * it is sent. The box checks everything again; this only answers sooner and beside the field.
 */

interface Property {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  secret?: boolean;
  items?: Property;
  anyOf?: Property[];
}

export interface ConfigSchema {
  properties?: Record<string, Property>;
  required?: string[];
}

export type FieldKind = 'text' | 'lines' | 'number' | 'switch' | 'choice' | 'choices' | 'list' | 'secret' | 'json';

/** One field of the form. */
export interface ConfigField {
  name: string;
  kind: FieldKind;
  required: boolean;
  /** From the schema, in the words of the plugin's author. */
  title?: string | undefined;
  description?: string | undefined;
  options: (string | number)[];
  min?: number | undefined;
  max?: number | undefined;
  whole: boolean;
  maxLength?: number | undefined;
  pattern?: string | undefined;
  initial: unknown;
}

const LONG_TEXT = 200;

/** "nothing or a number" is a number that may be left empty. */
function withoutNull(property: Property): Property {
  const given = property.anyOf?.filter((one) => one.type !== 'null');
  return given?.length === 1 ? { ...property, ...given[0] } : property;
}

function optionsOf({ enum: values, anyOf }: Property): (string | number)[] {
  const all = values ?? (anyOf?.every((one) => one.const !== undefined) ? anyOf.map((one) => one.const) : []);
  return all.filter((value) => typeof value === 'string' || typeof value === 'number');
}

function kindOf(property: Property, value: unknown): FieldKind {
  if (property.secret) return 'secret';
  if (optionsOf(property).length > 0) return 'choice';
  const type = Array.isArray(property.type) ? property.type.find((one) => one !== 'null') : property.type;
  switch (type ?? typeof value) {
    case 'boolean':
      return 'switch';
    case 'number':
    case 'integer':
      return 'number';
    case 'string':
      return (property.maxLength ?? 0) > LONG_TEXT && !property.format ? 'lines' : 'text';
    case 'array':
      if (property.items && optionsOf(property.items).length > 0) return 'choices';
      return property.items?.type === 'string' ? 'list' : 'json';
    default:
      return 'json';
  }
}

/** A bound that is only the largest whole number there is says nothing. */
const bound = (limit: number | undefined) =>
  limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit;

/** The fields of a form, in the schema's order. */
export function fieldsOf(schema: ConfigSchema, values: Record<string, unknown>): ConfigField[] {
  return Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const property = withoutNull(raw);
    const kind = kindOf(property, values[name] ?? property.default);
    return {
      name,
      kind,
      required: (schema.required ?? []).includes(name) && property.default === undefined,
      title: property.title,
      description: property.description,
      options: kind === 'choices' ? optionsOf(property.items ?? {}) : optionsOf(property),
      min: bound(property.minimum),
      max: bound(property.maximum),
      whole: property.type === 'integer',
      maxLength: property.maxLength,
      pattern: property.pattern,
      initial: property.default,
    };
  });
}

/** A setting as its field shows it. */
export function toForm({ kind }: ConfigField, value: unknown): unknown {
  if (kind === 'switch') return value === true;
  if (kind === 'number') return typeof value === 'number' ? value : undefined;
  if (kind === 'choices') return Array.isArray(value) ? value : [];
  if (kind === 'list') return Array.isArray(value) ? value.join('\n') : '';
  if (kind === 'json') return value === undefined ? '' : JSON.stringify(value, null, 2);
  return value ?? '';
}

/** What goes to the box; undefined leaves the setting to its default. */
export function fromForm({ kind, required }: ConfigField, value: unknown): unknown {
  if (kind === 'list')
    return String(value)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  if (kind === 'json') return value === '' ? undefined : (JSON.parse(String(value)) as unknown);
  if (kind === 'choice' && value === '' && !required) return undefined;
  return value;
}

/** What is wrong with a value, in the user's language. */
export function problemOf(field: ConfigField, value: unknown, { t }: I18n): string | undefined {
  const empty = value === undefined || value === '';
  if (empty) return field.required ? t('settings.missing') : undefined;
  if (field.kind === 'number') {
    const number = value as number;
    const { min, max } = field;
    if (Number.isNaN(number)) return t('settings.noNumber');
    if (field.whole && !Number.isInteger(number)) return t('settings.notWhole');
    const outside = (min !== undefined && number < min) || (max !== undefined && number > max);
    if (outside && min !== undefined && max !== undefined) return t('settings.between', { min, max });
    if (outside) return min === undefined ? t('settings.atMost', { max: max ?? 0 }) : t('settings.atLeast', { min });
  }
  if (field.kind === 'json') {
    try {
      JSON.parse(String(value));
    } catch {
      return t('settings.noJson');
    }
  }
  if (typeof value === 'string' && field.kind !== 'secret' && field.maxLength !== undefined) {
    if (value.length > field.maxLength) return t('settings.tooLong', { max: field.maxLength });
  }
  if (field.kind === 'text' && field.pattern !== undefined && !fits(field.pattern, String(value)))
    return field.description ? t('settings.notLike', { rule: field.description }) : t('settings.notRight');
  return undefined;
}

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true; // a pattern this browser cannot read: the box will say
  }
}
