import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { live } from './live.ts';

/** Hooks for what nearly every page does: read something, keep it fresh, follow something live. */

export interface DataState<T> {
  /** Undefined until it was read once; stays while it is read again. */
  data: T | undefined;
  /** Of the last attempt. */
  error: unknown;
  loading: boolean;
  reload(): Promise<void>;
  /** Puts in what is known already, for example the answer of a save. */
  set(data: T): void;
}

export interface DataOptions {
  /** Reads again when one of these changes. */
  deps?: readonly unknown[];
  /** Plugins whose `changed` notices make it read again; every reconnect does too. */
  changed?: readonly string[];
  /** Reads again every so many ms while the tab is visible. */
  every?: number;
  /** Waits while false. */
  when?: boolean;
}

/** A burst of changes is one reading. */
const SETTLE = 150;

/** Reads something at the start and whenever it may have changed. */
export function useData<T>(load: (signal: AbortSignal) => Promise<T>, options: DataOptions = {}): DataState<T> {
  const { deps = [], changed = [], every, when = true } = options;
  const [state, setState] = useState<{ data: T | undefined; error: unknown; loading: boolean }>({
    data: undefined,
    error: undefined,
    loading: when,
  });
  const loader = useRef(load);
  loader.current = load;
  const running = useRef<AbortController | null>(null);

  const read = useCallback(async () => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setState((before) => (before.loading ? before : { ...before, loading: true }));
    try {
      const data = await loader.current(controller.signal);
      if (running.current === controller) setState({ data, error: undefined, loading: false });
    } catch (error) {
      if (running.current === controller) setState((before) => ({ ...before, error, loading: false }));
    }
    if (running.current === controller) running.current = null;
  }, []);

  useEffect(() => {
    if (!when) return;
    void read();
    return () => {
      running.current?.abort();
      running.current = null;
    };
  }, [when, ...deps]);

  useEffect(() => {
    if (!when) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        // Ending a slow reading for the next would never show anything; what it misses is read after it.
        if (running.current) soon();
        else void read();
      }, SETTLE);
    };
    const stops = changed.map((plugin) => live.onChanged(plugin, soon));
    const poll = every
      ? setInterval(() => {
          // While the box does not answer, the reconnect says when asking makes sense again.
          if (document.visibilityState !== 'visible' || live.state.peek() === 'lost' || running.current) return;
          void read();
        }, every)
      : undefined;
    return () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
      clearInterval(poll);
    };
  }, [when, changed.join(), every]);

  const set = useCallback((data: T) => setState({ data, error: undefined, loading: false }), []);
  return { ...state, reload: read, set };
}

/**
 * Follows a live topic while the component is on the page. A change of `params` subscribes anew; `undefined` params
 * mean not now.
 */
export function useLive<T>(
  topic: string,
  params: Record<string, unknown> | undefined,
  onData: (data: T, bytes?: Uint8Array<ArrayBuffer>) => void,
  onError?: (error: { code: number; msg: string }) => void,
): void {
  const handlers = useRef({ onData, onError });
  handlers.current = { onData, onError };
  const key = params === undefined ? undefined : JSON.stringify(params);
  useEffect(() => {
    if (key === undefined) return;
    return live.subscribe<T>(
      topic,
      JSON.parse(key) as Record<string, unknown>,
      (data, bytes) => handlers.current.onData(data, bytes),
      (error) => handlers.current.onError?.(error),
    );
  }, [topic, key]);
}

/** The time, told anew every `every` ms, for "3 minutes ago" and countdowns. */
export function useNow(every = 30_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
