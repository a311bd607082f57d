/**
 * Typed keys. A key is a name with a version ("camera.directory@1") that carries the TypeScript type of what stands
 * behind it, so that two plugins can work together without importing one another: both import the key.
 */

/** A service one plugin offers and others use. */
export interface Capability<T> {
  readonly kind: 'capability';
  readonly id: string;
  /** Only for the compiler: never set. */
  readonly type?: T;
}

/** A value that stages hand to one another while one frame is analysed. */
export interface DataKey<T> {
  readonly kind: 'data';
  readonly id: string;
  readonly type?: T;
}

/** Something that happened, told to every listener in the core process. */
export interface EventKey<T> {
  readonly kind: 'event';
  readonly id: string;
  readonly type?: T;
}

const KEY = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*@[1-9]\d*$/;

function checked(id: string): string {
  if (!KEY.test(id)) throw new Error(`key "${id}" is not of the form name.part@1`);
  return id;
}

/** Names a service, for example `cap<CameraDirectory>('camera.directory@1')`. */
export function cap<T>(id: string): Capability<T> {
  return { kind: 'capability', id: checked(id) };
}

/** Names a value between stages, for example `data<Track[]>('tracks.person@1')`. */
export function data<T>(id: string): DataKey<T> {
  return { kind: 'data', id: checked(id) };
}

/** Names an event, for example `event<CaptureRecord>('capture.recorded@1')`. */
export function event<T>(id: string): EventKey<T> {
  return { kind: 'event', id: checked(id) };
}
