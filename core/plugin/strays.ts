import { executionAsyncResource } from 'node:async_hooks';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StoreBusyError, StoreFullError } from '../store/errors.ts';
import { Life } from './life.ts';

/**
 * Errors that no caller was there to take: of timers, promises nobody waited for, and emitters nobody listened to.
 * Whose they are is told by two signs: the life that was running when the timer or promise was made, and folders of
 * plugins in the stack. Both are needed, since no runtime keeps the first one everywhere.
 */

const CORE = join(import.meta.dirname, '..') + sep;

/** The newest life of each plugin folder, kept after its end: a forgotten timer still throws then. */
const lives = new Map<string, Life>();

/** From now on errors with this life's folder in their stack are this life's. */
export function watchStrays(life: Life): void {
  lives.set(life.folder, life);
  keepContextOfTimers();
}

/** Folders of all plugins that have run, with their names. */
export function watchedFolders(): { plugin: string; folder: string }[] {
  return [...lives.values()].map(({ plugin, folder }) => ({ plugin, folder }));
}

/** The newest life of the plugin in a folder. */
export function lifeOf(folder: string): Life | undefined {
  return lives.get(folder);
}

/**
 * Hands a stray error to the plugin it belongs to.
 * @returns false where nobody can be blamed: what is known of the process then is for the caller to decide
 */
export function takeStray(error: unknown): boolean {
  // A store that is full or busy is nobody's fault, and starting plugins anew would only add to its work.
  if (error instanceof StoreFullError || error instanceof StoreBusyError) return false;
  const life = lifeBehind(error);
  if (!life) return false;
  if (life.ended) endTimer();
  life.strayed(error);
  return true;
}

function lifeBehind(error: unknown): Life | undefined {
  const context = thrown.get(error) ?? Life.current;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const inStack = livesIn(stack);
  if (context && inStack.some(({ folder }) => folder === context.folder)) return context;
  if (inStack[0]) return inStack[0];
  // The core keeps timers of its own that were first needed in a plugin's call: their faults are the core's.
  return named(stack, CORE) ? undefined : context;
}

/** Lives whose code is in a stack, the innermost first. */
function livesIn(stack: string): Life[] {
  return stack
    .split('\n')
    .flatMap((line) => [...lives].filter(([folder]) => named(line, folder + sep)).map(([, life]) => life));
}

/** Stacks name files by path or by address. */
function named(text: string, folder: string): boolean {
  return text.includes(folder) || text.includes(pathToFileURL(folder).href);
}

/** Ends an interval that outlived its plugin and would throw for ever. Only Node tells which timer is running. */
function endTimer(): void {
  const resource: unknown = executionAsyncResource?.();
  if (resource instanceof Object && '_repeat' in resource) clearInterval(resource as unknown as NodeJS.Timeout);
}

// --- runtimes that forget ----------------------------------------------------------------------------------------

/** The error a timer threw last, with the life it belongs to, while it is on its way to the process's handler. */
const thrown = {
  error: undefined as unknown,
  life: undefined as Life | undefined,
  get(error: unknown): Life | undefined {
    const { life } = this;
    const same = this.life !== undefined && this.error === error;
    this.error = undefined;
    this.life = undefined;
    return same ? life : undefined;
  },
};

let kept = false;

/** Deno has forgotten whose timer it was by the time it tells of the error: the timers remember it themselves. */
function keepContextOfTimers(): void {
  if (kept || !('deno' in process.versions)) return;
  kept = true;
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) {
    const original = globalThis[name] as (...args: unknown[]) => unknown;
    const replaced = (work: unknown, ...rest: unknown[]): unknown => {
      const life = Life.current;
      if (!life || typeof work !== 'function') return original(work, ...rest);
      const timer = original(
        (...args: unknown[]) => {
          try {
            work(...args);
          } catch (error) {
            if (life.ended) clearInterval(timer as NodeJS.Timeout);
            thrown.error = error;
            thrown.life = life;
            throw error;
          }
        },
        ...rest,
      );
      return timer;
    };
    Object.assign(globalThis, { [name]: Object.assign(replaced, original) });
  }
}
