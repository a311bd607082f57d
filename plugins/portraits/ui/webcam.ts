import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { blobOf } from './pictures.ts';

/** Whether the browser lets this page use a camera: over HTTPS, or on the box itself. Phones have a way of their own. */
export function canFilm(): boolean {
  return isSecureContext && navigator.mediaDevices !== undefined && !matchMedia('(pointer: coarse)').matches;
}

interface WebcamProps {
  page: PageProps;
  onTake: (picture: Blob) => void;
  onClose: () => void;
}

/** The computer's camera, and a button that keeps what it sees. It is on only while this is shown. */
export function Webcam({ page, onTake, onClose }: WebcamProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const video = useRef<HTMLVideoElement>(null);
  const [fault, setFault] = useState<string>();
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let wanted = true;
    let stream: MediaStream | undefined;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    navigator.mediaDevices
      .getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' }, audio: false })
      .then(async (given) => {
        stream = given;
        if (!wanted || !video.current) return stop();
        video.current.srcObject = given;
        await video.current.play();
        setReady(true);
      })
      .catch((error: Error) => {
        if (wanted) setFault(error.name === 'NotAllowedError' ? t('webcam.refused') : t('webcam.none'));
      });
    return () => {
      wanted = false;
      stop();
    };
  }, []);

  const take = async () => {
    const seen = video.current!;
    const canvas = document.createElement('canvas');
    canvas.width = seen.videoWidth;
    canvas.height = seen.videoHeight;
    canvas.getContext('2d')!.drawImage(seen, 0, 0);
    onTake(await blobOf(canvas));
  };

  return html`<div class="portraits-webcam">
    ${fault ? html`<${ui.Notice} tone="bad" title=${t('webcam.failed')}>${fault}</${ui.Notice}>` : html`<video ref=${video} muted playsinline aria-label=${t('webcam.picture')}></video>`}
    <${ui.Row} gap=${2}>
      ${!fault && html`<${ui.Button} kind="primary" icon="cameras" disabled=${!ready} autofocus onClick=${take}>${t('webcam.keep')}</${ui.Button}>`}
      <${ui.Button} onClick=${onClose}>${t('kit.back')}</${ui.Button}>
    </${ui.Row}>
  </div>`;
}
