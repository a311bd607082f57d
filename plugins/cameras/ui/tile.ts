import { type Signal, useSignal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { PageProps } from '../../../ui/contract.ts';
import { boxClock } from './box-clock.ts';
import { useFullScreen, useInSight } from './on-screen.ts';
import { FramePainter, type SeenFrame } from './painter.ts';
import { Pulse, type PulseReading } from './pulse.ts';
import type { Camera } from './shapes.ts';
import { TileNote } from './tile-note.ts';
import { boxWord, makeshiftText, stateTone, stateWord } from './words.ts';

/** What stands on the canvas of a view now. */
export interface Shown extends PulseReading {
  /** Box's time of the frame, ms. */
  time: number;
  /** Browser's time at which it was drawn, ms. */
  at: number;
  boxes: number;
  /** What stands on the boxes of those who are known, or known to be strangers. */
  who: string[];
}

interface TileProps {
  page: PageProps;
  camera: Camera;
  status: CameraStatus;
  /** Pictures are wanted now. */
  watching: boolean;
  /** Address of this camera alone; undefined where it stands alone already. */
  alone: string | undefined;
}

/** One camera live: its picture with the boxes found in that very picture, its name, its state, its time. */
export function Tile({ page, camera, status, watching, alone }: TileProps) {
  const { i18n, ui, live, me } = page;
  const { t } = i18n;
  const { channel, name } = camera;
  const frame = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<FramePainter>(undefined);
  const shown = useSignal<Shown | undefined>(undefined);
  const [refused, setRefused] = useState<string>();
  const { full, enter, leave } = useFullScreen(frame);
  const inSight = useInSight(frame);
  const texts = useRef(i18n);
  texts.current = i18n;

  useEffect(() => {
    if (!canvas.current) return;
    const pulse = new Pulse();
    const made = new FramePainter(canvas.current, {
      label: (box) => boxWord(texts.current, box),
      shown: ({ time, overlay }) => {
        boxClock.seen(time);
        const now = boxClock.now();
        pulse.beat(performance.now(), now === undefined ? undefined : Math.max(0, now - time));
        const who = overlay.filter((box) => box.who).map((box) => boxWord(texts.current, box));
        shown.value = { time, at: Date.now(), boxes: overlay.length, who, ...pulse.read() };
      },
    });
    painter.current = made;
    return () => {
      painter.current = undefined;
      made.close();
    };
  }, []);

  const wanted = watching && inSight;
  ui.useLive<SeenFrame>(
    me.imageRight ? 'cameras.frames' : 'cameras.boxes',
    wanted ? (me.imageRight ? { channel, picture: true } : { channel }) : undefined,
    (seen, bytes) => {
      setRefused(undefined);
      painter.current?.offer(seen, bytes);
    },
    (error) => setRefused(i18n.or(`code.${error.code}`, error.msg)),
  );

  const makeshift = makeshiftText(i18n, camera);
  const title = html`<span class="cameras-tile-channel">${channel}</span> ${name}`;
  return html`<article
    class="cameras-tile" ref=${frame} data-full=${full || undefined} data-state=${status.state}
    data-boxes-only=${!me.imageRight || undefined} aria-label=${name}
  >
    <canvas ref=${canvas} role="img" aria-label=${t('tile.picture', { name })}></canvas>
    <${TileNote} page=${page} status=${status} shown=${shown} refused=${refused} wanted=${wanted} connection=${live.state} />
    <header class="cameras-tile-head">
      <h2>${alone ? html`<a href=${alone}>${title}</a>` : title}</h2>
      ${camera.origin && html`<${ui.Badge} tone="info">${t('demo.badge')}</${ui.Badge}>`}
      ${makeshift && html`<span title=${makeshift}><${ui.Badge} tone="warn" icon="warn">${t('makeshift.badge')}</${ui.Badge}></span>`}
      ${status.state !== 'online' && html`<${ui.Status} tone=${stateTone(status)} size=${16}>${stateWord(i18n, status)}</${ui.Status}>`}
      <${ui.IconButton} icon=${full ? 'close' : 'expand'} small label=${full ? t('tile.leaveFull') : t('tile.full', { name })} onClick=${full ? leave : enter} />
    </header>
    <${TileFoot} page=${page} shown=${shown} />
  </article>`;
}

/** A picture this late is worth a warning, ms. */
const LATE_MS = 1_500;

/** When the picture was taken, and how far behind it is. */
function TileFoot({ page, shown }: { page: PageProps; shown: Signal<Shown | undefined> }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const seen = shown.value;
  if (!seen) return null;
  const { time, fps, behind, boxes, who } = seen;
  const late = behind !== undefined && behind > LATE_MS;
  const seconds = (ms: number) => i18n.number(ms / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return html`<footer
    class="cameras-tile-foot" data-time=${time} data-fps=${fps?.toFixed(2)} data-behind=${behind === undefined ? undefined : Math.round(behind)} data-boxes=${boxes}
    data-who=${who.length > 0 ? who.join(', ') : undefined}
  >
    <time datetime=${new Date(time).toISOString()}>${i18n.clock(time)}</time>
    ${
      behind !== undefined &&
      html`<span class="cameras-tile-delay" data-late=${late || undefined} title=${t(late ? 'tile.lateWhy' : 'tile.behindWhy')}>
        ${late && html`<${ui.Icon} name="warn" size=${14} />`}${t('tile.behind', { s: seconds(behind) })}
      </span>`
    }
    ${fps !== undefined && html`<span class="cameras-tile-rate">${t('perSecond', { fps: i18n.number(fps, { maximumFractionDigits: 1 }) })}</span>`}
  </footer>`;
}
