import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import type { EnrolledView } from '../rest-shapes.ts';
import { ExaminedPicture } from './examined.ts';
import { Likeness } from './likeness.ts';
import { checkPerson, PersonFields, trimmed, usePersonForm } from './person-fields.ts';
import { PictureSource } from './picture-source.ts';
import { bodyOf, release } from './pictures.ts';
import { type Chosen, type Database, NOBODY, type Portrait } from './shapes.ts';
import { useExamined } from './use-examined.ts';
import { personWord, typeWord } from './words.ts';

interface EnrolProps {
  page: PageProps;
  databases: readonly Database[];
  database: number;
  /** A picture to begin with: of a capture. */
  start?: Chosen | undefined;
  onEnrolled: (portrait: Portrait) => void;
  onClose: () => void;
}

/** What the box answers to a face it does not find good enough. */
const QUALITY_TOO_LOW = -1102;

/** One person in one minute: a picture, what the box thinks of it, a name. */
export function Enrol({ page, databases, database, start, onEnrolled, onClose }: EnrolProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [chosen, setChosen] = useState<Chosen | undefined>(start);
  const [into, setInto] = useState(database);
  const [anyway, setAnyway] = useState(false);
  const [pictureFault, setPictureFault] = useState<string>();
  const form = usePersonForm(page, NOBODY);
  const look = useExamined(page, chosen, page.me.imageRight);
  const [face, ...others] = look.examined?.faces ?? [];
  const poor = face !== undefined && others.length === 0 && face.faults.length > 0;

  // Every picture is judged anew.
  useEffect(() => {
    setAnyway(false);
    setPictureFault(undefined);
    return () => release(chosen);
  }, [chosen]);

  const check = () => {
    const missing = chosen === undefined ? t('enrol.noPicture') : poor && !anyway ? t('enrol.poorPicture') : undefined;
    setPictureFault(missing);
    // Where the picture is missing nothing is sent, and the words stand beside it.
    return { ...checkPerson(i18n, form.values), ...(missing === undefined ? {} : { picture: missing }) };
  };
  const save = async (another: boolean) => {
    const { takenFrom } = chosen!;
    const picture = { ...(await bodyOf(chosen!)), ...(takenFrom === undefined ? {} : { takenFrom }) };
    const asked = { ...picture, ...trimmed(form.values), quality: anyway ? 'low' : 'high' };
    let enrolled: EnrolledView;
    try {
      enrolled = await api.post<EnrolledView>(`/databases/${into}/portraits`, asked, { timeout: 60_000 });
    } catch (error) {
      if ((error as Partial<ApiFailure>).code === QUALITY_TOO_LOW) setPictureFault(t('enrol.poorPicture'));
      throw error;
    }
    ui.toast(t('enrol.done', { name: personWord(enrolled.portrait) }));
    onEnrolled(enrolled.portrait);
    if (!another) return onClose();
    setChosen(undefined);
    form.reset(NOBODY);
  };
  const next = async () => {
    const missing = check();
    form.setErrors(missing);
    if (!Object.values(missing).some((text) => text)) await save(true);
  };

  const found = chosen && !look.looking && look.error === undefined && face !== undefined && others.length === 0;
  return html`<${ui.Dialog} wide title=${t('enrol.title')} onClose=${onClose}>
    <div class="portraits-enrol">
      <div class="g-stack">
        ${
          chosen
            ? html`<${ExaminedPicture} page=${page} chosen=${chosen} look=${look} judged onChoose=${setChosen} onRemove=${() => setChosen(undefined)} />`
            : html`<${PictureSource} page=${page} label=${t('enrol.picture')} pasted onChoose=${setChosen} />`
        }
        ${found && poor && html`<${ui.SwitchField} label=${t('enrol.anyway')} hint=${t('enrol.anywayHint')} value=${anyway} onChange=${setAnyway} />`}
        ${pictureFault && !anyway && html`<p class="g-field-error" role="alert"><${ui.Icon} name="warn" size=${16} />${pictureFault}</p>`}
        ${look.examined && html`<${Likeness} page=${page} near=${look.examined.near} fault=${look.examined.nearFault} />`}
      </div>
      <${ui.Form}
        form=${form} check=${check} submit=${t('enrol.save')} onSubmit=${() => save(false)} disabled=${chosen !== undefined && !found}
        extra=${html`<${ui.Button} disabled=${!found} onClick=${next}>${t('enrol.saveNext')}</${ui.Button}>`}
      >
        <${PersonFields} page=${page} form=${form} />
        ${
          databases.length > 1 &&
          html`<${ui.SelectField} label=${t('enrol.into')} value=${into} onChange=${setInto}
            options=${databases.map((one) => ({ value: one.id, label: `${one.name} · ${typeWord(i18n, one.type)}` }))} />`
        }
      </${ui.Form}>
    </div>
  </${ui.Dialog}>`;
}
