import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Databases } from './shapes.ts';

/** How often they are read again; while the index loads, how far it is changes by itself. ms */
const EVERY = { ready: 60_000, loading: 2_000 } as const;

/** The databases and whether faces can be compared, kept fresh. */
export function useDatabases({ api, ui }: PageProps) {
  const [loading, setLoading] = useState(false);
  return ui.useData(
    async (signal) => {
      const answer = await api.get<Databases>('/databases', {}, { signal });
      setLoading(answer.index.state !== 'ready');
      return answer;
    },
    { changed: ['portraits', 'cameras'], every: loading ? EVERY.loading : EVERY.ready },
  );
}
