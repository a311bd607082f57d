import type { CameraSetup } from './camera.ts';

/**
 * Words of the renderer. The world is in metres: x to the right, y up, z away from the camera; the ground is y = 0 and
 * the camera stands above the origin. Angles are in radians. Pictures are in pixels, y down.
 */

export interface Vec3 {
  x: number;
  y: number;
  z: number;
}

/** Left, top, right, bottom in pixels, right and bottom exclusive; fractions are kept, parts outside the picture too. */
export type Box = [left: number, top: number, right: number, bottom: number];
export type Point = [x: number, y: number];

export const EXPRESSIONS = [
  'st_calm',
  'st_happy',
  'st_sorrow',
  'st_angry',
  'st_surprised',
  'st_scared',
  'st_disgust',
  'st_yawn',
] as const;
export type Expression = (typeof EXPRESSIONS)[number];

/** The eight colours of the contract; a colour of this name may be any shade that people would call so. */
export const COLOURS = ['black', 'white', 'gray', 'red', 'yellow', 'blue', 'green', 'purple'] as const;
export type Colour = (typeof COLOURS)[number];

export const PATTERNS = ['st_pure', 'st_stripe', 'st_design', 'st_joint', 'st_lattic'] as const;
export type Pattern = (typeof PATTERNS)[number];

export const HATS = ['bonnet', 'cap', 'bucket_hat', 'st_hard_hat'] as const;
export type HatStyle = (typeof HATS)[number];

export const COATS = ['long_coat', 'jacket', 't_shirt', 'sweater', 'shirt', 'dress', 'business_suit'] as const;
export type CoatStyle = (typeof COATS)[number];

export const UNIFORMS = [
  'st_common_clothing',
  'st_office_uniform',
  'st_worker_uniform',
  'st_chef_uniform',
  'st_medical_uniform',
  'st_police_uniform',
  'st_firefighter_uniform',
  'st_reflective_clothing',
] as const;
export type Uniform = (typeof UNIFORMS)[number];

export const BAGS = ['hand_bag', 'shoulder_bag', 'backpack', 'trolley', 'waist_pack'] as const;
export type BagType = (typeof BAGS)[number];

export const SHOES = ['leather_shoes', 'boots', 'walking_shoes', 'sandal'] as const;
export type ShoeStyle = (typeof SHOES)[number];

export type Gender = 'female' | 'male';
export type AgeGroup = 'st_child' | 'st_adult' | 'st_old';

/**
 * Who somebody is: what stays the same in any pose, light, clothing and expression. All lengths are parts of the head's
 * half height, all in the frontal view of a calm face. Two people may share every colour and still be told apart.
 */
export interface FaceIdentity {
  /** Unique among all identities that are ever made. */
  id: string;
  gender: Gender;
  /** Years. */
  age: number;
  /** 0 lightest .. 1 darkest. */
  skin: number;
  hair: {
    style: 'st_short' | 'long' | 'bald';
    colour: 'black' | 'white' | 'yellow' /** One of several cuts. */;
    cut: number;
  };
  /** Shape numbers -1..1 by name (eyeDistance, noseLength …): about normally distributed, 0 is the mean face. */
  shape: Readonly<Record<string, number>>;
  /** Moles, freckles, scars and the like, in the frontal view of the head: x and y -1..1. */
  marks: readonly { kind: 'mole' | 'freckles' | 'scar'; x: number; y: number; size: number }[];
}

/** What a face wears and does at one moment. */
export interface FaceLook {
  expression: Expression;
  beard: boolean;
  glasses: 'none' | 'clear' | 'sunglasses';
  /** `full` covers nose and mouth, `nose` leaves the nose free, `mouth` hangs at the chin. */
  mask?: { worn: 'full' | 'nose' | 'mouth'; colour: 'black' | 'white' | 'gray' | 'blue' };
  hat?: { style: HatStyle; colour: Colour };
  /** 0 open .. 1 closed. */
  eyesClosed: number;
}

/** Where and how a head is seen. */
export interface HeadView {
  /** Centre of the head (between the ears, half way from chin to crown) in pixels. */
  x: number;
  y: number;
  /** Half the height from chin to crown, pixels. */
  radius: number;
  /** Turned away from the viewer: 0 looks at the viewer, +pi/2 to the right of the picture, ±pi shows the back. */
  yaw: number;
  /** Positive looks up. */
  pitch: number;
  /** Clockwise in the picture. */
  roll: number;
}

/** What is to be seen of a face and head that was drawn. */
export interface HeadTruth {
  /** Head with hair and hat. */
  head: Box;
  /** Forehead to chin, cheek to cheek; undefined where the face is turned away too far to be called one (|yaw| > 80°). */
  face?: {
    box: Box;
    /** Eyes, nose, corners of the mouth; those on the left of the picture first; also where they are covered. */
    landmarks: [Point, Point, Point, Point, Point];
  };
  /** A hard hat alone. */
  helmet?: Box;
}

/** What somebody wears. */
export interface Clothes {
  coat: { style: CoatStyle; colour: Colour; sleeves: 'st_bareback' | 'short_sleeve' | 'long_sleeve'; pattern: Pattern };
  lower: { kind: 'trousers' | 'shorts' | 'st_skirt'; colour: Colour; pattern: Pattern };
  shoes: { style: ShoeStyle; colour: Colour };
  bag?: { type: BagType; colour: Colour };
  umbrella?: { colour: Colour | 'transparent' };
  gloves: boolean;
  uniform: Uniform;
}

export interface Person {
  face: FaceIdentity;
  look: FaceLook;
  clothes: Clothes;
  /** Metres from sole to crown. */
  height: number;
  /** Breadth of the body, 1 is average. */
  girth: number;
}

/** What a body does. `phase` of an Actor carries it on: 0..1 is one cycle (two steps, one puff, one punch, one fall). */
export const POSES = [
  'stand',
  'walk',
  'run',
  'sit',
  /** Carries something before the body with both hands. */
  'hold',
  /** Looks at a phone in the hand. */
  'phone',
  /** Phone at the ear. */
  'call',
  'smoke',
  /** Asleep on a chair, head down or on the table. */
  'doze',
  /** phase 0 stands, 1 lies on the ground. */
  'fall',
  'fight',
] as const;
export type PoseKind = (typeof POSES)[number];

/** Somebody at one moment. */
export interface Actor {
  /** Unique in its scene; the truth names it. */
  id: string;
  person: Person;
  /** On the ground, between the feet. */
  position: Vec3;
  /** 0 faces the camera's side (towards -z), +pi/2 to the right (+x). */
  heading: number;
  pose: PoseKind;
  phase: number;
  /** Of the head against the body. */
  headYaw: number;
  headPitch: number;
}

/** What is to be seen of a person that was drawn alone; who hides whom is known to the scene only. */
export interface PersonTruth {
  /** Body with clothes, hat and hair, without bag and umbrella. */
  box: Box;
  head: HeadTruth;
  /** Of the head against the viewing ray. */
  yaw: number;
  pitch: number;
  roll: number;
  /** Of the body against the viewing ray: 0 front, ±pi back. */
  bodyYaw: number;
  phone?: Box;
  cigarette?: Box;
}

export const OBJECT_KINDS = [
  'person',
  'face',
  'helmet',
  'vehicle',
  'plate',
  'phone',
  'cigarette',
  'fire',
  'smoke',
  'extinguisher',
] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

export const STATUSES = ['normal', 'phone', 'smoking', 'dozing', 'fallen', 'fighting'] as const;
export type BodyStatus = (typeof STATUSES)[number];

/** One object in one frame. */
export interface ObjectTruth {
  kind: ObjectKind;
  /** The actor, vehicle or thing it belongs to. */
  of: string;
  /** Clipped to the picture. */
  box: Box;
  /** Part of its own pixels, also those outside the picture, that is to be seen, 0..1. */
  visible: number;
  /** Of a face. */
  landmarks?: [Point, Point, Point, Point, Point];
  /** Of a face, radians. */
  yaw?: number;
  pitch?: number;
  /** Of a face: `false` on paper or on a screen. */
  alive?: boolean;
  /** Of a person. */
  status?: BodyStatus;
  angle?: 'st_front' | 'st_side' | 'st_back';
  /** Of a plate. */
  text?: string;
}

export interface FrameTruth {
  /** Number of the frame in its clip. */
  frame: number;
  objects: ObjectTruth[];
}

export const EVENT_KINDS = [
  'crossing',
  'intrusion',
  'leaving-post',
  'dozing',
  'no-helmet',
  'no-work-clothes',
  'smoking',
  'phone',
  'crowd',
  'loitering',
  'fire',
  'smoke',
  'extinguisher',
  'fall',
  'fight',
  'spoof',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface EventTruth {
  kind: EventKind;
  /** Actors that take part. */
  of: string[];
  /** Seconds in the clip. */
  start: number;
  end: number;
  /** Crossing: `left-to-right` or `right-to-left` of the line, seen along it from its first to its second point. */
  direction?: 'left-to-right' | 'right-to-left';
}

/** What is known of a clip beside its frames. */
export interface ClipTruth {
  scene: string;
  seed: number;
  width: number;
  height: number;
  fps: number;
  seconds: number;
  /** Lines and areas that the events are about, in pixels. */
  zones: { name: string; kind: 'line' | 'area'; points: Point[] }[];
  actors: {
    id: string;
    /** Of the identity, the same in all clips. */
    person: string;
    /** Attributes by the contract's names. */
    face: Record<string, string>;
    body: Record<string, string>;
  }[];
  vehicles: { id: string; plate: string; colour: string; class: string }[];
  events: EventTruth[];
  frames: FrameTruth[];
}

export const PLACES = [
  'lobby',
  'gate',
  'yard',
  'desk',
  'site',
  'hall',
  'workshop',
  'street',
  'car-park',
  'corridor',
  /** Made up from the seed, for training: any colours, walls, floors, furniture and clutter. */
  'any',
] as const;
export type Place = (typeof PLACES)[number];

export const VEHICLE_CLASSES = ['st_car', 'st_suv', 'st_van', 'st_small_truck', 'st_big_bus'] as const;
export type VehicleClass = (typeof VEHICLE_CLASSES)[number];
export type VehicleColour =
  | 'gray'
  | 'white'
  | 'red'
  | 'black'
  | 'blue'
  | 'green'
  | 'brown'
  | 'yellow'
  | 'purple'
  | 'pink';

export interface Vehicle {
  id: string;
  class: VehicleClass;
  colour: VehicleColour;
  /** Capital letters and digits, 5 to 8 of them, with at most one space or hyphen for the eye. */
  plate: string;
  /** On the ground, below its middle. */
  position: Vec3;
  /** 0 drives towards -z, +pi/2 to +x. */
  heading: number;
}

/** Things that are neither people nor vehicles. */
export type Thing =
  | {
      kind: 'fire' | 'smoke';
      id: string;
      position: Vec3 /** Metres high. */;
      size: number /** 0..1, one cycle a second or so. */;
      phase: number;
    }
  | { kind: 'extinguisher'; id: string; position: Vec3 }
  /** A face that is not alive: on paper or on a screen, held up before an actor's own face or chest. */
  | {
      kind: 'picture';
      id: string;
      on: 'paper' | 'screen';
      /** Actor that holds it. */
      heldBy: string;
      shows: FaceIdentity;
      look: FaceLook;
      /** Metres. */
      width: number;
      /** Turned against the viewing ray, radians. */
      yaw: number;
      roll: number;
    };

export interface Light {
  /** 1 is day; 0.3 is dusk. */
  level: number;
  /** -1 cold .. 1 warm. */
  warmth: number;
  /** Where it comes from: radians, 0 from the camera, +pi/2 from the right. */
  from: number;
  /** 0 flat .. 1 hard shadows. */
  hardness: number;
}

/** What the lens, the sensor and the encoder do to the picture. */
export interface Wear {
  /** Deviation of the noise, 0..255. */
  noise: number;
  /** Radius of the blur, pixels. */
  blur: number;
  /** 0..1, darker corners. */
  vignette: number;
  /** Quality of a JPEG that the picture went through, 1..100; undefined: none. */
  jpeg?: number;
}

/** One moment of a scene. */
export interface World {
  camera: CameraSetup;
  place: { kind: Place; seed: number };
  light: Light;
  wear: Wear;
  actors: Actor[];
  vehicles: Vehicle[];
  things: Thing[];
}
