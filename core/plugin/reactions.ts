import { Life } from './life.ts';
import { Listeners } from './listeners.ts';
import type { OfferedReactions, Reaction, Reactions } from './push-services.ts';

const KEY = /^[A-Za-z0-9_.-]{1,80}$/;

/** What plugins offer rules to do. */
export class ReactionRegistry implements Reactions {
  readonly #offered = new Map<OfferedReactions, Reaction[]>();
  readonly #owners = new Map<string, OfferedReactions>();
  readonly #listeners = new Listeners();

  by(plugin: string): OfferedReactions {
    const life = Life.current;
    this.#leave(plugin, this.#owners.get(plugin));
    const own: OfferedReactions = {
      offer: (reactions) => {
        const checked = reactions.map((one) => named(one, plugin, life));
        const ids = new Set(checked.map(({ id }) => id));
        if (ids.size < checked.length) throw new Error(`"${plugin}" offers a reaction twice`);
        // One that has ended, or that somebody has taken the place of, has nothing to offer.
        if (this.#owners.get(plugin) !== own) return;
        this.#offered.set(own, checked);
        this.#listeners.tell();
      },
    };
    this.#owners.set(plugin, own);
    life?.onEnd(() => this.#leave(plugin, own));
    return own;
  }

  list(): Reaction[] {
    return [...this.#offered.values()].flat();
  }

  find(id: string): Reaction | undefined {
    const own = this.#owners.get(id.slice(0, id.indexOf('/')));
    return own && this.#offered.get(own)?.find((one) => one.id === id);
  }

  onChanged(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  #leave(plugin: string, own: OfferedReactions | undefined): void {
    if (!own || this.#owners.get(plugin) !== own) return;
    this.#owners.delete(plugin);
    if (this.#offered.delete(own)) this.#listeners.tell();
  }
}

/** The reaction as a new object, whose work is done in the name of the plugin that offers it. */
function named(reaction: Reaction, plugin: string, life: Life | undefined): Reaction {
  const { id } = reaction;
  const key = id.startsWith(`${plugin}/`) ? id.slice(plugin.length + 1) : '';
  if (!KEY.test(key)) throw new Error(`"${id}" is no id of a reaction: ${plugin}/ and 1 to 80 letters, digits, . - _`);
  const deliver: Reaction['deliver'] = (...given) =>
    life ? life.run(`reaction ${id}`, () => reaction.deliver(...given)) : reaction.deliver(...given);
  return { ...reaction, deliver };
}
