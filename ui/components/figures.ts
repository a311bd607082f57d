import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.ts';
import type { Tone } from './status.ts';

export interface StatProps {
  label: string;
  value: ComponentChildren;
  /** Behind the value, smaller: "of 8", "fps". */
  unit?: ComponentChildren;
  /** Under it: what it means now. */
  hint?: ComponentChildren;
  tone?: Tone;
  /** The whole figure leads there. */
  href?: string;
}

/** One number that answers a question. */
export function Stat({ label, value, unit, hint, tone, href }: StatProps) {
  const body = html`<span class="g-stat-label">${label}</span>
    <span class="g-stat-value"><b>${value}</b>${unit && html`<span class="g-stat-unit">${unit}</span>`}</span>
    ${hint && html`<span class="g-stat-hint" data-tone=${tone}>${tone && html`<${Icon} name=${tone} size=${16} />`}<span>${hint}</span></span>`}`;
  return href ? html`<a class="g-stat" href=${href}>${body}</a>` : html`<div class="g-stat">${body}</div>`;
}

export interface MeterProps {
  label: string;
  /** Parts of `max`, drawn one behind another. */
  parts: { label: string; value: number; text: string; tone?: 'accent' | 'second' | 'quiet' | 'warn' | 'bad' }[];
  max: number;
  /** Names of the parts under the bar. */
  legend?: boolean;
}

/** How full something is, and with what. */
export function Meter({ label, parts, max, legend = true }: MeterProps) {
  const said = parts.map((part) => `${part.label}: ${part.text}`).join(', ');
  return html`<div class="g-meter">
    <div class="g-meter-bar" role="img" aria-label=${`${label}: ${said}`}>
      ${parts.map((part) => html`<span key=${part.label} data-tone=${part.tone ?? 'accent'} style=${`width:${max > 0 ? Math.min(100, (part.value / max) * 100) : 0}%`}></span>`)}
    </div>
    ${
      legend &&
      html`<ul class="g-meter-legend" aria-hidden="true">
        ${parts.map((part) => html`<li key=${part.label}><i data-tone=${part.tone ?? 'accent'}></i>${part.label}<b class="g-num">${part.text}</b></li>`)}
      </ul>`
    }
  </div>`;
}

export interface BarsProps {
  /** What the bars show, for screen readers. */
  label: string;
  values: readonly number[];
  /** Name of each bar, for the tooltip and screen readers. */
  names: readonly string[];
  /** Text under some bars, by index. */
  ticks?: Record<number, string>;
  /** Drawn in the accent, the others paler. */
  current?: number;
  /** px, 96 by default. */
  height?: number;
}

/** A small column chart: counts per hour. */
export function Bars({ label, values, names, ticks = {}, current, height = 96 }: BarsProps) {
  const most = Math.max(1, ...values);
  return html`<div class="g-bars" role="img" aria-label=${`${label}: ${values.map((v, i) => `${names[i] ?? i} ${v}`).join(', ')}`}>
    <div class="g-bars-area" style=${`height:${height}px`}>
      ${values.map(
        (
          value,
          i,
        ) => html`<span key=${i} title=${`${names[i] ?? ''} · ${value}`} data-current=${i === current || undefined}>
        <i style=${`height:${value === 0 ? '2px' : `max(4px, ${(value / most) * 100}%)`}`} data-zero=${value === 0 || undefined}></i></span>`,
      )}
    </div>
    <div class="g-bars-ticks" aria-hidden="true">
      ${Object.entries(ticks).map(([i, text]) => html`<span key=${i} style=${`left:${((Number(i) + 0.5) / values.length) * 100}%`}>${text}</span>`)}
    </div>
  </div>`;
}
