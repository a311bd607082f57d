import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { BrowserForm } from './browser-form.ts';
import type { Browser, Overview, TestResult } from './shapes.ts';
import { ability, browserName, described, present, subscribe } from './this-browser.ts';

/** Alarms as notifications: of this browser, and of the others of this account. */
export default function Push(props: PageProps) {
  const { api, i18n, ui } = props;
  const { t } = i18n;
  const [endpoint, setEndpoint] = useState<string>();
  const [open, setOpen] = useState<Browser>();
  useEffect(() => void present().then((found) => setEndpoint(found?.endpoint)), []);
  const found = ui.useData((signal) => api.get<Overview>('/overview', { endpoint }, { signal }), {
    deps: [endpoint],
    changed: ['web-push'],
    every: 30_000,
  });

  async function remove({ id, name, own }: Browser): Promise<void> {
    const sure = await ui.confirm({
      title: t('remove.title', { name }),
      lose: [t('remove.lose')],
      confirm: t('remove.confirm'),
    });
    if (!sure) return;
    await api.delete(`/browsers/${id}`);
    if (own) await (await present())?.unsubscribe();
    await found.reload();
  }

  async function test({ id }: Browser): Promise<void> {
    const { result, why, status } = await api.post<TestResult>(`/browsers/${id}/test`, {}, { timeout: 20_000 });
    if (result === 'sent') ui.toast(t('test.sent'));
    else if (result === 'gone') ui.toast(t('test.gone'), { tone: 'bad' });
    else ui.toast(faultWords(props, why, status), { tone: 'bad' });
    await found.reload();
  }

  const columns: Column<Browser>[] = [
    {
      id: 'name',
      title: t('list.name'),
      primary: true,
      cell: ({ name, own }) =>
        html`<b>${name}</b>${own && html` <${ui.Badge} tone="accent">${t('list.own')}</${ui.Badge}>`}`,
    },
    { id: 'state', title: t('list.state'), cell: (one) => html`<${BrowserState} ...${props} one=${one} />` },
    {
      id: 'actions',
      title: t('list.actions'),
      hideTitle: true,
      align: 'end',
      cell: (one) => html`<${ui.Row} gap=${1} justify="end" nowrap>
        <${ui.Button} small onClick=${() => test(one)}>${t('test.send')}</${ui.Button}>
        <${ui.IconButton} icon="edit" label=${t('list.edit', { name: one.name })} onClick=${() => setOpen(one)} />
        <${ui.IconButton} icon="delete" label=${t('list.remove', { name: one.name })} onClick=${() => remove(one)} />
      </${ui.Row}>`,
    },
  ];

  const body = (overview: Overview) => {
    const { browsers } = overview;
    const empty = html`<${ui.Empty} icon="screen" title=${t('list.none')}>${t('list.noneHow')}</${ui.Empty}>`;
    return html`<${ui.Stack} gap=${4}>
      <${ui.Notice} tone="info" title=${t('internet.title')}>${t('internet.text')}</${ui.Notice}>
      <${ThisBrowser} ...${props} overview=${overview} onDone=${setEndpoint} reload=${found.reload} />
      <${ui.Card} title=${t('list.title')} icon="screen" flush>
        <${ui.Table} caption=${t('list.title')} columns=${columns} rows=${browsers} rowKey=${({ id }: Browser) => id} empty=${empty} />
      </${ui.Card}>
      ${
        open &&
        html`<${BrowserForm} ...${props} overview=${overview} browser=${open} onClose=${() => setOpen(undefined)}
        onDone=${async () => {
          setOpen(undefined);
          await found.reload();
        }} />`
      }
    </${ui.Stack}>`;
  };

  return html`<${ui.Page} title=${t('push.title')} lead=${t('push.lead')}>
    <${ui.Loaded} of=${found} what=${t('push.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

interface ThisBrowserProps extends PageProps {
  overview: Overview;
  onDone: (endpoint: string) => void;
  reload: () => Promise<unknown>;
}

/** Whether this browser can show notifications, and the button that lets it. */
function ThisBrowser({ api, i18n, ui, overview, onDone, reload }: ThisBrowserProps) {
  const { t } = i18n;
  const [can, setCan] = useState(ability);
  const [problem, setProblem] = useState<string>();
  const full = overview.browsers.length >= overview.most;

  async function turnOn(): Promise<void> {
    setProblem(undefined);
    let subscription: PushSubscription;
    try {
      subscription = await subscribe(overview.publicKey);
    } catch (error) {
      setCan(ability());
      setProblem((error as Error).name);
      return;
    }
    const browser = described(subscription);
    await api.post('/browsers', { ...browser, name: browserName(), language: i18n.language });
    ui.toast(t('here.done'));
    onDone(browser.endpoint);
    await reload();
  }

  if (overview.browsers.some(({ own }) => own))
    return html`<${ui.Card} title=${t('here.title')} icon="ok"><${ui.Status} tone="ok">${t('here.on')}</${ui.Status}></${ui.Card}>`;
  const trusted = html`<${ui.Button} icon="shield" href="#/web-push-certificate">${t('here.certificate')}</${ui.Button}>`;
  return html`<${ui.Card} title=${t('here.title')} icon="screen">
    <${ui.Stack} gap=${3}>
      ${
        can === 'ready'
          ? html`<p>${t('here.how')}</p>
            <${ui.Row}><${ui.Button} kind="primary" disabled=${full} title=${full ? t('here.full') : undefined} onClick=${turnOn}>${t('here.turnOn')}</${ui.Button}>${trusted}</${ui.Row}>`
          : html`<${ui.Notice} tone="warn" title=${t(`cannot.${can}`)} action=${can === 'insecure' || can === 'home-screen' ? trusted : undefined}>${t(`cannot.${can}.how`)}</${ui.Notice}>`
      }
      ${problem && html`<${ui.Notice} tone="bad" title=${t('problem.title')}>${i18n.or(`problem.${problem}`, t('problem.other', { name: problem }))}</${ui.Notice}>`}
    </${ui.Stack}>
  </${ui.Card}>`;
}

function BrowserState({ one, ...props }: PageProps & { one: Browser }) {
  const { i18n, ui } = props;
  const { t } = i18n;
  const { sent, held, dropped, lastSent, lastFault } = one;
  const more = [held > 0 && t('state.held', { n: held }), dropped > 0 && t('state.dropped', { n: dropped })];
  const small = more.filter(Boolean).join(' · ');
  const head = lastFault
    ? html`<${ui.Status} tone="bad">${faultWords(props, lastFault.why, lastFault.status)} · ${i18n.ago(lastFault.at)}</${ui.Status}>`
    : sent === 0
      ? html`<${ui.Status} tone="idle">${t('state.nothing')}</${ui.Status}>`
      : html`<${ui.Status} tone="ok">${t('state.sent', { n: sent })}${lastSent !== undefined && ` · ${i18n.ago(lastSent)}`}</${ui.Status}>`;
  return html`<${ui.Stack} gap=${1}>${head}${small && html`<small>${small}</small>`}</${ui.Stack}>`;
}

function faultWords({ i18n }: Pick<PageProps, 'i18n'>, why = 'unreachable', status?: number): string {
  const words = i18n.t(`fault.${why}`);
  return status === undefined ? words : `${words} (${status})`;
}
