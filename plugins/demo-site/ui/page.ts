import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { CompareWith } from './compare-with.ts';
import { leaveDemo } from './leave.ts';
import { SceneCard } from './scene-card.ts';
import type { SiteView } from './shapes.ts';

export const styles = ['./demo-site.css'];

/** The demo site: what of it runs, choosing scenes, and leaving it. */
export default function DemoSitePage(page: PageProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<SiteView>('/site', {}, { signal }), {
    changed: ['demo-site', 'cameras'],
    // The number of captures grows by itself.
    every: 15_000,
  });
  return html`<${ui.Page} title=${t('title')} lead=${t('lead')}>
    <${ui.Loaded} of=${found} what=${t('notRead')}>
      ${(site: SiteView) => html`<${Site} page=${page} site=${site} take=${found.set} />`}
    </${ui.Loaded}>
  </${ui.Page}>`;
}

/** It is kept as running while the configuration forbids it, but does not run then. */
function runs({ mode, forbidden }: SiteView): boolean {
  return mode === 'on' && !forbidden;
}

interface SiteProps {
  page: PageProps;
  site: SiteView;
  /** Shows what the box has just answered. */
  take: (site: SiteView) => void;
}

function Site({ page, site, take }: SiteProps) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const may = me.can('devices', 'change') && !site.forbidden;
  const running = runs(site);
  // Before it runs, a choice is only made here; while it runs, each switch takes effect at once.
  const [picked, setPicked] = useState<string[]>();
  // Each switch sends all scenes: the next begins with what the box made of the one before.
  const [switching, setSwitching] = useState(false);
  const stored = site.scenes.filter((scene) => scene.chosen).map(({ name }) => name);
  const chosen = running ? stored : (picked ?? stored);
  const pick = async (name: string, on: boolean) => {
    const next = on ? [...chosen, name] : chosen.filter((one) => one !== name);
    if (!running) return setPicked(next);
    setSwitching(true);
    try {
      take(await (next.length === 0 ? api.post<SiteView>('/stop') : api.post<SiteView>('/start', { scenes: next })));
    } finally {
      setSwitching(false);
    }
  };
  const start = async () => {
    take(await api.post<SiteView>('/start', chosen.length > 0 ? { scenes: chosen } : {}));
    setPicked(undefined);
  };
  const full = chosen.length >= site.most;
  return html`<${ui.Stack} gap=${5}>
    <${Standing} page=${page} site=${site} take=${take} may=${may} start=${start} />
    ${
      site.faults.length > 0 &&
      html`<${ui.Notice} tone="warn" title=${t('faults')}><ul class="demo-site-faults">${site.faults.map((fault) => html`<li key=${fault}>${fault}</li>`)}</ul></${ui.Notice}>`
    }
    ${
      site.scenes.length === 0
        ? html`<${ui.Card}><${ui.Empty} icon="cameras" title=${t('none')}>${t('noneWhy')}</${ui.Empty}></${ui.Card}>`
        : html`<section class="demo-site-part" aria-labelledby="demo-site-scenes">
          <h2 id="demo-site-scenes">${t('scenes')}</h2>
          <p class="g-quiet">${full ? t('full', { most: site.most }) : t('choose', { most: site.most })}</p>
          <div class="demo-site-scenes">
            ${site.scenes.map(
              (scene) => html`<${SceneCard}
                key=${scene.name} page=${page} scene=${scene} running=${running} chosen=${chosen.includes(scene.name)}
                disabled=${!may || switching || (full && !chosen.includes(scene.name))} onPick=${(on: boolean) => pick(scene.name, on)}
              />`,
            )}
          </div>
        </section>`
    }
    ${running && html`<${CompareWith} page=${page} site=${site} take=${take} may=${may} />`}
    <${ui.Card} title=${t('models')} icon="model">
      <p>${t('modelsWhat')}</p>
      <p class="g-quiet">${t('modelsHow')}</p>
      <${ui.Code} text="npm run models -- install --recommended" label=${t('modelsCommand')} />
    </${ui.Card}>
  </${ui.Stack}>`;
}

interface StandingProps extends SiteProps {
  may: boolean;
  start: () => Promise<void>;
}

/** How it stands, in a sentence, and what can be done about it. */
function Standing({ page, site, take, may, start }: StandingProps) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const { mode } = site;
  const running = runs(site);
  const tone = running ? 'ok' : mode === 'aside' ? 'info' : 'idle';
  const count = site.scenes.filter(({ channel }) => channel !== undefined).length;
  const leavable = me.can('records', 'change') && (running || mode === 'aside' || site.captures > 0 || site.people);
  const beside = async (on: boolean) => take(await api.put<SiteView>('/beside', { beside: on }));
  const stop = async () => take(await api.post<SiteView>('/stop'));
  const text = site.forbidden
    ? t('forbidden')
    : mode === 'aside'
      ? t('mode.aside', { camera: site.asideFor ?? '' })
      : mode === 'on'
        ? t('mode.on', { n: count })
        : t(`mode.${mode}`);
  return html`<${ui.Card}>
    <div class="demo-site-standing">
      <div class="demo-site-words">
        <${ui.Status} tone=${tone}><b>${text}</b></${ui.Status}>
        ${running && site.way && html`<p class="g-quiet">${t(`way.${site.way}`)}</p>`}
        ${
          site.erasing
            ? html`<p class="g-quiet">${t('erasing')}</p>`
            : site.captures > 0 && html`<p class="g-quiet">${t('captures', { n: site.captures })}</p>`
        }
      </div>
      <${ui.Row} gap=${2}>
        ${running && html`<${ui.Button} kind="primary" icon="live" href=${ui.href('live')}>${t('watch')}</${ui.Button}>`}
        ${running && may && html`<${ui.Button} icon="pause" onClick=${stop}>${t('stop')}</${ui.Button}>`}
        ${
          !running &&
          may &&
          site.scenes.length > 0 &&
          html`<${ui.Button} kind="primary" icon="play" onClick=${start}>${mode === 'aside' ? t('startBeside') : t('start')}</${ui.Button}>`
        }
        ${leavable && html`<${ui.Button} kind="danger" icon="delete" onClick=${() => leaveDemo(page, site)}>${t('leave')}</${ui.Button}>`}
      </${ui.Row}>
    </div>
    ${
      mode !== 'never' &&
      mode !== 'left' &&
      html`<div class="demo-site-beside"><${ui.SwitchField} label=${t('beside')} hint=${t('besideHint')} value=${site.beside} disabled=${!may} onChange=${beside} /></div>`
    }
  </${ui.Card}>`;
}
