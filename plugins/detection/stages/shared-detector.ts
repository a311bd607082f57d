import type { RgbPicture } from '../../../drivers/video/frame.ts';
import { createDetector, type Detection } from '../../../models/adapters/index.ts';
import type { InstalledModel } from '../../../models/install.ts';
import { LABELS, SUBJECTS, TRACKING } from './subjects.ts';
import { PLATE_LABEL } from './vehicle-plates.ts';

/** A detector as one of its stages has it. */
export interface DetectorShare {
  /** All subjects the model knows, from the lowest score any of them is asked for; the same finds for the same picture. */
  detect(picture: RgbPicture): Promise<readonly Detection[]>;
  /** Frees the model when the last share of it is closed. */
  close(): Promise<void>;
}

interface Shared {
  opened: ReturnType<typeof createDetector>;
  /** Of pictures that are still in use by somebody. */
  finds: WeakMap<RgbPicture, Promise<readonly Detection[]>>;
  shares: number;
}

/** By file and threads. Only the stages of one worker meet here. */
const shared = new Map<string, Shared>();

/**
 * Opens a detector, or joins the one that is open for the same file: where one model finds persons and faces, two stages
 * look at the same picture with it, and it runs once. The stage that comes first bears its time.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function shareDetector(model: InstalledModel, threads: number): Promise<DetectorShare> {
  const key = JSON.stringify([model.file, threads]);
  const entry = shared.get(key) ?? { opened: open(model, threads), finds: new WeakMap(), shares: 0 };
  shared.set(key, entry);
  entry.shares += 1;
  const leave = () => {
    entry.shares -= 1;
    if (entry.shares === 0 && shared.get(key) === entry) shared.delete(key);
  };
  let detector: Awaited<Shared['opened']>;
  try {
    detector = await entry.opened;
  } catch (error) {
    leave();
    throw error;
  }
  const scoreThreshold = lowestScore(detector.labels);
  let closed = false;
  return {
    detect: (picture) => {
      const known = entry.finds.get(picture);
      if (known) return known;
      const finds = detector.detect(picture, { scoreThreshold });
      entry.finds.set(picture, finds);
      return finds;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      leave();
      if (entry.shares === 0) await detector.close();
    },
  };
}

function open(model: InstalledModel, threads: number): Shared['opened'] {
  const wanted = [...SUBJECTS.flatMap((subject) => LABELS[subject]), PLATE_LABEL];
  const known = wanted.filter((label) => model.labels.includes(label));
  // Only the part the picture covers is computed: a 16:9 stream fills little more than half of a square input.
  return createDetector(model, { threads, trim: true, ...(known.length > 0 ? { labels: known } : {}) });
}

/** What is found of a subject below its own score, the stage leaves out. */
function lowestScore(labels: readonly string[]): number {
  const known = SUBJECTS.filter((subject) => LABELS[subject].some((label) => labels.includes(label)));
  const scores = known.map((subject) => TRACKING[subject].lowScore);
  return scores.length > 0 ? Math.min(...scores) : TRACKING.person.lowScore;
}
