import type { AlarmArchive } from '../../core/plugin/alarm-services.ts';
import type { CaptureArchive } from '../../core/plugin/capture-services.ts';
import type { PluginContext, Uses } from '../../core/plugin/contract.ts';
import type { Exports } from '../../core/plugin/export-services.ts';
import type { FaceIndex, Images } from '../../core/plugin/face-services.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type { CameraDatabases } from '../../core/plugin/services.ts';
import { Absentees } from './absentees.ts';
import { BatchNotes } from './batch-notes.ts';
import { Batches } from './batches.ts';
import { Comparison } from './comparison.ts';
import { Databases, type Limits } from './databases.ts';
import { Enrolment } from './enrolment.ts';
import { Erasure } from './erasure.ts';
import { StoredFaces } from './feeding.ts';
import { KnownFaces } from './known-faces.ts';
import { Library } from './library.ts';
import { Likenesses } from './likeness.ts';
import { People } from './people.ts';
import { Reembedding } from './reembedding.ts';
import { Vault } from './vault.ts';

/** What the databases need of the box. */
export interface AssemblyParts {
  owner: string;
  context: Pick<PluginContext<unknown, Uses>, 'store' | 'secrets' | 'clock' | 'log'>;
  images: Images;
  index: FaceIndex;
  bindings(): CameraDatabases | undefined;
  captures(): CaptureArchive | undefined;
  alarms(): AlarmArchive | undefined;
  outbox(): Outbox | undefined;
  exports(): Exports | undefined;
  changed(): void;
  erased(libId: number, imgIds: string[]): void;
  limits?: Limits;
}

export interface Assembly {
  library: Library;
  batches: Batches;
  comparison: Comparison;
  erasure: Erasure;
  reembedding: Reembedding;
  faces: StoredFaces;
}

/** Puts the rooms of the portrait databases together. */
export function assemble(parts: AssemblyParts): Assembly {
  const { owner, context, images, index, changed } = parts;
  const { store, clock, log } = context;
  const vault = new Vault(context.secrets);
  const known = new KnownFaces(index);
  const databases = new Databases(store, clock, parts.limits);
  const absentees = new Absentees(store);
  const people = new People({ store, databases, vault, clock });
  const reembedding = new Reembedding({ store, vault, images, known, log });
  const waiting = () => reembedding.state.missed;
  const likenesses = new Likenesses({ databases, people, index, images, waiting });
  const incomplete = () => reembedding.kick();
  const enrolment = new Enrolment({ owner, store, databases, vault, clock, images, known, incomplete });
  const { bindings, captures, alarms, outbox, exports, erased } = parts;
  const others = { bindings, captures, alarms, outbox, exports, erased };
  const left = (ids: readonly number[]) => reembedding.forget(ids);
  const erasure = new Erasure({ store, databases, absentees, known, clock, log, left, ...others });
  const library = new Library({ databases, absentees, people, enrolment, erasure, likenesses, changed });
  const notes = new BatchNotes({ store, vault, clock });
  const failed = (error: unknown, what: string) => log.error({ err: error }, what);
  return {
    library,
    batches: new Batches({ library, notes, clock, exports, failed }),
    comparison: new Comparison({ databases, images, likenesses }),
    erasure,
    reembedding,
    faces: new StoredFaces(store, vault),
  };
}
