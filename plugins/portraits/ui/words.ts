import type { ApiFailure, I18n } from '../../../ui/contract.ts';
import type { NameFault } from './file-names.ts';
import type { Database, Fault, Likeness, Near, Portrait } from './shapes.ts';

/** People and databases in words. */

export const KEY_PERSONNEL = 1;
export const WHITELIST = 2;

export function typeWord({ t }: I18n, type: number): string {
  return type === KEY_PERSONNEL ? t('type.key') : t('type.white');
}

/** Nobody has to have a name; the number of the picture tells them apart. */
export function personWord(portrait: Pick<Portrait, 'name' | 'imageId'>): string {
  return portrait.name || portrait.imageId;
}

export function genderWord({ t }: I18n, gender: string): string {
  return gender === '0' ? t('gender.female') : gender === '1' ? t('gender.male') : '';
}

/** What is wrong with a face, and what to do about it. */
export function faultWords({ t }: I18n, fault: Fault): { what: string; now: string } {
  switch (fault) {
    case 'size':
      return { what: t('fault.size'), now: t('fault.size.now') };
    case 'angle':
      return { what: t('fault.angle'), now: t('fault.angle.now') };
    case 'brightness':
      return { what: t('fault.brightness'), now: t('fault.brightness.now') };
    case 'blur':
      return { what: t('fault.blur'), now: t('fault.blur.now') };
    case 'mouth':
      return { what: t('fault.mouth'), now: t('fault.mouth.now') };
    case 'occlusion':
      return { what: t('fault.occlusion'), now: t('fault.occlusion.now') };
  }
}

/** Why a picture was refused: what is wrong with the face, where the box tells it. */
export function refusalWords(i18n: I18n, error: unknown): string {
  const faults = ((error as Partial<ApiFailure>).data as { faults?: Fault[] } | undefined)?.faults;
  if (!Array.isArray(faults)) return i18n.error(error);
  return faults.map((fault) => faultWords(i18n, fault).what).join(' ');
}

export function nameFaultWord({ t }: I18n, fault: NameFault): string {
  switch (fault) {
    case 'type':
      return t('file.type');
    case 'parts':
      return t('file.parts');
    case 'name':
      return t('file.name');
    case 'image-id':
      return t('file.imageId');
    case 'gender-age':
      return t('file.genderAge');
  }
}

export function similarityWord(i18n: I18n, similarity: number): string {
  return i18n.number(similarity, { maximumFractionDigits: 1 });
}

/** Whom somebody looks like. */
export function likeWord(i18n: I18n, { portrait, databaseName, similarity }: Near): string {
  const n = similarityWord(i18n, similarity);
  return i18n.t('near.looksLike', { name: personWord(portrait), database: databaseName, n });
}

/** Whom somebody looks like most, or that he could not be compared; '' where it is nobody. */
export function likenessWord(i18n: I18n, { near: [first], nearFault }: Likeness): string {
  if (first) return likeWord(i18n, first);
  return nearFault === null ? '' : i18n.t('near.notCompared');
}

/** The cameras that compare with a database, by name. */
export function cameraWords({ t }: I18n, { cameras }: Pick<Database, 'cameras'>): string {
  return cameras.map(({ channel, name }) => name || t('kit.channel', { n: channel })).join(', ');
}
