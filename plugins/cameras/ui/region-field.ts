import { html } from 'htm/preact';
import { useRef } from 'preact/hooks';
import type { Box } from '../../../core/vision/keys.ts';
import type { PageProps } from '../../../ui/contract.ts';
import { dragged, type Grip, middle, type Point } from './regions.ts';
import type { PictureSize } from './shapes.ts';

interface RegionFieldProps {
  page: PageProps;
  /** null: the whole picture. */
  value: Box | null;
  onChange: (value: Box | null) => void;
  error?: string | undefined;
  /** Native size of the stream; undefined while it was never seen, then only the numbers can be given. */
  size: PictureSize | undefined;
  /** Address of a picture to draw on. */
  picture: string | undefined;
}

const CORNERS: Grip[] = ['lt', 'rt', 'lb', 'rb'];

/** The part of the picture that counts: drawn with a finger or mouse, or given as four numbers. Native pixels. */
export function RegionField({ page, value, onChange, error, size, picture }: RegionFieldProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const area = useRef<HTMLDivElement>(null);
  const hold = useRef<{ grip: Grip; from: Point; before: Box | undefined }>(undefined);

  const pointOf = (event: PointerEvent): Point => {
    const bounds = area.current?.getBoundingClientRect();
    if (!bounds || !size || bounds.width === 0) return { x: 0, y: 0 };
    return {
      x: ((event.clientX - bounds.left) / bounds.width) * size.width,
      y: ((event.clientY - bounds.top) / bounds.height) * size.height,
    };
  };
  const press = (event: PointerEvent) => {
    if (!size || event.button !== 0) return;
    const target = event.target as HTMLElement;
    const grip = (target.dataset['grip'] as Grip | undefined) ?? 'new';
    hold.current = { grip, from: pointOf(event), before: value ?? undefined };
    area.current?.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  const move = (event: PointerEvent) => {
    const held = hold.current;
    if (!held || !size) return;
    const to = pointOf(event);
    // A tap beside the region must not replace it by a dot.
    if (held.grip === 'new' && Math.hypot(to.x - held.from.x, to.y - held.from.y) < size.width / 50) return;
    onChange(dragged(held.grip, held.before, held.from, to, size));
  };
  const release = () => {
    hold.current = undefined;
  };

  const toggle = (on: boolean) => onChange(on ? (size ? middle(size) : [0, 0, 1920, 1080]) : null);
  const side = (index: number, label: string) => html`<${ui.NumberField}
    label=${label} value=${Number.isNaN(value?.[index]) ? undefined : value?.[index]} min=${0} step=${1} unit="px"
    max=${size && (index % 2 === 0 ? size.width : size.height)}
    onChange=${(number: number | undefined) => value && onChange(value.with(index, number ?? Number.NaN) as Box)}
  />`;

  return html`<${ui.Stack} gap=${3}>
    <${ui.SwitchField} label=${t('region.label')} hint=${value === null ? t('region.whole') : size ? t('region.draw') : t('region.noPicture')} value=${value !== null} error=${error} onChange=${toggle} />
    ${
      value !== null &&
      size &&
      html`<div
        class="cameras-region" ref=${area} role="img" aria-label=${t('region.on')}
        onPointerDown=${press} onPointerMove=${move} onPointerUp=${release} onPointerCancel=${release}
      >
        <${ui.Picture} src=${picture} alt="" ratio=${`${size.width} / ${size.height}`} fit="contain" eager missing=${t('region.blank')} />
        ${
          value.every(Number.isFinite) &&
          html`<div class="cameras-region-box" data-grip="move" style=${placeOf(value, size)}>
            ${CORNERS.map((grip) => html`<i key=${grip} data-grip=${grip}></i>`)}
          </div>`
        }
      </div>`
    }
    ${
      value !== null &&
      html`<div class="cameras-region-fields" role="group" aria-label=${t('region.label')}>
        ${side(0, t('region.left'))}${side(1, t('region.top'))}${side(2, t('region.right'))}${side(3, t('region.bottom'))}
      </div>`
    }
  </${ui.Stack}>`;
}

function placeOf([left, top, right, bottom]: Box, { width, height }: PictureSize): string {
  const x = (value: number) => `${(value / width) * 100}%`;
  const y = (value: number) => `${(value / height) * 100}%`;
  return `left:${x(left)};top:${y(top)};width:${x(right - left)};height:${y(bottom - top)}`;
}
