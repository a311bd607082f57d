import { useEffect, useRef } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Summary } from './shapes.ts';

/** In a crowd alarms come several a second; counts follow at this pace, ms. */
const FOLLOW_MS = 1_000;

/** How many alarms there are, kept up with what comes in. */
export function useSummary({ api, ui }: PageProps) {
  const found = ui.useData((signal) => api.get<Summary>('/summary', {}, { signal }), {
    changed: ['alarms'],
    // After midnight the counts begin anew although nothing happens.
    every: 5 * 60_000,
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  ui.useLive('alarms.new', {}, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void found.reload();
    }, FOLLOW_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return found;
}
