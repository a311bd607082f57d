import { personTracks } from '../../../core/vision/keys.ts';
import { type CameraContext, type CameraStage, defineStage, type StageFrame } from '../../../core/vision/stage.ts';
import { peopleCounted } from '../keys.ts';

/** Counts the people one camera sees, and tells the core process when the number changes. */
class PeopleCount implements CameraStage {
  readonly #camera: CameraContext;
  #people = 0;

  constructor(camera: CameraContext) {
    this.#camera = camera;
  }

  process(frame: StageFrame): void {
    const { active } = frame.get(personTracks);
    this.#counted(active.filter((track) => track.confirmed).length);
  }

  streamEnded(): void {
    this.#counted(0);
  }

  #counted(people: number): void {
    if (people === this.#people) return;
    this.#people = people;
    this.#camera.tell(peopleCounted, { channel: this.#camera.plan.channel, people });
  }
}

/** Runs in the vision worker: no database and no network here. */
export default defineStage({ create: () => ({ camera: (camera) => new PeopleCount(camera) }) });
