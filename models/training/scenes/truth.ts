import { bodyAttributes } from '../render/body-attributes.ts';
import type { CameraSetup } from '../render/camera.ts';
import { faceAttributes } from '../render/face-attributes.ts';
import type { ClipTruth, FrameTruth, ObjectTruth, Point } from '../render/types.ts';
import { eventsOf } from './events.ts';
import { frameCount, type Scene, type Stage, wholePixels, worldAt } from './scene.ts';

/** What is known of a clip before a picture of it is drawn: all but its frames. */
export function castTruth(scene: Scene, stage: Stage, seed: number): Omit<ClipTruth, 'frames'> {
  const worlds = Array.from({ length: frameCount(scene) }, (_, frame) => worldAt(scene, stage, frame / scene.fps));
  return {
    scene: scene.name,
    seed,
    width: stage.camera.width,
    height: stage.camera.height,
    fps: scene.fps,
    seconds: scene.seconds,
    zones: [...stage.zones],
    actors: stage.members.map(({ id, person }) => ({
      id,
      person: person.face.id,
      face: faceAttributes(person.face, person.look),
      body: bodyAttributes(person, 'walk'),
    })),
    vehicles: stage.vehicles.map(({ vehicle }) => ({
      id: vehicle.id,
      plate: vehicle.plate,
      colour: vehicle.colour,
      class: vehicle.class,
    })),
    events: eventsOf(worlds, scene.fps, stage.zones, stage.rules),
  };
}

/** Truth of one frame: whole pixels, landmarks to a tenth, and nothing that lies outside the picture. */
export function frameTruth(frame: number, objects: readonly ObjectTruth[], camera: CameraSetup): FrameTruth {
  return {
    frame,
    objects: objects.flatMap((object) => {
      const box = wholePixels(object.box, camera);
      if (!box || object.visible <= 0) return [];
      const exact: ObjectTruth = { ...object, box, visible: rounded(object.visible, 2) };
      if (object.landmarks) {
        exact.landmarks = object.landmarks.map(
          ([x, y]): Point => [rounded(x, 1), rounded(y, 1)],
        ) as ObjectTruth['landmarks'];
      }
      if (object.yaw !== undefined) exact.yaw = rounded(object.yaw, 2);
      if (object.pitch !== undefined) exact.pitch = rounded(object.pitch, 2);
      return [exact];
    }),
  };
}

/** JSON with one line for each frame, so that two versions can be compared. */
export function truthText(truth: ClipTruth): string {
  const { frames, ...rest } = truth;
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"frames":[\n${frames.map((frame) => JSON.stringify(frame)).join(',\n')}\n]}\n`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
