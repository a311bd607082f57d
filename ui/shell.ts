import { useSignal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { Banner, SafeMode } from './banner.ts';
import { Mark } from './brand.ts';
import { Button, IconButton } from './components/button.ts';
import { Dialog } from './components/dialog.ts';
import { Icon } from './components/icon.ts';
import { Empty } from './components/states.ts';
import type { Me } from './contract.ts';
import { t, translator } from './i18n.ts';
import { currentPage, type Place, places } from './navigation.ts';
import { PluginPart } from './page-host.ts';
import { AccountPage } from './pages/account.ts';
import { chooseNavigation, cramped, narrowNavigation } from './preferences.ts';
import { route } from './router.ts';
import { me, signOut } from './session.ts';
import { LanguageButton, LanguageSwitch, ThemeButton, ThemeSwitch } from './switches.ts';

/** How many places the phone's bottom bar holds beside "More". */
const BOTTOM = 4;
/** Id of the shell's own page. */
const ACCOUNT = 'account';

function PlaceLink({ place }: { place: Place }) {
  const current = currentPage.value?.slot === place.slot;
  return html`<a
    class="s-place" href=${`#/${place.pages[0]?.id}`} aria-current=${current ? 'page' : undefined} title=${t(`slot.${place.slot}`)}
  ><${Icon} name=${place.slot} /><span class="s-word">${t(`slot.${place.slot}`)}</span></a>`;
}

function AccountLink({ account }: { account: Me }) {
  return html`<a class="s-account" href=${`#/${ACCOUNT}`} aria-current=${route.value.page === ACCOUNT ? 'page' : undefined} title=${t('account.title')}>
    <span class="s-initial" aria-hidden="true">${[...account.name][0]?.toUpperCase()}</span>
    <span class="s-who s-word"><b>${account.name}</b><small>${t(`role.${account.role}`)}</small></span>
  </a>`;
}

function Side({ account }: { account: Me }) {
  const narrow = narrowNavigation.value;
  const fold = t(narrow ? 'shell.widen' : 'shell.narrow');
  return html`<nav class="s-side" aria-label=${t('shell.navigation')}>
    <a class="s-brand" href="#/"><${Mark} /><span class="s-word">${t('shell.product')}</span></a>
    <div class="s-places">${places.value.map((place) => html`<${PlaceLink} key=${place.slot} place=${place} />`)}</div>
    <div class="s-foot">
      <${AccountLink} account=${account} />
      <div class="s-switches">
        <${LanguageButton} /><${ThemeButton} />
        <${IconButton} icon="logout" label=${t('shell.signOut')} onClick=${signOut} />
        ${!cramped.value && html`<${IconButton} icon=${narrow ? 'wide' : 'narrow'} label=${fold} onClick=${() => chooseNavigation(!narrow)} />`}
      </div>
    </div>
  </nav>`;
}

/** The phone's navigation: the first places below the thumb, everything else in a sheet. */
function Bottom({ account }: { account: Me }) {
  const open = useSignal(false);
  const shown = places.value.slice(0, BOTTOM);
  const slot = currentPage.value?.slot;
  const elsewhere = !shown.some((place) => place.slot === slot);
  const close = () => {
    open.value = false;
  };
  useEffect(close, [route.value.page]);
  return html`<nav class="s-bottom" aria-label=${t('shell.navigation')}>
      ${shown.map(
        (
          place,
        ) => html`<a key=${place.slot} href=${`#/${place.pages[0]?.id}`} aria-current=${slot === place.slot ? 'page' : undefined}>
          <${Icon} name=${place.slot} size=${22} /><span>${t(`slot.${place.slot}`)}</span></a>`,
      )}
      <button type="button" aria-current=${elsewhere ? 'true' : undefined} aria-haspopup="dialog" onClick=${() => (open.value = true)}>
        <${Icon} name="menu" size=${22} /><span>${t('shell.more')}</span>
      </button>
    </nav>
    ${
      open.value &&
      html`<${Dialog} title=${t('shell.product')} onClose=${close}>
        <div class="s-sheet" onClick=${(event: Event) => (event.target as Element).closest('a') && close()}>
          <div class="s-places">${places.value.slice(BOTTOM).map((place) => html`<${PlaceLink} key=${place.slot} place=${place} />`)}</div>
          <${AccountLink} account=${account} />
          <${LanguageSwitch} /><${ThemeSwitch} />
          <${Button} icon="logout" block onClick=${signOut}>${t('shell.signOut')}</${Button}>
        </div>
      </${Dialog}>`
    }`;
}

/** The pages of the present place beside one another, where there is more than one. */
function Tabs() {
  const page = currentPage.value;
  const place = places.value.find((candidate) => candidate.slot === page?.slot);
  if (!place || place.pages.length < 2) return null;
  return html`<nav class="s-tabs" aria-label=${t(`slot.${place.slot}`)}>
    ${place.pages.map(
      (
        candidate,
      ) => html`<a key=${candidate.id} href=${`#/${candidate.id}`} aria-current=${candidate.id === page?.id ? 'page' : undefined}>
        ${translator(candidate.plugin).t(candidate.title)}</a>`,
    )}
  </nav>`;
}

function Content() {
  const { page: id, params } = route.value;
  const page = currentPage.value;
  if (page) return html`<${PluginPart} key=${page.id} part=${page} params=${params} />`;
  if (id === ACCOUNT || places.value.length === 0) return html`<${AccountPage} />`;
  return html`<div class="g-page"><${Empty}
    icon="search" title=${t('shell.noSuchPage')} action=${html`<${Button} kind="primary" href="#/">${t('shell.home')}</${Button}>`}
  >${t('shell.noSuchPageWhy')}</${Empty}></div>`;
}

/** Navigation, banner and the page of the address. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const account = me.value;
  const { page } = route.value;
  useEffect(() => {
    // On a new page the keyboard and the screen reader start at its top, as with a page load.
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [page]);
  if (!account) return null;
  return html`<div class="s-shell" data-narrow=${narrowNavigation.value || cramped.value || undefined}>
    <button type="button" class="s-skip g-button" data-kind="primary" onClick=${() => main.current?.focus()}>${t('shell.skip')}</button>
    <${Side} account=${account} />
    <div class="s-main"><${Banner} /><${SafeMode} /><${Tabs} /><main ref=${main} tabindex="-1"><${Content} /></main></div>
    <${Bottom} account=${account} />
  </div>`;
}
