/**
 * Who may do what: the one table that decides for messages, WebSocket, media files and plugin routes.
 * It is tested against a matrix written independently of it (tests/conformance/authorization.test.ts).
 */

export const ROLES = ['super-admin', 'sub-admin', 'general-admin', 'device-admin', 'visitor-admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a right is about.
 * `accounts`: users and their rights, the operation log. `platform`: keys for third parties. `people`: portrait
 * databases, people, attendance rules, the enterprise and the box's own settings. `devices`: cameras, relays, doors.
 * `visitors`: visitors. `records`: captures, alarms, live pictures, counts: everything else.
 */
export const AREAS = ['accounts', 'platform', 'people', 'devices', 'visitors', 'records'] as const;
export type Area = (typeof AREAS)[number];
export type Action = 'see' | 'change';

/**
 * What a caller must be to use something: `public`: anybody; `own`: anybody signed in, for one's own session and
 * password; `session`: anybody signed in whose password needs no change; otherwise a right, with `images` where
 * people's pictures are shown.
 */
export type Access = 'public' | 'own' | 'session' | { area: Area; action: Action; images?: boolean };

export type RoleRights = Record<Role, Partial<Record<Area, Action>>>;

/** What each role may do; `change` includes `see`. */
export const ROLE_RIGHTS: RoleRights = {
  'super-admin': {
    accounts: 'change',
    platform: 'change',
    people: 'change',
    devices: 'change',
    visitors: 'change',
    records: 'change',
  },
  'sub-admin': { people: 'change', devices: 'change', visitors: 'change', records: 'change' },
  'general-admin': { people: 'see', devices: 'change', visitors: 'change', records: 'change' },
  'device-admin': { devices: 'change' },
  'visitor-admin': { visitors: 'change' },
  viewer: { people: 'see', devices: 'see', visitors: 'see', records: 'see' },
};

/** The part of a signed-in account that decides. */
export interface Principal {
  role: Role;
  /** The right to see pictures of people. */
  imageRight: boolean;
  /** A generated or reset password must be changed before anything else is allowed. */
  mustChangePassword: boolean;
}

export type Decision = 'allowed' | 'not-logged-in' | 'not-allowed' | 'password-change-needed';

/** Decides one access. `principal` is undefined where nobody is signed in. */
export function decide(access: Access, principal: Principal | undefined): Decision {
  if (access === 'public') return 'allowed';
  if (!principal) return 'not-logged-in';
  if (access === 'own') return 'allowed';
  if (principal.mustChangePassword) return 'password-change-needed';
  if (access === 'session') return 'allowed';
  const granted = ROLE_RIGHTS[principal.role][access.area];
  if (!granted) return 'not-allowed';
  if (access.action === 'change' && granted !== 'change') return 'not-allowed';
  if (access.images && !principal.imageRight) return 'not-allowed';
  return 'allowed';
}
