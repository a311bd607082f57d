import { instantToLocal } from '../../core/clock.ts';
import { wireAttributes } from '../../core/events/push-body.ts';
import type { CaptureRow } from './tables.ts';

/** Captures as the messages tell them. */

/** Stands for a value that only the one who asks for a single person gets to see (1067). */
const MASK = '******';

export function faceRow(row: CaptureRow, zone: string) {
  return {
    camera_name: row.cameraName,
    channel: row.channel,
    lib_id: row.libId ?? 0,
    lib_name: row.libName ?? '',
    lib_type: row.libType ?? 0,
    position: row.position,
    ranking: row.ranking ?? 0,
    similarity: row.similarity === null ? -1 : Math.round(row.similarity),
    snap_id: row.id,
    snap_path: row.cropPath,
    threshold: row.threshold,
    trigger: instantToLocal(row.time, zone),
    alive_type: row.aliveType,
    face_attr: wireAttributes('face', row.attributes),
  };
}

export function bodyRow(row: CaptureRow, zone: string) {
  return {
    camera_name: row.cameraName,
    channel: row.channel,
    position: row.position,
    quality: row.quality,
    snap_id: row.id,
    snap_path: row.cropPath,
    trigger: instantToLocal(row.time, zone),
    body_attr: wireAttributes('body', row.attributes),
  };
}

/** A recognised face: as a capture, and the person as the database told of them then. */
export function alarmRow(row: CaptureRow, zone: string) {
  return {
    ...faceRow(row, zone),
    create_time: row.enrolledAt === null ? '' : instantToLocal(row.enrolledAt, zone),
    img_id: row.imageId ?? '',
    img_path: row.imagePath ?? '',
    person_name: row.personName ?? '',
    person_gender: row.personGender ?? '',
    person_age: row.personAge ?? '',
    person_idcard: row.hasIdcard ? MASK : '',
    person_addr: row.hasAddress ? MASK : '',
  };
}
