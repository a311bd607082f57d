import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './components/button.ts';
import { Icon } from './components/icon.ts';
import { toast } from './components/toast.ts';
import { t } from './i18n.ts';
import { live } from './live.ts';
import { boot } from './session.ts';

/** A blink of the network is not worth a word. */
const PATIENCE = 1_200;

/** Says that the box does not answer, and goes away by itself when it does again. */
export function Banner() {
  const lost = live.state.value === 'lost';
  const [shown, setShown] = useState(false);
  const wasShown = useRef(false);
  useEffect(() => {
    if (lost) {
      const timer = setTimeout(() => {
        wasShown.current = true;
        setShown(true);
      }, PATIENCE);
      return () => clearTimeout(timer);
    }
    if (wasShown.current && live.state.peek() === 'open') toast(t('shell.connectedAgain'));
    wasShown.current = false;
    setShown(false);
  }, [lost]);
  if (!shown) return null;
  return html`<div class="s-banner" role="alert">
    <${Icon} name="offline" class="s-banner-icon" /><span>${t('shell.reconnecting')}</span>
    <${Button} small onClick=${() => live.retryNow()}>${t('shell.tryNow')}</${Button}>
  </div>`;
}

/** Says that the box runs in safe mode, until somebody has it started normally. */
export function SafeMode() {
  const mode = boot.value?.startMode ?? 'normal';
  if (mode === 'normal') return null;
  return html`<div class="s-banner" role="status">
    <${Icon} name="shield" class="s-banner-icon" /><span>${t(`shell.safeMode.${mode}`)}</span>
    <${Button} small href="#/system">${t('shell.safeMode.why')}</${Button}>
  </div>`;
}
