import { Turns } from '../../core/concurrency.ts';
import { type ImageSwitches, storedSwitches, storeSwitches } from '../../core/events/push-images.ts';
import type { PicturePart, PushImages } from '../../core/plugin/push-services.ts';
import type { Store } from '../../core/store/database.ts';

/** Which pictures go with pushes, by HTTP and WebSocket alike; all of them until somebody says otherwise. */
export class ImageChoice implements PushImages {
  readonly #store: Store;
  readonly #changing = new Turns(1);
  #switches: ImageSwitches;

  constructor(store: Store) {
    this.#store = store;
    this.#switches = storedSwitches(store.settings);
  }

  wanted(part: PicturePart): boolean {
    return this.#switches[part];
  }

  get switches(): ImageSwitches {
    return this.#switches;
  }

  /** Changes those that are named. What cannot be stored does not hold: it would be another after the next start. */
  async change(change: Partial<ImageSwitches>): Promise<void> {
    const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    await this.#changing.take(async () => {
      const switches = { ...this.#switches, ...named };
      await storeSwitches(this.#store.settings, switches);
      this.#switches = switches;
    });
  }
}
