import { event } from '../../core/plugin/keys.ts';

/** Told by the stage whenever a camera sees another number of people. */
export const peopleCounted = event<{ channel: number; people: number }>('greeter.people-counted@1');
