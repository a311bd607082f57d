import type { PageProps } from '../../../ui/contract.ts';
import type { ErasedView } from '../rest-shapes.ts';
import type { CapturedState, Database, Portrait, Receipt } from './shapes.ts';
import { cameraWords, personWord } from './words.ts';

/** Erasing people: what is lost is said first, and afterwards what is gone. */

/** What is gone, in a sentence: of what there was none nothing is said. */
function receiptWord({ t }: PageProps['i18n'], receipt: Receipt): string {
  const counted = (['captures', 'alarms', 'messages', 'exports'] as const).filter((what) => receipt[what] > 0);
  const gone = (['pictures', ...counted] as const).map((what) => t(`receipt.${what}`, { n: receipt[what] }));
  const list = gone.join(t('receipt.and'));
  return t(receipt.unfinished ? 'receipt.unfinished' : 'receipt', { list });
}

/** A database with everybody in it. Resolves to whether it is gone. */
export async function eraseDatabase(page: PageProps, database: Database): Promise<boolean> {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  if (database.origin === 'demo') {
    const toDemo = await ui.confirm({
      title: t('erase.demoTitle', { name: database.name }),
      text: t('erase.demo'),
      confirm: t('erase.toDemo'),
      danger: false,
    });
    if (toDemo) ui.go('demo-site');
    return false;
  }
  if (database.cameras.length > 0) {
    const cameras = cameraWords(i18n, database);
    const toCameras = await ui.confirm({
      title: t('erase.boundTitle', { name: database.name }),
      text: t('erase.bound', { n: database.cameras.length, cameras }),
      confirm: t('erase.toCamera'),
      danger: false,
    });
    if (toCameras) ui.go(ui.href('camera', { channel: database.cameras[0]!.channel }));
    return false;
  }
  const n = database.pictures;
  const sure = await ui.confirm({
    title: t('erase.databaseTitle', { name: database.name }),
    ...(n > 0 ? { text: t('erase.stays') } : {}),
    lose: [
      t('erase.database'),
      ...(n > 0 ? [t('erase.people', { n }), t('erase.recognitions'), t('erase.noWayBack')] : []),
    ],
    confirm: t('erase.databaseConfirm'),
    ...(n > 0 ? { typed: database.name } : {}),
  });
  if (!sure) return false;
  const { receipt } = await api.delete<ErasedView>(`/databases/${database.id}`, { timeout: 60_000 });
  ui.toast(receipt ? receiptWord(i18n, receipt) : t('erase.goesOn'));
  return true;
}

/** One person's picture. Resolves to whether it is gone. */
export async function erasePortrait(page: PageProps, portrait: Portrait, database: string): Promise<boolean> {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const sure = await ui.confirm({
    title: t('erase.personTitle', { name: personWord(portrait), database }),
    text: (await canBeFound(page)) ? `${t('erase.stays')} ${t('erase.findFirst')}` : t('erase.stays'),
    lose: [t('erase.person'), t('erase.personRecognitions'), t('erase.noWayBack')],
    confirm: t('erase.personConfirm'),
  });
  if (!sure) return false;
  const { receipt } = await api.delete<ErasedView>(addressOf(portrait), { timeout: 60_000 });
  ui.toast(receipt ? receiptWord(i18n, receipt) : t('erase.personGoesOn'));
  return true;
}

/** Whether captures that look like somebody can be searched: only where their faces are kept. */
async function canBeFound({ api, me }: PageProps): Promise<boolean> {
  if (!me.imageRight || !me.can('records', 'see')) return false;
  try {
    const { state } = await api.get<CapturedState>('/captured-faces');
    return state === 'ready' || state === 'loading';
  } catch {
    return false;
  }
}

/** Of the routes for one person. */
export function addressOf({ database, imageId }: Pick<Portrait, 'database' | 'imageId'>): string {
  return `/databases/${database}/portraits/${encodeURIComponent(imageId)}`;
}
