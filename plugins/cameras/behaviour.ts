import { z } from 'zod';
import { given, int, intOf } from '../../core/gateway/lenient.ts';
import { choices, maybe } from './fields.ts';
import { polygon, segment } from './geometry.ts';

/**
 * Parameters of behaviour analysis and liveness. The vision worker is told those of liveness, the others are kept for
 * whoever analyses; names are those of the messages. A text that is sent empty is emptied, a number that is sent empty
 * stays as it is.
 */

const BODY_SUB_TASKS = ['3', '4', '5', '6', '7', '10', '11', '12', '14'];
const HELMETS = ['bonnet', 'cap', 'bucket_hat', 'st_hard_hat'];
const COLOURS = ['black', 'white', 'gray', 'red', 'yellow', 'blue', 'green', 'purple'];
const WORK_CLOTHES = [
  'st_worker_uniform',
  'st_common_clothing',
  'st_office_uniform',
  'st_chef_uniform',
  'st_medical_uniform',
  'st_police_uniform',
  'st_firefighter_uniform',
  'st_reflective_clothing',
];

const seconds = given(int({ min: 0, max: 86_400 }));
const people = given(int({ min: 0, max: 1000 }));
const area = maybe(polygon());

/** Request fields of every parameter. */
export const behaviourFields = {
  liveness_switch: given(intOf([0, 1])),
  liveness_threshold: given(int({ min: 0, max: 100 })),
  body_sub_task: maybe(choices(BODY_SUB_TASKS)),
  abnormal_sub_task: maybe(choices(['1'])),
  violate_operate_sub_task: maybe(choices(['1'])),
  dup_alarm_gap: seconds,
  invade_area: area,
  leave_area: area,
  over_boundary_line: maybe(segment()),
  over_boundary_direction: maybe(z.preprocess((value) => (value === '' ? 0 : value), intOf([0, 1, 2, 3]))),
  crowd_area: area,
  crowd_threshold: people,
  invade_time_threshold: seconds,
  leave_time_threshold: seconds,
  leave_num_threshold: people,
  doze_time_threshold: seconds,
  helmet_type: maybe(choices(HELMETS)),
  work_cloth_color: maybe(choices(COLOURS)),
  work_cloth_type: maybe(choices(WORK_CLOTHES)),
  smoke_alarm_gap: seconds,
  call_alarm_gap: seconds,
  helmet_alarm_gap: seconds,
  work_cloth_alarm_gap: seconds,
  invade_alarm_gap: seconds,
  leave_alarm_gap: seconds,
  doze_alarm_gap: seconds,
  crowd_alarm_gap: seconds,
  firesmoke_alarm_gap: seconds,
  fireExtinguisher_alarm_gap: seconds,
  fireExtinguisher_area: area,
  fireExtinguisher_time_threshold: seconds,
};

/** Two spellings stand side by side among the names; both are understood. */
export const behaviourAliases = Object.fromEntries(
  Object.keys(behaviourFields)
    .filter((name) => name.startsWith('fireExtinguisher_'))
    .map((name) => [name, [name.replace('fireExtinguisher', 'fire_extinguisher')]]),
);

const schema = z.object(behaviourFields);

/** Parameters that were set; the others stand at `UNSET`. */
export type Behaviour = z.output<typeof schema>;

/** What an answer says of a parameter that was never set. */
export const UNSET: Required<Behaviour> = {
  liveness_switch: 0,
  liveness_threshold: 0,
  body_sub_task: '',
  abnormal_sub_task: '',
  violate_operate_sub_task: '',
  dup_alarm_gap: 5,
  invade_area: '',
  leave_area: '',
  over_boundary_line: '',
  over_boundary_direction: 0,
  crowd_area: '',
  crowd_threshold: 5,
  invade_time_threshold: 0,
  leave_time_threshold: 0,
  leave_num_threshold: 0,
  doze_time_threshold: 0,
  helmet_type: '',
  work_cloth_color: '',
  work_cloth_type: '',
  smoke_alarm_gap: 0,
  call_alarm_gap: 0,
  helmet_alarm_gap: 0,
  work_cloth_alarm_gap: 0,
  invade_alarm_gap: 0,
  leave_alarm_gap: 0,
  doze_alarm_gap: 0,
  crowd_alarm_gap: 0,
  firesmoke_alarm_gap: 0,
  fireExtinguisher_alarm_gap: 0,
  fireExtinguisher_area: '',
  fireExtinguisher_time_threshold: 0,
};

/** Liveness by its names outside the messages. Never set, it is off, and the model's card says how sure is sure. */
export function livenessOf({ liveness_switch, liveness_threshold }: Behaviour) {
  return { liveness: liveness_switch === 1, livenessThreshold: liveness_threshold ?? 0 };
}

/** Takes the parameters out of a checked request; nothing but what was given. */
export function pickBehaviour(parameters: Behaviour): Behaviour {
  return Object.fromEntries(
    Object.keys(behaviourFields).flatMap((name) => {
      const value = parameters[name as keyof Behaviour];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
