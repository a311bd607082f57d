import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import { eraseChosen } from './erase.ts';
import { AliveBadge, attributesOf } from './looks.ts';
import type { Capture } from './shapes.ts';
import { nameWord, similarityWord, Who, whoIs } from './who.ts';
import { cameraWord, kindIcon, kindWord, pictureWord, plateWord } from './words.ts';

interface DetailProps {
  page: PageProps;
  /** The page of the list behind the dialog. */
  records: readonly Capture[];
  /** Of the capture, or `first` and `last` of the records. */
  id: string;
  loading: boolean;
  onOpen: (id: string) => void;
  onClose: () => void;
  /** Goes on with the page behind and the page before; undefined at the ends. */
  onOlder: (() => void) | undefined;
  onNewer: (() => void) | undefined;
  onErased: (id: string) => void;
}

/** One capture: where in the picture it was, and everything known of it. Arrow keys go to its neighbours. */
export function Detail(props: DetailProps) {
  const { page, records, id, loading, onOpen, onClose, onOlder, onNewer, onErased } = props;
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const at = loading
    ? -1
    : id === 'first'
      ? 0
      : id === 'last'
        ? records.length - 1
        : records.findIndex((one) => one.id === id);
  const named = id !== 'first' && id !== 'last';
  // A link may lead to a capture that is on another page.
  const found = ui.useData((signal) => api.get<Capture>(`/captures/${encodeURIComponent(id)}`, {}, { signal }), {
    deps: [id],
    when: at < 0 && named && !loading,
  });
  const capture = records[at] ?? (named && found.data?.id === id ? found.data : undefined);

  // Where another page began or ended is no address to keep.
  useEffect(() => {
    if (!named && capture) onOpen(capture.id);
  }, [named, capture]);

  const newer = at > 0 ? () => onOpen(records[at - 1]!.id) : at === 0 ? onNewer : undefined;
  const older = at < 0 ? undefined : at + 1 < records.length ? () => onOpen(records[at + 1]!.id) : onOlder;
  const asking = useRef(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // What somebody is asked about does not turn behind the question.
      if (asking.current || (event.target as Element).closest('input, textarea, select')) return;
      if (event.key === 'ArrowLeft') newer?.();
      else if (event.key === 'ArrowRight') older?.();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });

  const erase = async () => {
    if (!capture) return;
    // One that is not on this page has no neighbours here.
    const neighbour = at < 0 ? undefined : (records[at + 1] ?? records[at - 1]);
    asking.current = true;
    try {
      await eraseChosen(page, [capture.id], () => {
        if (neighbour) onOpen(neighbour.id);
        else onClose();
        onErased(capture.id);
      });
    } finally {
      asking.current = false;
    }
  };
  // What lay behind a page's end may be deleted by the time it is gone to.
  const nothingThere = !loading && !named && records.length === 0;
  const gone = nothingThere || (found.error as ApiFailure | undefined)?.status === 404;
  const people = capture?.kind === 'face' && page.config.plugins.includes('portraits') && me.imageRight;
  const footer = html`
    <${ui.Button} icon="left" disabled=${!newer} onClick=${newer}>${t('detail.newer')}</${ui.Button}>
    <${ui.Button} iconEnd="right" disabled=${!older} onClick=${older}>${t('detail.older')}</${ui.Button}>
    <span class="g-dialog-gap"></span>
    ${
      people &&
      me.can('people', 'change') &&
      whoIs(capture) !== 'known' &&
      html`<${ui.Button} icon="people" href=${ui.href('people', { from: capture.id })}>${t('detail.enrol')}</${ui.Button}>`
    }
    ${
      people &&
      me.can('people', 'see') &&
      html`<${ui.Button} icon="search" href=${ui.href('face-search', { how: 'captures', capture: capture.id })}>${t('detail.similar')}</${ui.Button}>`
    }
    ${me.can('records', 'change') && capture && html`<${ui.Button} icon="delete" onClick=${erase}>${t('detail.erase')}</${ui.Button}>`}`;
  return html`<${ui.Dialog} wide title=${capture ? kindWord(i18n, capture) : t('detail.title')} onClose=${onClose} footer=${capture && footer}>
    ${
      capture
        ? html`<${WholeCapture} page=${page} capture=${capture} />`
        : gone
          ? html`<${ui.Empty} icon="records" title=${t('detail.gone')}>${t('detail.goneWhy')}</${ui.Empty}>`
          : found.error !== undefined && !loading
            ? html`<${ui.ErrorState} what=${t('detail.notRead')} error=${found.error} onRetry=${found.reload} />`
            : html`<${ui.Skeleton} lines=${8} />`
    }
  </${ui.Dialog}>`;
}

function WholeCapture({ page, capture }: { page: PageProps; capture: Capture }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { match, plate } = capture;
  const known = match !== null && whoIs(capture) === 'known' ? match : undefined;
  // The picture of a person belongs to the people: not everybody who sees records may see it.
  const enrolled = known && known.imagePath !== '' && page.me.can('people', 'see') ? known : undefined;
  const frame = { width: capture.frameWidth, height: capture.frameHeight };
  const alt = pictureWord(i18n, capture);
  return html`<div class="captures-detail">
    <div class="captures-pictures">
      <${ui.Picture} path=${capture.framePath} alt=${t('detail.frameOf', { what: alt })} fit="contain" frame=${frame} eager
        boxes=${[{ box: capture.box, label: kindWord(i18n, capture) }]} />
      <div class="captures-crop" data-beside=${enrolled !== undefined || plate !== null || undefined}>
        <${Shot} page=${page} path=${capture.cropPath} alt=${alt} caption=${enrolled && t('detail.captured')} />
        ${plate && html`<${ui.Picture} path=${plate.path} alt=${t('detail.plateOf', { plate: plateWord(i18n, capture) })} ratio=${'4 / 1'} fit="contain" eager />`}
        ${
          enrolled &&
          html`<${Shot} page=${page} path=${enrolled.imagePath} alt=${t('detail.enrolledOf', { name: nameWord(enrolled) })}
            caption=${t('detail.enrolled', { library: enrolled.libraryName })} />`
        }
        <${ui.Code} text=${capture.id} label=${t('fact.id')} />
      </div>
    </div>
    <${ui.Facts} items=${[
      { label: t('fact.time'), value: html`<${ui.Time} at=${capture.time} />` },
      { label: t('fact.camera'), value: cameraWord(i18n, capture) },
      { label: t('fact.place'), value: capture.position },
      {
        label: t('fact.kind'),
        value: html`<span class="captures-kind"><${ui.Icon} name=${kindIcon(capture)} size=${16} />${kindWord(i18n, capture)}</span>`,
      },
      { label: t('fact.quality'), value: t('fact.of100', { n: capture.quality }) },
      capture.kind === 'face' && {
        label: t('fact.who'),
        value: html`<${Who} page=${page} capture=${capture} />`,
      },
      capture.kind === 'vehicle' && {
        label: t('fact.plate'),
        value: plate?.text
          ? html`<b class="captures-plate">${plate.text}</b>`
          : plateWord(i18n, capture) || t('plate.none'),
      },
      plate?.text && {
        label: t('fact.plateScore'),
        value: i18n.number(plate.score, { style: 'percent', maximumFractionDigits: 0 }),
      },
      match && {
        label: known ? t('fact.match') : t('fact.nearest'),
        value: t('fact.matchIn', { library: match.libraryName, n: similarityWord(i18n, match.similarity) }),
      },
      match && { label: t('fact.threshold'), value: match.threshold },
      capture.aliveType !== 0 && {
        label: t('fact.alive'),
        value: html`<${AliveBadge} page=${page} capture=${capture} />`,
      },
      ...attributesOf(i18n, capture),
      {
        label: t('fact.size'),
        value: t('fact.pixels', {
          w: Math.round(capture.box[2] - capture.box[0]),
          h: Math.round(capture.box[3] - capture.box[1]),
        }),
      },
      { label: t('fact.channel'), value: capture.channel },
      { label: t('fact.track'), value: capture.trackId },
    ]} />
  </div>`;
}

interface ShotProps {
  page: PageProps;
  path: string;
  alt: string;
  /** Where there is another picture beside it. */
  caption: string | undefined;
}

function Shot({ page, path, alt, caption }: ShotProps) {
  return html`<figure class="captures-shot">
    <${page.ui.Picture} path=${path} alt=${alt} ratio=${'4 / 5'} fit="contain" eager />
    ${caption && html`<figcaption>${caption}</figcaption>`}
  </figure>`;
}
