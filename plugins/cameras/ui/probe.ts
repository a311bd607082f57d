import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { addressFault, hostOf } from './address.ts';
import type { Probe } from './shapes.ts';
import { codecName, faultNow, faultText, rateText, sizeText } from './words.ts';

/** Looking at an address before it is kept: the picture, or why there is none and what to do. */

export interface Look {
  /** When the present attempt began; undefined while none runs. */
  since: number | undefined;
  /** What came of the last one, and of which address. */
  result: { url: string; probe: Probe } | undefined;
  /** Looks; resolves to what was found, or undefined when it was given up. Rejects where the box refuses to look. */
  at(url: string, transport: 'tcp' | 'udp', channel?: number): Promise<Probe | undefined>;
  cancel(): void;
  /** Also of a look that still runs: its address is another one now. */
  forget(): void;
}

export function useLook({ api }: PageProps): Look {
  const [since, setSince] = useState<number>();
  const [result, setResult] = useState<Look['result']>();
  const running = useRef<AbortController>(undefined);
  const cancel = () => {
    running.current?.abort();
    running.current = undefined;
    setSince(undefined);
  };
  return {
    since,
    result,
    cancel,
    forget: () => {
      cancel();
      setResult(undefined);
    },
    async at(url, transport, channel) {
      cancel();
      const controller = new AbortController();
      running.current = controller;
      setSince(Date.now());
      setResult(undefined);
      try {
        const body = { url: url.trim(), transport, ...(channel === undefined ? {} : { channel }) };
        const probe = await api.post<Probe>('/probe', body, { signal: controller.signal, timeout: 40_000 });
        if (running.current !== controller) return undefined;
        setResult({ url, probe });
        return probe;
      } catch (error) {
        if (controller.signal.aborted) return undefined;
        throw error;
      } finally {
        if (running.current === controller) cancel();
      }
    },
  };
}

/** While it lasts: how long it has taken, and a way to stop it. */
export function LookProgress({ page, look, url }: { page: PageProps; look: Look; url: string }) {
  const { i18n, ui } = page;
  const now = ui.useNow(500);
  if (look.since === undefined) return null;
  const seconds = Math.max(0, Math.round((now - look.since) / 1000));
  return html`<${ui.Progress} label=${i18n.t('probe.running', { host: hostOf(url) || url, s: seconds })} onCancel=${look.cancel} />`;
}

/** The picture and what the stream is. */
export function Found({ page, probe, name }: { page: PageProps; probe: Probe; name: string }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { width = 16, height = 9 } = probe;
  return html`<div class="cameras-found">
    <${ui.Picture} src=${probe.picture} alt=${t('probe.pictureOf', { name })} ratio=${`${width} / ${height}`} fit="contain" eager missing=${t('probe.noPicture')} />
    <${ui.Stack} gap=${2}>
      <${ui.Status} tone="ok">${t('probe.works')}</${ui.Status}>
      <${ui.Facts} items=${[
        { label: t('fact.size'), value: sizeText(probe) },
        { label: t('fact.codec'), value: codecName(probe.codec) },
        { label: t('fact.rate'), value: probe.fps ? rateText(i18n, probe.fps) : '' },
      ]} />
    </${ui.Stack}>
  </div>`;
}

/** Why there is no picture, and what to do. */
export function NotFound({ page, probe, action }: { page: PageProps; probe: Probe; action?: unknown }) {
  const { i18n, ui } = page;
  const now = faultNow(i18n, probe);
  const text = faultText(i18n, probe);
  return html`<${ui.Notice} tone="bad" title=${text}>
    <${ui.Stack} gap=${2}>
      ${now && html`<p>${now}</p>`}
      ${probe.message.toLowerCase() !== text.toLowerCase() && html`<p class="g-quiet g-small-text cameras-said">${i18n.t('probe.said', { message: probe.message })}</p>`}
      ${action && html`<div>${action}</div>`}
    </${ui.Stack}>
  </${ui.Notice}>`;
}

/** What is plainly wrong with an address, by field, before the box is asked. */
export function checkedAddress(page: PageProps, url: string): Record<string, string | undefined> {
  return { url: addressFault(page.i18n, url) };
}
