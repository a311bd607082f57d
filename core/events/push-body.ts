import { instantToLocal } from '../clock.ts';
import type { CaptureMatch, CaptureRecord } from '../plugin/capture-services.ts';
import type { Box, CaptureKind } from '../vision/keys.ts';

/** What was seen, as pushes name it. */
export const OBJECT_LABEL = { face: 1, body: 2, vehicle: 4 } as const satisfies Record<CaptureKind, number>;

/** Attribute names that clients know in two spellings; both are sent with the same value. */
const FACE_SPELLINGS = [['glass_style', 'glasses_style']] as const;
const BODY_SPELLINGS = [
  ['bag_type', 'bag_style'],
  ['pants_length_type', 'trousers_len'],
  ['st_status_type', 'st_status_stype'],
] as const;

/** Attributes as they go out (appendix B of the interface for faces, C for bodies): empty where no model gave any. */
export function wireAttributes(kind: 'face' | 'body', attributes: Record<string, string>): Record<string, string> {
  const sent = { ...attributes };
  for (const [one, other] of kind === 'face' ? FACE_SPELLINGS : BODY_SPELLINGS) {
    const value = attributes[one] ?? attributes[other];
    if (value === undefined) continue;
    sent[one] = value;
    sent[other] = value;
  }
  return sent;
}

export interface PushSettings {
  deviceId: string;
  /** Zone of the box, in which `trigger` is told. */
  zone: string;
}

/** A capture without its pictures. */
export type PushedCapture = Omit<CaptureRecord, 'crop' | 'frame' | 'plateCrop'>;

/**
 * `data` of a capture push (774, 777) but for its pictures, in the form for people or that for vehicles. Every field of
 * the interface is there, with its type; what is not known of a capture has the value that says nothing: '' or 0, -1 for
 * `similarity` and `img`.
 */
export function capturePush(record: PushedCapture, settings: PushSettings) {
  return record.kind === 'vehicle' ? vehiclePush(record, settings) : personPush(record, record.kind, settings);
}

/** What both forms have. `pos_*` is the box inside the capture's own picture, `ora_pos_*` the box inside the whole frame. */
function commonPush(record: PushedCapture, { deviceId, zone }: PushSettings) {
  return {
    camera_name: record.cameraName,
    device_id: deviceId,
    channel: record.channel,
    position: record.position,
    threshold: record.threshold,
    trigger: instantToLocal(record.time, zone),
    obj_label: OBJECT_LABEL[record.kind],
    snap_id: record.id,
    snap_path: record.cropPath,
    snap_feat: '',
    quality: record.quality,
    ...corners('pos', record.boxInCrop),
    ...corners('ora_pos', record.box),
    img: -1,
  };
}

/**
 * How like the nearest of the databases a face is, is told as the comparison found it; who that is, only where it is a
 * match. What the database keeps to itself (number of identity card, address) is empty.
 */
function personPush(record: PushedCapture, kind: 'face' | 'body', settings: PushSettings) {
  const { match } = record;
  const known = recognised(record);
  const attributes = wireAttributes(kind, record.attributes);
  return {
    ...commonPush(record, settings),
    alive_type: record.aliveType,
    face_attr: kind === 'face' ? attributes : {},
    body_attr: kind === 'body' ? attributes : {},
    img_id: known?.imageId ?? '',
    img_path: known?.imagePath ?? '',
    lib_id: match?.libraryId ?? 0,
    lib_name: match?.libraryName ?? '',
    lib_type: match?.libraryType ?? 0,
    ranking: match?.ranking ?? 0,
    similarity: match ? Math.round(match.similarity) : -1,
    person_addr: '',
    person_age: known?.personAge ?? '',
    person_gender: known?.personGender ?? '',
    person_idcard: '',
    person_name: known?.personName ?? '',
    ...NO_ALARM,
    alarm_type: kind === 'face' ? ALARM_TYPE[groupOf(record)] : 0,
  };
}

/**
 * A motor vehicle. No model says of which class, colour and make it is, and there is no database of vehicles. Receivers
 * that know faces alone demand the fields of a person in every push.
 */
function vehiclePush(record: PushedCapture, settings: PushSettings) {
  const { plate } = record;
  return {
    ...commonPush(record, settings),
    notify: 0,
    img_id: '',
    img_path: '',
    lib_id: 0,
    lib_name: '',
    owner_age: '',
    owner_gender: '',
    owner_idcard: '',
    owner_name: '',
    ...corners('vehicle_num', plate?.box ?? [0, 0, 0, 0]),
    // Clients know it in two spellings.
    vehicle_number: plate?.text ?? '',
    verhicle_number: plate?.text ?? '',
    vehicle_attr: NO_VEHICLE_ATTRIBUTES,
    ...NO_PERSON,
  };
}

/** Appendix D of the interface, and what only its examples have. */
const NO_VEHICLE_ATTRIBUTES = {
  vehicle_class: '',
  vehicle_color: '',
  Brand: '',
  SubType: '',
  Type: '',
  CarDirection: '',
  CarFilter: '',
};

const NO_PERSON = {
  lib_type: 0,
  similarity: -1,
  person_addr: '',
  person_age: '',
  person_gender: '',
  person_idcard: '',
  person_name: '',
};

/** Somebody whom a capture shows, and not only resembles. */
export function recognised({
  match,
  threshold,
}: {
  match?: CaptureMatch | undefined;
  threshold: number;
}): CaptureMatch | undefined {
  return match && match.similarity >= threshold ? match : undefined;
}

/** Who a captured face is, by what the comparison said; `unknown`: it was not compared, so nobody knows. */
export const GROUPS = ['key', 'white', 'stranger', 'unknown'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf({
  match,
  threshold,
  compared,
}: {
  match?: Pick<CaptureMatch, 'similarity' | 'libraryType'> | undefined;
  threshold: number;
  compared: boolean;
}): Group {
  if (match && match.similarity >= threshold) return match.libraryType === 1 ? 'key' : 'white';
  return compared ? 'stranger' : 'unknown';
}

/** Kind of alarm of a face by who it is: 1 somebody of a database, 2 a stranger. */
const ALARM_TYPE = { key: 1, white: 1, stranger: 2, unknown: 0 } as const satisfies Record<Group, number>;

/** Fields of other alarms, which a capture is not. */
const NO_ALARM = {
  events_type: '',
  event_type: 0,
  appear_count: 0,
  stranger_appear_channel: 0,
  wander_channels: '',
  wander_thresHold: 0,
  wander_threshold: 0,
  wander_deviceID: '',
  wander_trigger: '',
  over_boundary_num1: 0,
  over_boundary_num2: 0,
  crowd_num: 0,
  crowd_threshold: 0,
  leave_time_threshold: 0,
  leave_num_threshold: 0,
  helmet_type: '',
  work_cloth_color: '',
  work_cloth_type: '',
};

type Corners<Prefix extends string> = Record<`${Prefix}_${'left' | 'top' | 'right' | 'bottom'}`, number>;

function corners<Prefix extends string>(prefix: Prefix, box: Box): Corners<Prefix> {
  const [left, top, right, bottom] = box.map(Math.round);
  return {
    [`${prefix}_left`]: left,
    [`${prefix}_top`]: top,
    [`${prefix}_right`]: right,
    [`${prefix}_bottom`]: bottom,
  } as Corners<Prefix>;
}
