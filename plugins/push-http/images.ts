import type { PicturePart, PushImages } from '../../core/plugin/push-services.ts';
import type { Store } from '../../core/store/database.ts';
import { type ImageSwitches, images } from './shapes.ts';

const KEY = 'push.images';

/** Which pictures go with pushes, by HTTP and WebSocket alike; all of them until somebody says otherwise. */
export class ImageChoice implements PushImages {
  readonly #store: Store;
  #switches: ImageSwitches;

  constructor(store: Store) {
    this.#store = store;
    this.#switches = store.settings.get(KEY, images) ?? { snap: true, frame: true, library: true };
  }

  wanted(part: PicturePart): boolean {
    return this.#switches[part];
  }

  get switches(): ImageSwitches {
    return this.#switches;
  }

  /** Changes those that are named. */
  async change(change: Partial<ImageSwitches>): Promise<void> {
    const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    this.#switches = { ...this.#switches, ...named };
    await this.#store.settings.set(KEY, this.#switches);
  }
}
