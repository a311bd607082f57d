import { startRtspServer } from './rtsp-server.ts';

/** A process for rtsp-server.test.ts that starts a server, says its port, and is then killed. */
const server = await startRtspServer({ streams: [{ path: '/one', codec: 'mjpeg' }] });
if (process.argv[2] === 'freeze') server.freeze();
console.log(server.port);
