import type { Schema } from './catalog.ts';

/**
 * What success looks like, written down from the contract and not from the program: `data` of each message, and the
 * answers of those routes whose own description says nothing of theirs. An answer may hold more, never less.
 */

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const yes: Schema = { type: 'boolean' };
const flag: Schema = { enum: [0, 1] };
const time: Schema = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$' };
const nothing: Schema = { const: '' };
const anything: Schema = {};

const list = (items: Schema): Schema => ({ type: 'array', items });
const orNull = (schema: Schema): Schema => ({ anyOf: [{ type: 'null' }, schema] });
const object = (properties: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
});
const page = (record: Record<string, Schema>): Schema =>
  object({ record: list(object(record)), result_num: whole, total_num: whole });

/** A camera in 516; fields of its kind stand beside these. */
const camera = {
  camera_name: text,
  channel: { type: 'integer', minimum: 1, maximum: 32 },
  camera_mode: { enum: ['VIDEO', 'IMAGE'] },
  description: text,
  lib_ids: text,
  position: text,
  protocol: text,
  status: flag,
  threshold: { type: 'integer', minimum: 0, maximum: 100 },
} satisfies Record<string, Schema>;

const percent: Schema = { type: 'integer', minimum: 0, maximum: 100 };

const database = {
  create_time: time,
  lib_id: whole,
  lib_name: text,
  lib_type: { enum: [1, 2] },
  picture_no: whole,
  update_time: time,
} satisfies Record<string, Schema>;

const person = {
  create_time: time,
  img_id: text,
  img_path: { type: 'string', pattern: '^facebase/libid\\d+/' },
  lib_id: whole,
  person_addr: text,
  person_age: text,
  person_gender: { enum: ['', '0', '1'] },
  person_idcard: text,
  person_name: text,
} satisfies Record<string, Schema>;

const detected = {
  attribute: object({}),
  coordinate: { type: 'string', pattern: '^-?\\d+,-?\\d+,-?\\d+,-?\\d+$' },
  quality: percent,
} satisfies Record<string, Schema>;

const inPicture = object({ pos_top: whole, pos_bottom: whole, pos_left: whole, pos_right: whole, quality: percent });
const compared = {
  In_pic: inPicture,
  in_pic: inPicture,
  n_topn: object({}),
  topn: list(
    object({
      img_id: text,
      img_path: text,
      lib_id: whole,
      lib_name: text,
      lib_type: whole,
      ranking: whole,
      similarity: percent,
      id: text,
      name: text,
      gender: text,
      age: text,
      address: text,
      wanderdeviceid: text,
      wandertrigger: text,
    }),
  ),
} satisfies Record<string, Schema>;

const faceCapture = {
  camera_name: text,
  channel: whole,
  lib_id: whole,
  lib_name: text,
  lib_type: whole,
  position: text,
  ranking: whole,
  similarity: { type: 'integer', minimum: -1, maximum: 100 },
  snap_id: text,
  snap_path: { type: 'string', pattern: '^record/channel\\d+/face/' },
  threshold: whole,
  trigger: time,
  alive_type: { enum: [0, 1, 2] },
  face_attr: object({}),
} satisfies Record<string, Schema>;

const archive = object({ export_url: text, zippasswd: text, result_num: whole, total_num: whole });
const chosenArchive = object({
  export_url: text,
  failed_img_ids: text,
  zippasswd: text,
  result_num: whole,
  total_num: whole,
});

export const MESSAGE_DATA: Record<number, Schema> = {
  257: { type: 'string', minLength: 16 },
  258: nothing,
  269: nothing,
  270: object({ user_name: text, is_authed: flag, auth_items: whole }),
  271: object({ result: { const: 0 }, username: text }),
  272: nothing,
  273: object({ user_name: text, right_item: { const: 1 }, right_value: flag }),
  513: object({ channel: camera.channel }),
  514: nothing,
  515: object({ channel: camera.channel }),
  516: object({
    camera: list(
      object(camera, { url: text, roi_max: whole, snap_mode: whole, task_type: text, frame_interval: whole }),
    ),
    computing_power_capacity: whole,
    used_computing_power: whole,
  }),
  769: object(detected),
  771: object({ FaceImg1to1Rsp_Score: percent }),
  772: object(compared),
  779: object(detected),
  780: object(compared),
  781: object({ FaceImg1to1Rsp_Score: percent }),
  782: list(object({ ...detected, img_path: text })),
  1025: object({ lib_id: whole, lib_name: text }),
  1026: nothing,
  1027: object({ lib_id: whole, lib_name: text }),
  1028: list(object(database)),
  1029: object({ img_id: text }),
  1030: object({ err_count: whole, url: text }),
  1031: nothing,
  1032: object({ ...person, img: text, img_feat: text }),
  1033: object({ img_id: text, lib_id: whole }),
  1034: page(database),
  1035: page(person),
  1038: object({ export_url: text, zippasswd: text, result_num: whole, total_num: whole }),
  1041: object({ export_url: text, failed_img_ids: text, zippasswd: text, result_num: whole, total_num: whole }),
  1044: nothing,
  1051: object({ img_id: text }),
  1052: object({ err_count: whole, url: text }),
  1067: page(person),
  1036: page({
    ...faceCapture,
    create_time: { type: 'string', pattern: '^$|^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' },
    img_id: text,
    img_path: text,
    person_addr: { enum: ['', '******'] },
    person_age: text,
    person_gender: text,
    person_idcard: { enum: ['', '******'] },
    person_name: text,
  }),
  1037: page(faceCapture),
  1039: archive,
  1040: archive,
  1042: chosenArchive,
  1043: chosenArchive,
  1045: nothing,
  1046: page({
    camera_name: text,
    channel: whole,
    position: text,
    quality: { type: 'integer', minimum: 0, maximum: 100 },
    snap_id: text,
    snap_path: { type: 'string', pattern: '^record/channel\\d+/body/' },
    trigger: time,
    body_attr: object({}),
  }),
  1050: object({ key_person_cnt: whole, white_list_cnt: whole, stranger_cnt: whole }),
  1281: object({
    device_id: text,
    serial_id: text,
    display_version: text,
    display_web_version: text,
    version: text,
    web_version: text,
  }),
  1286: object({ key: { type: 'string', minLength: 16 } }),
  1301: object({ device_id: text }),
  1322: { type: 'string', minLength: 4 },
  2129: nothing,
};

/** `data` of a refusal is empty but for these, which tell how many tries are left. */
export const REFUSAL_DATA: Record<number, Schema> = {
  257: { anyOf: [nothing, object({ session_id: { const: '' }, retry_times: whole, mod_passwd_flag: flag })] },
  271: { anyOf: [nothing, object({ result: { const: 1 }, username: text, retry_times: whole })] },
};

const me = object({ id: whole, name: text, role: text, imageRight: yes, mustChangePassword: yes });
const user = object({
  id: whole,
  name: text,
  role: text,
  imageRight: yes,
  isAuthed: yes,
  mustChangePassword: yes,
  createdAt: number,
  lastLoginAt: orNull(number),
  lockedUntil: orNull(number),
});
const settings = object({ schema: object({}), values: object({}) });

/** By method and path as the box describes them. */
export const ROUTE_ANSWERS: Record<string, Schema> = {
  'DELETE /p/cameras/cameras/{channel}': object({}),
  'POST /p/cameras/probe': object({ ok: yes, code: text, message: text }),
  'GET /p/operation-log/entries': object({
    entries: list(
      object({
        id: whole,
        time: number,
        userName: text,
        role: text,
        module: text,
        item: text,
        detail: text,
        source: text,
        result: whole,
      }),
    ),
  }),
  'POST /p/users/login': object({ user: me }),
  'POST /p/users/logout': object({}),
  'GET /p/users/me': me,
  'PUT /p/users/me/password': me,
  'GET /p/users/users': object({ users: list(user), max: whole, roles: list(text), rights: object({}) }),
  'POST /p/users/users': user,
  'PATCH /p/users/users/{id}': user,
  'DELETE /p/users/users/{id}': object({}),
  'GET /p/system/overview': object({
    version: text,
    startedAt: number,
    now: number,
    zone: text,
    problems: list(object({ kind: text, message: text, severe: yes })),
    plugins: anything,
  }),
  'GET /p/system/log': object({
    lines: list(object({ time: number, level: text, module: text, message: text })),
  }),
  'GET /p/system/plugins/{id}/config': settings,
  'PUT /p/system/plugins/{id}/config': settings,
};
