import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { Adding } from './adding.ts';
import { Editing } from './editing.ts';

export const styles = ['./cameras.css'];

/** `#/camera?new=1` adds a camera, `#/camera?channel=3` is that one's own page. */
export default function CameraPage(page: PageProps) {
  const channel = Number(page.params['channel']);
  if (Number.isInteger(channel) && channel > 0)
    return html`<${Editing} key=${channel} page=${page} channel=${channel} />`;
  return html`<${Adding} page=${page} />`;
}
