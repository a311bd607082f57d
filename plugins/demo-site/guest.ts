import type { GuestCamera } from '../../core/plugin/services.ts';
import { SNAP_MODE } from '../../core/vision/keys.ts';
import type { Scene } from './scenes.ts';

/** Faces of the scenes may be small, and the demo's detector finds them: smaller than a camera can be told to look for. Pixels. */
const FACES = { faceSizeMin: 24, faceSizeMax: 1000 };

/**
 * With nine people enrolled, a similarity that one in a thousand strangers reaches by chance names one stranger in a
 * hundred; the usual 80 would leave more of those unnamed who pass far from the camera.
 */
const THRESHOLD = 70;

export interface Showing {
  /** Of its stream; undefined: the clip is played as a file. */
  url: string | undefined;
  /** Of the clips. */
  folder: string;
  /** Portrait databases of who is known in the scenes. */
  libraryIds: readonly number[];
}

/** A scene as a camera. */
export function guestOf(scene: Scene, { url, folder, libraryIds }: Showing): GuestCamera {
  return {
    key: scene.name,
    origin: 'demo',
    name: scene.title,
    position: '',
    description: scene.description,
    ...(url === undefined ? { url: `file:${scene.name}.mp4`, filesFolder: folder } : { url }),
    tasks: scene.tasks,
    // A visitor who looks for the first time shall see something at once.
    snapMode: SNAP_MODE.realtime,
    ...FACES,
    libraryIds: [...libraryIds],
    threshold: THRESHOLD,
    // One of the scenes shows somebody who holds up a picture.
    liveness: true,
  };
}
