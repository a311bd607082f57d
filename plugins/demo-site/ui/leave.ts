import type { PageProps } from '../../../ui/contract.ts';
import type { Removed, SiteView } from './shapes.ts';

/** Takes the demo away after a question, and says what went. */
export async function leaveDemo({ api, i18n, ui }: PageProps, site: SiteView): Promise<void> {
  const { t } = i18n;
  const running = site.scenes.filter(({ channel }) => channel !== undefined).length;
  const sure = await ui.confirm({
    title: t('leave.title'),
    text: t('leave.text'),
    lose: [
      ...(running > 0 ? [t('leave.cameras', { n: running })] : []),
      site.captures > 0 ? t('leave.captures', { n: site.captures }) : t('leave.noCaptures'),
      ...(site.people ? [t('leave.people')] : []),
    ],
    confirm: t('leave.confirm'),
  });
  if (!sure) return;
  const removed = await api.post<Removed>('/leave', { confirm: true });
  ui.toast(
    removed.complete
      ? t('leave.done', { cameras: removed.cameras, captures: removed.captures })
      : t('leave.later', { cameras: removed.cameras }),
  );
}
