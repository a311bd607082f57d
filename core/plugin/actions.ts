import { Life } from './life.ts';
import { Listeners } from './listeners.ts';
import type { Action, Actions } from './push-services.ts';

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What plugins say can be done on this box. */
export class ActionRegistry implements Actions {
  readonly #actions = new Map<string, Action>();
  readonly #listeners = new Listeners();

  register(action: Action): () => void {
    const { id } = action;
    if (!ID.test(id)) throw new Error(`"${id}" is no id of an action: 1 to 64 letters, digits, - or _`);
    if (this.#actions.has(id)) throw new Error(`there is an action "${id}" already`);
    const life = Life.current;
    const named: Action = {
      ...action,
      run: () => (life ? life.run(`action ${id}`, () => action.run()) : action.run()),
    };
    this.#actions.set(id, named);
    this.#listeners.tell();
    const end = () => {
      if (this.#actions.get(id) !== named) return;
      this.#actions.delete(id);
      this.#listeners.tell();
    };
    life?.onEnd(end);
    return end;
  }

  list(): Action[] {
    return [...this.#actions.values()];
  }

  onChanged(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}
