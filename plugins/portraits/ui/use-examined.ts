import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { bodyOf } from './pictures.ts';
import type { Chosen, Examined } from './shapes.ts';

/** What the box says of a chosen picture. */
export interface Look {
  examined?: Examined;
  error?: unknown;
  looking: boolean;
}

/**
 * Shows a picture to the box as soon as it is chosen; another one takes its place.
 * @param near ask for people who are enrolled already, too
 */
export function useExamined({ api }: PageProps, chosen: Chosen | undefined, near: boolean): Look {
  const [look, setLook] = useState<Look & { of?: Chosen }>({ looking: false });
  useEffect(() => {
    if (!chosen) return;
    const controller = new AbortController();
    const { signal } = controller;
    setLook({ of: chosen, looking: true });
    bodyOf(chosen)
      .then((body) => api.post<Examined>('/examine', { ...body, near }, { signal }))
      .then((examined) => setLook({ of: chosen, examined, looking: false }))
      .catch((error: unknown) => {
        if (!signal.aborted) setLook({ of: chosen, error, looking: false });
      });
    return () => controller.abort();
  }, [chosen, near]);
  // What was said of the picture before is nothing of this one.
  return look.of === chosen ? look : { looking: chosen !== undefined };
}
