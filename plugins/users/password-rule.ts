import { randomInt } from 'node:crypto';
import { CODE, ContractError } from '../../core/gateway/errors.ts';

/** What a user name and a password may look like. The rule counts when one is set, never when one is checked. */

/** Letters, digits and @ . - _, at most 49. */
export const USER_NAME = /^[A-Za-z0-9@._-]{1,49}$/;

const LENGTH = { min: 8, max: 31 } as const;
const KINDS = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u];
const KINDS_NEEDED = 3;
const CONTROL = /\p{Cc}|\p{Cs}/u;

/** Why a password may not be used, or undefined when it may. Its length counts in characters, after NFC. */
export function passwordFault(password: string): string | undefined {
  const { length } = [...password];
  if (length < LENGTH.min || length > LENGTH.max) {
    return `the password must have ${LENGTH.min} to ${LENGTH.max} characters, this one has ${length}`;
  }
  if (CONTROL.test(password)) return 'the password must not hold control characters';
  if (KINDS.filter((kind) => kind.test(password)).length < KINDS_NEEDED) {
    return 'the password must hold at least three of: capitals, lower case letters, digits, special characters';
  }
  return undefined;
}

/** @throws ContractError `passwordTooWeak` saying what is missing */
export function checkPasswordRule(password: string): void {
  const fault = passwordFault(password);
  if (fault) throw new ContractError(CODE.passwordTooWeak, fault);
}

/** Without characters that are taken for one another when read from a screen or a slip of paper. */
const LEGIBLE = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** A random password of three groups of four (69 bits), which follows the rule. */
export function oneTimePassword(): string {
  for (;;) {
    const group = () => Array.from({ length: 4 }, () => LEGIBLE[randomInt(LEGIBLE.length)]).join('');
    const password = `${group()}-${group()}-${group()}`;
    if (passwordFault(password) === undefined) return password;
  }
}
