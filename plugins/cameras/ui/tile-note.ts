import type { ReadonlySignal, Signal } from '@preact/signals';
import { html } from 'htm/preact';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { LiveState, PageProps } from '../../../ui/contract.ts';
import type { Shown } from './tile.ts';
import { faultNow, faultText } from './words.ts';

/** Without a new picture for this long the last one is no longer live, ms; slow streams get four pictures' time. */
const STALE_MS = 3_000;

interface TileNoteProps {
  page: PageProps;
  status: CameraStatus;
  shown: Signal<Shown | undefined>;
  /** Why the box does not send this camera. */
  refused: string | undefined;
  wanted: boolean;
  connection: ReadonlySignal<LiveState>;
}

/** Says over the picture why it is not live, so that nobody watches a picture that stands still. */
export function TileNote({ page, status, shown, refused, wanted, connection }: TileNoteProps) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const now = ui.useNow(1_000);
  const seen = shown.value;
  const patience = Math.max(STALE_MS, seen?.fps ? 4_000 / seen.fps : 0);
  const silent = seen ? now - seen.at : 0;

  const over = (icon: string, text: string, what = '') =>
    html`<div class="cameras-tile-note" role="status"><${ui.Icon} name=${icon} size=${26} class=${icon === 'busy' ? 'g-spin' : ''} />
      <strong>${text}</strong>${what && html`<span>${what}</span>`}</div>`;

  if (connection.value === 'lost') return over('offline', t('tile.boxLost'));
  if (status.state === 'offline') {
    const { reason } = status;
    return over(
      'offline',
      reason ? faultText(i18n, reason) : t('tile.offline'),
      `${reason ? faultNow(i18n, reason) : ''} ${t('tile.since', { time: i18n.time(status.since) })}`.trim(),
    );
  }
  if (refused !== undefined) return over('warn', refused);
  if (!seen) {
    if (status.state === 'connecting')
      return over('busy', t('tile.connecting'), status.reason && faultText(i18n, status.reason));
    return over('busy', t('tile.waiting'));
  }
  if (wanted && silent > patience)
    return over('warn', t('tile.still', { time: i18n.duration(silent) }), t('tile.stillNow'));
  if (me.imageRight) return null;
  return html`<div class="cameras-tile-blind"><${ui.Icon} name="eye-off" size=${16} /><span>${t('tile.boxesOnly')}</span></div>`;
}
