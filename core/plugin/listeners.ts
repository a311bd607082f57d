import { Life } from './life.ts';

/** Who wants to hear of something. Each is called in the name of the plugin that listens, whoever set it off. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Gives the function that ends it; it ends with the plugin as well. */
  add(listener: () => void): () => void {
    const life = Life.current;
    const named = life ? () => life.run('listener', listener) : () => listener();
    this.#listeners.add(named);
    const end = () => void this.#listeners.delete(named);
    life?.onEnd(end);
    return end;
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
