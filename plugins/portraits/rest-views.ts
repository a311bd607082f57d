import type { ExaminedFace, FaceIndexState } from '../../core/plugin/face-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { CaptureSearchState, SimilarCapture } from './capture-search.ts';
import type {
  CapturedStateView,
  DatabaseView,
  FaceView,
  IndexView,
  NearView,
  OneFaceView,
  PortraitView,
  SimilarCaptureView,
} from './rest-shapes.ts';
import type { Likeness, Near, OneFace, Portrait, PortraitDatabase } from './shapes.ts';

/** What the rooms of the plugin know, as the pages get it. */

export function viewOfDatabase(database: PortraitDatabase, cameras: readonly CameraInfo[]): DatabaseView {
  const { libId, libName, libType, pictures, createTime, updateTime, origin } = database;
  return {
    id: libId,
    name: libName,
    type: libType,
    pictures,
    createTime,
    updateTime,
    origin: origin ?? null,
    cameras: boundTo(libId, cameras),
  };
}

/** The cameras that compare with a database. */
export function boundTo(libId: number, cameras: readonly CameraInfo[]): DatabaseView['cameras'] {
  return cameras.filter(({ libraryIds }) => libraryIds.includes(libId)).map(({ channel, name }) => ({ channel, name }));
}

export function viewOfPortrait({ id: _id, libId, imgId, imgPath, ...rest }: Portrait): PortraitView {
  return { database: libId, imageId: imgId, path: imgPath, ...rest };
}

export function viewOfNear({ portrait, libName, libType, similarity }: Near): NearView {
  return { portrait: viewOfPortrait(portrait), databaseName: libName, databaseType: libType, similarity };
}

export function viewOfLikeness({ near, nearFault }: Likeness): { near: NearView[]; nearFault: string | null } {
  return { near: near.map(viewOfNear), nearFault: nearFault ?? null };
}

export function viewOfOne({ width, height, face }: OneFace): OneFaceView {
  return { width, height, face: viewOfFace(face) };
}

/** Without embeddings, which leave the box nowhere. */
export function viewOfFace({ box, quality }: ExaminedFace): FaceView {
  return { box, quality: Math.round(quality.score), faults: [...quality.faults] };
}

export function viewOfIndex({ state, faces, total, reason }: FaceIndexState): IndexView {
  return { state, faces, total, reason: reason ?? null };
}

export function viewOfCapturedState({ state, faces, total, since, reason }: CaptureSearchState): CapturedStateView {
  return { state, faces, total, since: since ?? null, reason: reason ?? null };
}

export function viewOfSimilar({ cosine: _, origin, name, ...rest }: SimilarCapture): SimilarCaptureView {
  return { ...rest, origin: origin ?? null, name: name ?? null };
}
