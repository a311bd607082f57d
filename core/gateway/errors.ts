/**
 * Appendix A of the interface contract: every result code, by a name that says what it means.
 * Signs and numbers are as printed, odd ones (-2617, -3524) included: clients compare numbers.
 */
export const CODE = {
  ok: 0,
  unknownError: -1,
  noSuchData: -105,
  noSuchUser: -108,
  noSuchCamera: -109,
  databaseHoldsNoImage: -110,
  wrongUserOrPassword: -113,
  userExists: -114,
  channelTaken: -115,
  imageExists: -116,
  noSuchDatabase: -117,
  tooManyDatabases: -118,
  databaseExists: -119,
  tooManyImages: -122,
  databaseBoundToCamera: -123,
  noSuchImage: -126,
  snapModeSwitchFailed: -610,
  notAllowed: -140,
  notLoggedIn: -141,
  passwordTooWeak: -142,
  noSuchRole: -143,
  tooManyUsers: -144,
  currentPasswordWrong: -145,
  roleHasUsers: -146,
  roleExists: -147,
  tooManyRoles: -148,
  notEnoughComputingPower: -151,
  vehicleExists: -153,
  noSuchVehicle: -154,
  noSuchVehicleDatabase: -155,
  imageIdExists: -1100,
  noFaceFound: -1101,
  faceQualityTooLow: -1102,
  internalFailure: -1103,
  damagedImage: -1104,
  unknownDatabase: -1105,
  noDatabaseGiven: -1106,
  databaseEmpty: -1107,
  unknownDatabaseInList: -1108,
  severalFaces: -1109,
  imageSizeOutOfLimits: -1110,
  nothingToExport: -2100,
  imageIdTooLong: -2754,
  cannotDeleteOneself: -2824,
  wrongParameter: -3596,
  wrongMessageId: -3599,
  upgradeFailed: -3603,
  wrongNetworkSettings: -3606,
  alreadyInThisMode: -3607,
  modeSwitchFailed: -3608,
  ntpServerNotReachable: -3614,
  certificateImportInHttpsMode: -3616,
  certificateDeleteInHttpsMode: -2617,
  httpsToggleFailed: -3619,
  captureStrategyInImageMode: -3620,
  internalError: -3524,
  certificateNotImported: -3625,
} as const;

export type Code = (typeof CODE)[keyof typeof CODE];

/** English texts for the codes; a handler may give a more telling one. */
export const CODE_TEXT: Record<Code, string> = {
  [CODE.ok]: '',
  [CODE.unknownError]: 'unknown error',
  [CODE.noSuchData]: 'no such data',
  [CODE.noSuchUser]: 'no such user',
  [CODE.noSuchCamera]: 'no such camera',
  [CODE.databaseHoldsNoImage]: 'the database holds no face image',
  [CODE.wrongUserOrPassword]: 'wrong user name or password',
  [CODE.userExists]: 'the user exists already',
  [CODE.channelTaken]: 'the channel is taken by a camera',
  [CODE.imageExists]: 'the face image exists already',
  [CODE.noSuchDatabase]: 'no such portrait database',
  [CODE.tooManyDatabases]: 'too many portrait databases',
  [CODE.databaseExists]: 'the portrait database exists already',
  [CODE.tooManyImages]: 'too many images',
  [CODE.databaseBoundToCamera]: 'the database is bound to a camera: unbind it before deleting',
  [CODE.noSuchImage]: 'no such face image in the database',
  [CODE.snapModeSwitchFailed]: 'the capture mode could not be switched',
  [CODE.notAllowed]: 'the user may not do this',
  [CODE.notLoggedIn]: 'not logged in',
  [CODE.passwordTooWeak]: 'the password is too weak',
  [CODE.noSuchRole]: 'no such role',
  [CODE.tooManyUsers]: 'too many users',
  [CODE.currentPasswordWrong]: 'the current user name or password is wrong',
  [CODE.roleHasUsers]: 'the role still has users',
  [CODE.roleExists]: 'the role exists already',
  [CODE.tooManyRoles]: 'too many roles',
  [CODE.notEnoughComputingPower]: 'not enough computing power',
  [CODE.vehicleExists]: 'the vehicle number exists already',
  [CODE.noSuchVehicle]: 'no such vehicle number',
  [CODE.noSuchVehicleDatabase]: 'no such vehicle database',
  [CODE.imageIdExists]: 'the img_id exists already',
  [CODE.noFaceFound]: 'no face found',
  [CODE.faceQualityTooLow]: 'the quality of the face image is too low',
  [CODE.internalFailure]: 'internal failure',
  [CODE.damagedImage]: 'wrong format or damaged image',
  [CODE.unknownDatabase]: 'unknown database',
  [CODE.noDatabaseGiven]: 'no database in the message',
  [CODE.databaseEmpty]: 'the database is empty',
  [CODE.unknownDatabaseInList]: 'unknown database',
  [CODE.severalFaces]: 'more than one face',
  [CODE.imageSizeOutOfLimits]: 'the dimensions of the image are out of limits',
  [CODE.nothingToExport]: 'nothing to export',
  [CODE.imageIdTooLong]: 'the img_id is too long',
  [CODE.cannotDeleteOneself]: 'the current user cannot delete himself',
  [CODE.wrongParameter]: 'wrong parameter',
  [CODE.wrongMessageId]: 'wrong msg_id',
  [CODE.upgradeFailed]: 'the upgrade failed',
  [CODE.wrongNetworkSettings]: 'wrong network settings',
  [CODE.alreadyInThisMode]: 'already in this mode',
  [CODE.modeSwitchFailed]: 'the mode could not be switched',
  [CODE.ntpServerNotReachable]: 'the NTP server is not reachable',
  [CODE.certificateImportInHttpsMode]: 'certificate and key cannot be imported in https mode',
  [CODE.certificateDeleteInHttpsMode]: 'certificate and key cannot be deleted in https mode',
  [CODE.httpsToggleFailed]: 'https could not be switched',
  [CODE.captureStrategyInImageMode]: 'the capture strategy cannot be changed in image mode',
  [CODE.internalError]: 'internal error',
  [CODE.certificateNotImported]: 'certificate or key is not imported yet',
};

/** A refusal with a code of Appendix A: what a handler throws when it cannot do what was asked. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: Code;
  /** What stands in `data` of the answer; the empty string when there is nothing to say. */
  readonly data: unknown;
  /** The parameter that is wrong, for forms to show it there. */
  readonly field: string | undefined;

  constructor(code: Code, message: string = CODE_TEXT[code], data: unknown = '', field?: string) {
    super(message);
    this.code = code;
    this.data = data;
    this.field = field;
  }
}

const HTTP_STATUS: Partial<Record<Code, 401 | 403 | 404 | 409 | 500 | 503>> = {
  [CODE.notLoggedIn]: 401,
  [CODE.notAllowed]: 403,
  [CODE.noSuchData]: 404,
  [CODE.noSuchUser]: 404,
  [CODE.noSuchCamera]: 404,
  [CODE.noSuchDatabase]: 404,
  [CODE.noSuchImage]: 404,
  [CODE.userExists]: 409,
  [CODE.channelTaken]: 409,
  [CODE.databaseExists]: 409,
  [CODE.imageIdExists]: 409,
  [CODE.notEnoughComputingPower]: 409,
  // Said while too much is asked at once: the box is busy, not broken.
  [CODE.unknownError]: 503,
  [CODE.internalError]: 500,
};

/** HTTP status of a refusal on the REST surface; the message API always answers 200. */
export function httpStatus(code: Code): 400 | 401 | 403 | 404 | 409 | 500 | 503 {
  return HTTP_STATUS[code] ?? 400;
}
