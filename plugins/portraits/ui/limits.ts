import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps, Params } from '../../../ui/contract.ts';

/** How alike and how many: what every search by photo is limited by, from the query of its address. */

/** What a camera takes for a match unless somebody chose another value. */
const USUAL_THRESHOLD = 80;

export interface Limits {
  threshold: number;
  most: number;
}

/** @param choices of how many, the largest last */
export function limitsOf(params: Params, usualMost: number, choices: readonly number[]): Limits {
  return {
    threshold: whole(params['threshold'], 0, 100) ?? USUAL_THRESHOLD,
    most: whole(params['most'], 1, choices.at(-1) ?? usualMost) ?? usualMost,
  };
}

interface LimitFieldsProps {
  page: PageProps;
  limits: Limits;
  usualMost: number;
  choices: readonly number[];
}

export function LimitFields({ page, limits: { threshold, most }, usualMost, choices }: LimitFieldsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [typed, setTyped] = useState<number | undefined>(threshold);
  const fits = (value: number | undefined) => whole(String(value ?? ''), 0, 100) !== undefined;
  const choose = (value: number | undefined) => {
    setTyped(value);
    if (fits(value)) ui.setParams({ threshold: value === USUAL_THRESHOLD ? undefined : value });
  };
  return html`<div class="portraits-pair">
    <${ui.NumberField} label=${t('search.threshold')} hint=${t('search.thresholdHint')} min=${0} max=${100} step=${1} value=${typed}
      error=${fits(typed) ? undefined : t('search.between')} onChange=${choose} />
    <${ui.SelectField} label=${t('search.most')} value=${most} onChange=${(value: number) => ui.setParams({ most: value === usualMost ? undefined : value })}
      options=${[...new Set([...choices, most])].sort((a, b) => a - b).map((value) => ({ value, label: String(value) }))} />
  </div>`;
}

function whole(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,3}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
