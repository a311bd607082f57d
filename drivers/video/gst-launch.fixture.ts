import { openGstLaunch } from './gst-launch.ts';
import { openSource } from './source.ts';

/** A process for gst-launch.test.ts that watches a stream, says when it has a frame, and is then killed. */
const [url = '', filesFolder = ''] = process.argv.slice(2);
openSource(
  {
    url,
    filesFolder,
    pictures: [],
    rate: { perSecond: 5 },
    onFrame: () => void process.stdout.write('frame\n'),
    onEnd: (reason) => void process.stdout.write(`${JSON.stringify(reason)}\n`),
  },
  openGstLaunch,
);
