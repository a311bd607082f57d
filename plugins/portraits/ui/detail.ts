import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import { addressOf, erasePortrait } from './erase.ts';
import { checkPerson, PersonFields, personChanges, usePersonForm } from './person-fields.ts';
import type { Clear, Database, Person, Portrait } from './shapes.ts';
import { genderWord, personWord } from './words.ts';

interface DetailProps {
  page: PageProps;
  database: Database;
  /** The page of people behind it. */
  portraits: readonly Portrait[];
  imageId: string;
  onOpen: (imageId: string) => void;
  onClose: () => void;
  onChanged: (portrait: Portrait) => void;
  onErased: (portrait: Portrait) => void;
}

/** One person: the picture, what is known, and what may be changed. Arrow keys go to the neighbours. */
export function Detail(props: DetailProps) {
  const { page, database, portraits, imageId, onOpen, onClose, onChanged, onErased } = props;
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  /** Who is edited: what is sealed is read first, and somebody else may be shown by then. */
  const [opened, setOpened] = useState<{ of: string; person: Person }>();
  const editing = opened?.of === imageId ? opened.person : undefined;
  const at = portraits.findIndex((one) => one.imageId === imageId);
  // A link may lead to somebody on another page.
  const found = ui.useData(
    (signal) => api.get<Portrait>(addressOf({ database: database.id, imageId }), {}, { signal }),
    { deps: [database.id, imageId], when: at < 0 },
  );
  const portrait = portraits[at] ?? (found.data?.imageId === imageId ? found.data : undefined);
  const newer = at > 0 ? () => onOpen(portraits[at - 1]!.imageId) : undefined;
  const older = at >= 0 && at + 1 < portraits.length ? () => onOpen(portraits[at + 1]!.imageId) : undefined;
  useEffect(() => setOpened(undefined), [imageId]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (editing || (event.target as Element).closest('input, textarea, select')) return;
      if (event.key === 'ArrowLeft') newer?.();
      else if (event.key === 'ArrowRight') older?.();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });

  const change = async () => {
    // What is sealed is opened to be changed, and the log says so.
    const clear = portrait!.hasIdcard || portrait!.hasAddress ? await reveal(page, portrait!) : NOTHING;
    const { name, gender, age } = portrait!;
    setOpened({ of: imageId, person: { name, gender, age, ...clear } });
  };
  const changed = (next: Portrait) => {
    if (at < 0) found.set(next);
    onChanged(next);
  };
  const erase = async () => {
    if (await erasePortrait(page, portrait!, database.name)) onErased(portrait!);
  };
  const footer = html`
    <${ui.Button} icon="left" disabled=${!newer} onClick=${newer}>${t('detail.newer')}</${ui.Button}>
    <${ui.Button} iconEnd="right" disabled=${!older} onClick=${older}>${t('detail.older')}</${ui.Button}>
    <span class="g-dialog-gap"></span>
    ${
      portrait &&
      me.imageRight &&
      me.can('records', 'see') &&
      html`<${ui.Button} icon="search" href=${ui.href('face-search', { how: 'captures', portrait: `${portrait.database}/${portrait.imageId}` })}>${t('detail.captures')}</${ui.Button}>`
    }
    ${
      me.can('people', 'change') &&
      html`<${ui.Button} icon="edit" onClick=${change}>${t('detail.edit')}</${ui.Button}>
        <${ui.Button} icon="delete" onClick=${erase}>${t('detail.erase')}</${ui.Button}>`
    }`;
  const gone = (found.error as Partial<ApiFailure> | undefined)?.status === 404;
  return html`<${ui.Dialog} wide title=${portrait ? personWord(portrait) : t('detail.title')} onClose=${onClose} footer=${portrait && !editing && footer}>
    ${
      portrait && editing
        ? html`<${Editing} page=${page} portrait=${portrait} before=${editing} onClose=${() => setOpened(undefined)} onChanged=${changed} />`
        : portrait
          ? html`<${Known} key=${portrait.imageId} page=${page} portrait=${portrait} database=${database} />`
          : gone
            ? html`<${ui.Empty} icon="people" title=${t('detail.gone')}>${t('detail.goneWhy')}</${ui.Empty}>`
            : found.error !== undefined
              ? html`<${ui.ErrorState} what=${t('detail.notRead')} error=${found.error} onRetry=${found.reload} />`
              : html`<${ui.Skeleton} lines=${8} />`
    }
  </${ui.Dialog}>`;
}

const NOTHING: Clear = { idcard: '', address: '' };

/** Identity number and address in clear; the operation log keeps who asked. */
function reveal({ api }: PageProps, portrait: Portrait): Promise<Clear> {
  return api.post<Clear>(`${addressOf(portrait)}/reveal`);
}

function Known({ page, portrait, database }: { page: PageProps; portrait: Portrait; database: Database }) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const [clear, setClear] = useState<Clear>();
  const sealed = portrait.hasIdcard || portrait.hasAddress;
  const show = async () => setClear(await reveal(page, portrait));
  const secret = (has: boolean, text: string | undefined) =>
    has && (text ?? html`<span aria-label=${t('detail.hidden')}>${MASK}</span>`);
  return html`<div class="portraits-detail">
    <${ui.Picture} path=${portrait.path} alt=${t('detail.pictureOf', { name: personWord(portrait) })} fit="contain" ratio="4 / 5" eager />
    <div class="g-stack">
      <${ui.Facts} items=${[
        { label: t('field.name'), value: portrait.name || t('detail.unnamed') },
        { label: t('detail.database'), value: database.name },
        { label: t('field.gender'), value: genderWord(i18n, portrait.gender) },
        { label: t('field.age'), value: portrait.age },
        { label: t('field.idcard'), value: secret(portrait.hasIdcard, clear?.idcard) },
        { label: t('field.address'), value: secret(portrait.hasAddress, clear?.address) },
        { label: t('detail.quality'), value: t('detail.of100', { n: portrait.quality }) },
        { label: t('detail.since'), value: html`<${ui.Time} at=${portrait.createTime} />` },
        { label: t('detail.imageId'), value: html`<code>${portrait.imageId}</code>` },
      ]} />
      ${
        sealed &&
        clear === undefined &&
        me.can('people', 'change') &&
        html`<div><${ui.Button} icon="eye" onClick=${show}>${t('detail.reveal')}</${ui.Button}><p class="g-quiet g-small-text">${t('detail.revealLogged')}</p></div>`
      }
    </div>
  </div>`;
}

const MASK = '******';

interface EditingProps {
  page: PageProps;
  portrait: Portrait;
  before: Person;
  onClose: () => void;
  onChanged: (portrait: Portrait) => void;
}

function Editing({ page, portrait, before, onClose, onChanged }: EditingProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const form = usePersonForm(page, before);
  const save = async () => {
    const changes = personChanges(before, form.values);
    if (Object.keys(changes).length > 0) {
      const changed = await api.patch<Portrait>(addressOf(portrait), changes);
      ui.toast(t('detail.saved', { name: personWord(changed) }));
      onChanged(changed);
    }
    onClose();
  };
  return html`<div class="portraits-detail">
    <${ui.Picture} path=${portrait.path} alt="" fit="contain" ratio="4 / 5" eager />
    <${ui.Form} form=${form} check=${() => checkPerson(i18n, form.values)} onSubmit=${save} submit=${t('detail.save')} onCancel=${onClose}>
      <${PersonFields} page=${page} form=${form} whole />
    </${ui.Form}>
  </div>`;
}
