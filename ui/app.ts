import { signal } from '@preact/signals';
import { html, render } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { ConfirmHost } from './components/dialog.ts';
import { ErrorState, Skeleton } from './components/states.ts';
import { ToastHost } from './components/toast.ts';
import { loadTexts, shellTexts } from './i18n.ts';
import { Boundary } from './page-host.ts';
import { Alone } from './pages/alone.ts';
import { FirstPassword } from './pages/first-password.ts';
import { Login } from './pages/login.ts';
import { boot, readBoot } from './session.ts';
import { Shell } from './shell.ts';

/** Boots the UI: asks the box who is signed in and shows the login page or the shell. */

const failure = signal<unknown>(undefined);
const RETRY = 3_000;

async function start(): Promise<void> {
  try {
    await readBoot();
    failure.value = undefined;
  } catch (error) {
    // The texts may be there while the box is still starting.
    await loadTexts([]);
    failure.value = error;
  }
}

/** The box does not answer yet: says so and keeps trying. */
function Waiting() {
  useEffect(() => {
    const timer = setInterval(() => void start(), RETRY);
    return () => clearInterval(timer);
  }, []);
  const i18n = shellTexts();
  return html`<${Alone}><${ErrorState} what=${i18n.t('shell.notAnswering')} error=${failure.value} now=${i18n.t('shell.keepsTrying')} onRetry=${start} /></${Alone}>`;
}

function App() {
  const answer = boot.value;
  if (!answer)
    return failure.value === undefined ? html`<${Alone}><${Skeleton} lines=${4} /></${Alone}>` : html`<${Waiting} />`;
  if (!answer.user) return html`<${Login} />`;
  if (answer.user.mustChangePassword) return html`<${FirstPassword} user=${answer.user} />`;
  return html`<${Shell} />`;
}

const fallback = (error: unknown, again: () => void) =>
  html`<${Alone}><${ErrorState} what=${shellTexts().t('shell.broken')} error=${error} onRetry=${again} /></${Alone}>`;

render(
  html`<${Boundary} fallback=${fallback}><${App} /></${Boundary}><${ToastHost} /><${ConfirmHost} />` as never,
  document.getElementById('app') as HTMLElement,
);
void start();
