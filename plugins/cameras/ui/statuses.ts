import { useEffect, useRef, useState } from 'preact/hooks';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { PageProps } from '../../../ui/contract.ts';

/** Every camera tells its state once a second: drawn together, not one by one. */
const GATHER_MS = 300;

/** The newest state of every camera, by channel; empty until the box told. */
export function useStatuses({ ui }: Pick<PageProps, 'ui'>): ReadonlyMap<number, CameraStatus> {
  const [shown, setShown] = useState<ReadonlyMap<number, CameraStatus>>(new Map());
  const newest = useRef(new Map<number, CameraStatus>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  ui.useLive<CameraStatus>('cameras.status', {}, (status) => {
    newest.current.set(status.channel, status);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setShown(new Map(newest.current));
    }, GATHER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return shown;
}
