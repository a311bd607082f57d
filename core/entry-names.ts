/** Longest name of an entry in UTF-8, extension included: every common file system takes 255 bytes. */
const LONGEST = 180;
const LONGEST_EXTENSION = 12;

/** What some system takes for a path or a wildcard, what cannot be seen, and what turns the direction of reading. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}/\\:*?"<>|]/gu;
/** Devices of Windows, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
/** The one invisible character that words are made with: it joins emoji. */
const JOINER = '\u200d';

/**
 * Gives entries of one archive names that every system can unpack, each once. Letters of any script stay as they are;
 * what is unsafe becomes `_`, and of names that are equal but for case all after the first get a number.
 */
export class EntryNames {
  readonly #taken = new Set<string>();
  /** Where counting goes on for a name that comes often. */
  readonly #next = new Map<string, number>();

  take(name: string): string {
    const { stem, extension } = safe(name);
    const same = `${stem}${extension}`.toLowerCase();
    let number = this.#next.get(same) ?? 1;
    let taken = `${stem}${extension}`;
    while (this.#taken.has(taken.toLowerCase())) taken = `${stem} (${++number})${extension}`;
    this.#next.set(same, number);
    this.#taken.add(taken.toLowerCase());
    return taken;
  }
}

function safe(name: string): { stem: string; extension: string } {
  const clean = name
    .normalize('NFC')
    .replace(UNSAFE, (one) => (one === JOINER ? one : '_'))
    // Hidden files, `..`, and what Windows cuts off.
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const hasExtension = dot > 0 && clean.length - dot <= LONGEST_EXTENSION;
  const extension = hasExtension ? clean.slice(dot) : '';
  const stem = cut(hasExtension ? clean.slice(0, dot).trimEnd() : clean, LONGEST - byteLength(extension));
  // A device is meant by what stands before the first dot.
  const isDevice = DEVICE.test(stem.split('.')[0]!.trimEnd());
  return { stem: isDevice ? `_${stem}` : stem || '_', extension };
}

/** At most so many bytes, without half a character. */
function cut(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  let length = 0;
  let kept = '';
  for (const character of text) {
    length += byteLength(character);
    if (length > bytes) break;
    kept += character;
  }
  return kept;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
