import type { ApiFailure, I18n } from './contract.ts';

export class ApiError extends Error implements ApiFailure {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  readonly data: unknown;
  readonly reason: ApiFailure['reason'];

  constructor(
    message: string,
    parts: { status?: number; code?: number; data?: unknown; reason: ApiFailure['reason'] },
  ) {
    super(message);
    this.status = parts.status ?? 0;
    this.code = parts.code ?? 0;
    this.data = parts.data;
    this.reason = parts.reason;
  }
}

/**
 * A sentence for people. Codes have texts in both languages; where the box's own message says more than the bare
 * code (it names a field or a limit), it is kept behind it.
 */
export function describeError(error: unknown, i18n: Pick<I18n, 'or' | 't'>): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.reason !== 'refused') return i18n.t(`error.${error.reason}`);
  const known = i18n.or(`code.${error.code}`, '');
  if (known === '') return error.message || i18n.t('error.status', { status: error.status });
  const telling = /[:"“]|\d/.test(error.message);
  return telling ? `${known} (${error.message})` : known;
}

/** Errors the box ties to fields: `data: {issues: [{path, message}]}` or `data: {field}`; empty where it names none. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError) || typeof error.data !== 'object' || error.data === null) return {};
  const data = error.data as Record<string, unknown>;
  const found: Record<string, string> = {};
  const issues = Array.isArray(data['issues']) ? data['issues'] : data['field'] === undefined ? [] : [data];
  for (const issue of issues as Record<string, unknown>[]) {
    const path = issue['path'] ?? issue['field'];
    const name = Array.isArray(path) ? path.join('.') : String(path ?? '');
    if (name !== '') found[name] ??= String(issue['message'] ?? error.message);
  }
  return found;
}
