import { Life } from './life.ts';

/**
 * Who wants to hear of something. Each is called in the name of the plugin that listens, whoever set it off, and what it
 * throws is its own: neither who set it off nor the others are to suffer from it.
 */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Gives the function that ends it; it ends with the plugin as well. */
  add(listener: () => void): () => void {
    const life = Life.current;
    const named = life ? () => called(life, listener) : () => listener();
    this.#listeners.add(named);
    const end = () => void this.#listeners.delete(named);
    life?.onEnd(end);
    return end;
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function called(life: Life, listener: () => void): void {
  try {
    life.run('listener', listener);
  } catch (error) {
    life.strayed(error);
  }
}
