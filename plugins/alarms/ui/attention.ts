import { useEffect, useRef, useState } from 'preact/hooks';

/** Where the attention of whoever sits in front of the page is. */

/** A pointer that rests is about to press nothing, ms. */
const RESTS_MS = 10_000;
/** Scrolled further than this, somebody reads further down, px. */
const SCROLLED = 160;

export interface Attention {
  /** Nothing must move now. */
  held: boolean;
  /** To be put on what must not move. */
  watch: { onPointerMove: (event: PointerEvent) => void; onPointerLeave: () => void };
}

/** Whether a mouse is moving over something, or the page is scrolled to where new things would push it. */
export function useAttention(): Attention {
  const [pointed, setPointed] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const look = () => setScrolled(scrollY > SCROLLED);
    addEventListener('scroll', look, { passive: true });
    return () => {
      removeEventListener('scroll', look);
      clearTimeout(rest.current);
    };
  }, []);
  const release = () => {
    clearTimeout(rest.current);
    setPointed(false);
  };
  return {
    held: pointed || scrolled,
    watch: {
      onPointerMove: (event) => {
        // A finger is only there while it presses.
        if (event.pointerType !== 'mouse') return;
        setPointed(true);
        clearTimeout(rest.current);
        rest.current = setTimeout(release, RESTS_MS);
      },
      onPointerLeave: release,
    },
  };
}

/** Room for list and detail side by side. */
const ROOMY = '(min-width: 1180px)';

export function useRoomy(): boolean {
  const [roomy, setRoomy] = useState(() => matchMedia(ROOMY).matches);
  useEffect(() => {
    const query = matchMedia(ROOMY);
    const look = () => setRoomy(query.matches);
    query.addEventListener('change', look);
    return () => query.removeEventListener('change', look);
  }, []);
  return roomy;
}

/** Calls for single keys that are pressed nowhere in particular: not in a field, not where something is asked, without Ctrl. */
export function useKeys(keys: Readonly<Record<string, (() => void) | undefined>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (target.closest('input, textarea, select, [contenteditable]') || document.querySelector('dialog[open] form'))
        return;
      // Enter on a button or link is that button's.
      if (event.key === 'Enter' && target.closest('a, button, summary')) return;
      const act = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
