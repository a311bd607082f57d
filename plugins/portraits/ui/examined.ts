import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { cutOut, partOf } from './pictures.ts';
import type { Chosen, Face } from './shapes.ts';
import type { Look } from './use-examined.ts';
import { faultWords } from './words.ts';

interface ExaminedPictureProps {
  page: PageProps;
  chosen: Chosen;
  look: Look;
  /** Says what speaks against enrolling the face; a search takes what it gets. */
  judged?: boolean;
  /** Takes another picture in its place: one face out of several. */
  onChoose: (chosen: Chosen) => void;
  onRemove: () => void;
}

/** A chosen picture with the faces the box found in it, and in words whether it will do. */
export function ExaminedPicture(props: ExaminedPictureProps) {
  const { page, chosen, look, judged, onRemove } = props;
  const { i18n, ui } = page;
  const { t } = i18n;
  const { examined } = look;
  const faces = examined?.faces ?? [];
  const frame = examined && { width: examined.width, height: examined.height };
  const boxes = faces.map(({ box }, at) => ({ box, ...(faces.length > 1 && { label: String(at + 1) }) }));
  return html`<div class="portraits-examined">
    <div class="portraits-examined-picture">
      <div class="portraits-fit" style=${`--ratio:${frame ? frame.width / frame.height : 4 / 3}`}>
        <${ui.Picture} src=${chosen.src} alt=${chosen.name || t('examined.picture')} people=${chosen.capture !== undefined} eager
          fit="contain" ratio=${frame ? undefined : '4 / 3'} frame=${frame} boxes=${boxes} missing=${t('examined.notShown')} />
      </div>
      <${ui.IconButton} icon="close" kind="secondary" label=${t('examined.other')} onClick=${onRemove} />
    </div>
    <div class="portraits-verdict" aria-live="polite"><${Verdict} ...${props} faces=${faces} judged=${judged} /></div>
  </div>`;
}

function Verdict({ page, chosen, look, faces, judged, onChoose }: ExaminedPictureProps & { faces: readonly Face[] }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [face] = faces;
  if (look.looking) return html`<${ui.Status} tone="busy">${t('examined.looking')}</${ui.Status}>`;
  if (look.error !== undefined)
    return html`<${ui.Notice} tone="bad" title=${t('examined.failed')}>${i18n.error(look.error)}</${ui.Notice}>`;
  if (!face) return html`<${ui.Notice} tone="bad" title=${t('examined.none')}>${t('examined.noneNow')}</${ui.Notice}>`;
  if (faces.length > 1) return html`<${Several} page=${page} chosen=${chosen} look=${look} onChoose=${onChoose} />`;
  if (!judged || face.faults.length === 0)
    return html`<${ui.Status} tone="ok">${judged ? t('examined.good', { n: face.quality }) : t('examined.found')}</${ui.Status}>`;
  return html`<${ui.Notice} tone="warn" title=${t('examined.poor', { n: face.quality })}>
    <ul class="portraits-faults">${face.faults.map((fault) => {
      const { what, now } = faultWords(i18n, fault);
      return html`<li key=${fault}><b>${what}</b> ${now}</li>`;
    })}</ul>
  </${ui.Notice}>`;
}

/** Several faces: which of them is meant. */
function Several({ page, chosen, look, onChoose }: Omit<ExaminedPictureProps, 'onRemove'>) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { faces, width, height } = look.examined!;
  const choose = async (face: Face) => {
    const others = faces.filter((one) => one !== face).map(({ box }) => box);
    const blob = await cutOut(chosen.src, face.box, { width, height }, others);
    onChoose(partOf(chosen, blob));
  };
  return html`<${ui.Notice} tone="warn" title=${t('examined.several', { n: faces.length })}>
    <p>${t('examined.severalNow')}</p>
    <div class="portraits-which">
      ${faces.slice(0, 9).map((face, at) => html`<${ui.Button} key=${at} onClick=${() => choose(face)}>${t('examined.use', { n: at + 1 })}</${ui.Button}>`)}
    </div>
  </${ui.Notice}>`;
}
