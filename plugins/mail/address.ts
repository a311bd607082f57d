/**
 * Addresses of mail, in the narrow form that every server takes: no quotes, no comments, no display name, ASCII. What
 * fits holds nothing that could begin another header or command.
 */

const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export const LONGEST_ADDRESS = 254;

/** Whether `value` is an address mail can be sent to. */
export function isAddress(value: string): boolean {
  if (value.length > LONGEST_ADDRESS) return false;
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  return (
    at > 0 &&
    local.length <= 64 &&
    LOCAL.test(local) &&
    value
      .slice(at + 1)
      .split('.')
      .every((l) => LABEL.test(l))
  );
}

/** What would turn the direction of writing or hide, and everything that ends a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** A text of data in one line, at most so many characters long. */
export function oneLine(value: string, most: number): string {
  return [...value.slice(0, 2 * most).replace(UNPRINTABLE, ' ')].slice(0, most).join('').trim();
}
