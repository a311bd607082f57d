import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What every dataset command is told. */
export interface DatasetOptions {
  /** Folder of the dataset; made where it is missing, its files are overwritten. */
  out: string;
  seed: number;
  /** Pictures. */
  count: number;
  /** Processes that draw. */
  workers: number;
}

/** Further options of a command, as given on its command line. */
export type Extras = Record<string, string | undefined>;

/**
 * Reads `--out <folder> --seed <n> --count <n> [--workers <n>]` and the further options of a command.
 * @param further names of options that take a value.
 * @throws Error that says which option is missing or wrong.
 */
export function readOptions(
  args: string[],
  further: readonly string[] = [],
): { options: DatasetOptions; extras: Extras } {
  const names = ['out', 'seed', 'count', 'workers', ...further];
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    strict: true,
  });
  const text: Extras = Object.fromEntries(names.map((name) => [name, asText(values[name])]));
  const out = text['out'];
  if (!out) throw new Error('name the folder of the dataset: --out <folder>');
  return {
    options: {
      out,
      seed: wholeNumber(text, 'seed', 1, 0),
      count: wholeNumber(text, 'count', 1000, 1),
      workers: wholeNumber(text, 'workers', 2, 1, 64),
    },
    extras: text,
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** @throws Error for what is no whole number between `least` and `most`. */
export function wholeNumber(
  extras: Extras,
  name: string,
  usual: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const text = extras[name];
  if (text === undefined) return usual;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new Error(`--${name} must be a whole number of at least ${least}, not ${text}`);
  }
  return value;
}

/**
 * One of the words that an option takes; the first of them where it is not given.
 * @throws Error that names them.
 */
export function word<const Words extends readonly [string, ...string[]]>(
  extras: Extras,
  name: string,
  words: Words,
): Words[number] {
  const found = words.find((one) => one === (extras[name] ?? words[0]));
  if (found === undefined) throw new Error(`--${name} is one of ${words.join(', ')}, not ${extras[name]}`);
  return found;
}

/** True in the module the process was started with. */
export function isCommand(module: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(module);
}
