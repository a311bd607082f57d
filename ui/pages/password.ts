import { t } from '../i18n.ts';

const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u];

/** What a new password lacks, or undefined: 8 to 31 characters of three kinds. The box decides; this is sooner. */
export function passwordProblem(password: string): string | undefined {
  const { length } = [...password.normalize('NFC')];
  if (length < 8) return t('password.tooShort');
  if (length > 31) return t('password.tooLong');
  if (KINDS.filter((kind) => kind.test(password)).length < 3) return t('password.tooPlain');
  return undefined;
}

export interface NewPassword {
  current: string;
  next: string;
  again: string;
}

export const NO_PASSWORD: NewPassword = { current: '', next: '', again: '' };

/** Errors by field, before anything is sent. */
export function checkNewPassword({ current, next, again }: NewPassword): Record<string, string | undefined> {
  return {
    current: current === '' ? t('password.currentMissing') : undefined,
    next: passwordProblem(next) ?? (next === current ? t('password.same') : undefined),
    again: again === next ? undefined : t('password.different'),
  };
}
