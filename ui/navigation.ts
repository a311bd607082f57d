import { computed } from '@preact/signals';
import type { Slot } from '../core/plugin/contract.ts';
import type { Boot, BootPage } from './contract.ts';
import { route } from './router.ts';
import { boot } from './session.ts';

/** Where the user can go, and where they are. The shell knows slots; which pages stand in them comes from the box. */

export interface Place {
  slot: Slot;
  /** Those of the navigation; at least one. */
  pages: BootPage[];
}

/** Every slot in the order of the navigation; the compiler sees to it that none is missing. */
const ORDER: Record<Slot, true> = {
  overview: true,
  live: true,
  alarms: true,
  records: true,
  people: true,
  doors: true,
  attendance: true,
  cameras: true,
  settings: true,
  system: true,
};

function placesOf(answer: Boot | undefined): Place[] {
  const shown = (answer?.pages ?? []).filter((page) => !page.hidden);
  return (Object.keys(ORDER) as Slot[])
    .map((slot) => ({
      slot,
      pages: shown.filter((page) => page.slot === slot).sort((a, b) => (a.order ?? 0) - (b.order ?? 0)),
    }))
    .filter((place) => place.pages.length > 0);
}

/** Slots that have pages for this account. */
export const places = computed(() => placesOf(boot.value));

/** Page of the address; without one the first page there is. Undefined for the shell's own and for unknown ones. */
export const currentPage = computed<BootPage | undefined>(() => {
  const { page } = route.value;
  if (page === '') return places.value[0]?.pages[0];
  return boot.value?.pages.find((candidate) => candidate.id === page);
});
