import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Whether this tab is looked at: a hidden one needs no pictures. */
export function useTabVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return visible;
}

/** Whether an element is in sight or about to be; true until the browser says otherwise. */
export function useInSight(element: RefObject<Element | null>): boolean {
  const [inSight, setInSight] = useState(true);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new IntersectionObserver((entries) => setInSight(entries.at(-1)?.isIntersecting ?? true), {
      rootMargin: '100px',
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return inSight;
}

export interface FullScreen {
  full: boolean;
  enter: () => void;
  leave: () => void;
}

/**
 * An element over the whole screen. Where the browser has no full screen for it (phones), `full` alone lets the page
 * lay it over everything; Escape leaves it either way.
 */
export function useFullScreen(element: RefObject<HTMLElement | null>): FullScreen {
  const [full, setFull] = useState(false);
  const leave = () => {
    setFull(false);
    if (document.fullscreenElement) void document.exitFullscreen();
  };
  useEffect(() => {
    if (!full) return;
    const left = () => !document.fullscreenElement && setFull(false);
    const press = (event: KeyboardEvent) => event.key === 'Escape' && leave();
    document.addEventListener('fullscreenchange', left);
    addEventListener('keydown', press);
    return () => {
      document.removeEventListener('fullscreenchange', left);
      removeEventListener('keydown', press);
    };
  }, [full]);
  return {
    full,
    leave,
    enter: () => {
      setFull(true);
      element.current?.requestFullscreen?.().catch(() => {});
    },
  };
}
