import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import type { CapturePage } from './shapes.ts';

/** Deleting captures: what is lost is said first, and nothing goes at the first press. */

/** The box takes so many at a time (`../routes.ts`). */
const MOST_AT_ONCE = 200;

/**
 * Deletes captures after asking.
 * @param erased called with those that are gone, also those somebody else had deleted meanwhile
 */
export async function eraseChosen(
  { api, i18n, ui }: PageProps,
  ids: readonly string[],
  erased: (ids: ReadonlySet<string>) => void,
): Promise<void> {
  const { t } = i18n;
  const n = ids.length;
  const sure = await ui.confirm({
    title: t('erase.title', { n }),
    lose: [t('erase.records', { n }), t('erase.pictures')],
    confirm: t('erase.confirm', { n }),
  });
  if (!sure) return;
  for (let from = 0; from < n; from += MOST_AT_ONCE) {
    await api.post('/captures/delete', { ids: ids.slice(from, from + MOST_AT_ONCE) }).catch((error: ApiFailure) => {
      if (error.status !== 404) throw error;
    });
  }
  erased(new Set(ids));
  ui.toast(t('erase.done', { n }));
}

/** Deletes everything there is, whatever the filter shows, after a word was typed. */
export async function eraseAll(
  { api, i18n, ui }: PageProps,
  unfilter: () => void,
  renew: () => Promise<void>,
): Promise<void> {
  const { t } = i18n;
  const { total } = await api.get<CapturePage>('/captures', { limit: 1 });
  const sure = await ui.confirm({
    title: t('eraseAll.title'),
    text: t('eraseAll.notOnly'),
    lose: [t('eraseAll.records', { n: total }), t('eraseAll.pictures'), t('eraseAll.never')],
    confirm: t('eraseAll.confirm'),
    typed: t('eraseAll.word'),
  });
  if (!sure) return;
  const all = { confirm: true };
  const { complete } = await api.post<{ complete: boolean }>('/captures/delete-all', all, { timeout: 60_000 });
  unfilter();
  await renew();
  ui.toast(t(complete ? 'eraseAll.done' : 'eraseAll.goesOn'));
}
