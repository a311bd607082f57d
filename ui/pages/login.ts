import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api.ts';
import { IconButton } from '../components/button.ts';
import { PasswordField, TextField } from '../components/fields.ts';
import { Form, useForm } from '../components/form.ts';
import { Notice } from '../components/status.ts';
import type { TextValues } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { t } from '../i18n.ts';
import { readBoot, sessionEnded } from '../session.ts';
import { Alone } from './alone.ts';

/** What the box says of a failed attempt. */
interface Refusal {
  retryTimes: number;
  captchaNeeded?: boolean;
  lockedSeconds?: number;
}

/** Seconds left until `end`, told every second while there are any. */
function useCountdown(end: number): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, Math.ceil((end - now) / 1000));
  useEffect(() => {
    setNow(Date.now());
    if (end <= Date.now()) return;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= end) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [end]);
  return left;
}

const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

export function Login() {
  const form = useForm({ name: '', password: '', captcha: '' });
  const [failure, setFailure] = useState<{ key: string; values?: TextValues }>();
  const [captcha, setCaptcha] = useState<number>();
  const [lockedUntil, setLockedUntil] = useState(0);
  const locked = useCountdown(lockedUntil);

  function check() {
    const { name, password } = form.values;
    return {
      name: name.trim() === '' ? t('login.nameMissing') : undefined,
      password: password === '' ? t('login.passwordMissing') : undefined,
      captcha: captcha !== undefined && form.values.captcha.trim() === '' ? t('login.captchaMissing') : undefined,
    };
  }

  function refused({ retryTimes, captchaNeeded, lockedSeconds }: Refusal): void {
    form.reset({ name: form.values.name, password: '', captcha: '' });
    if (captchaNeeded) setCaptcha(Date.now());
    if (lockedSeconds) {
      setLockedUntil(Date.now() + lockedSeconds * 1000);
      setFailure(undefined);
    } else setFailure({ key: captchaNeeded ? 'login.wrongOrCaptcha' : 'login.wrong', values: { n: retryTimes } });
  }

  async function submit(): Promise<void> {
    setFailure(undefined);
    const { name, password, captcha: typed } = form.values;
    try {
      const body = { name: name.trim(), password, ...(captcha === undefined ? {} : { captcha: typed.trim() }) };
      await call('/p/users/login', { method: 'POST', body });
    } catch (error) {
      const said = error instanceof ApiError ? error.data : undefined;
      if (typeof said !== 'object' || said === null || !('retryTimes' in said)) throw error;
      refused(said as Refusal);
      return;
    }
    await readBoot();
  }

  return html`<${Alone}>
    <h1>${t('login.title')}</h1><p>${t('login.lead')}</p>
    <${Form} form=${form} check=${check} onSubmit=${submit} submit=${t('login.submit')} disabled=${locked > 0}>
      ${sessionEnded.value && !failure && html`<${Notice} tone="info">${t('login.ended')}</${Notice}>`}
      ${
        locked > 0
          ? html`<${Notice} tone="warn" title=${t('login.locked')}>${t('login.lockedFor', { time: minutes(locked) })}</${Notice}>`
          : failure && html`<${Notice} tone="bad">${t(failure.key, failure.values)}</${Notice}>`
      }
      <${TextField} label=${t('login.name')} autocomplete="username" autofocus ...${form.bind('name')} />
      <${PasswordField} label=${t('login.password')} autocomplete="current-password" ...${form.bind('password')} />
      ${
        captcha !== undefined &&
        html`<div class="s-captcha">
            <img src=${`/p/users/captcha.svg?at=${captcha}`} alt=${t('login.captchaAlt')} />
            <${IconButton} icon="refresh" label=${t('login.captchaOther')} onClick=${() => setCaptcha(Date.now())} />
          </div>
          <${TextField} label=${t('login.captcha')} autocomplete="off" mono ...${form.bind('captcha')} />`
      }
    </${Form}>
  </${Alone}>`;
}
