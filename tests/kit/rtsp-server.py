"""An RTSP camera for tests: serves test patterns and files over RTSP.

Started by rtsp-server.ts with its whole configuration as one JSON argument. Prints `{"port": n}` once it
listens. Ends when its standard input closes, and is killed by the kernel when its parent dies, so that a
crashed test run leaves nothing behind even while the server is stopped by a signal.
"""

import ctypes
import json
import os
import random
import signal
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402, F401

PR_SET_PDEATHSIG = 1

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} ! h264parse",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max={fps} ! h265parse",
    "mjpeg": "jpegenc",
}
PAYLOADERS = {
    "h264": "h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96",
    "h265": "h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96",
    "mjpeg": "rtpjpegpay name=pay0 pt=26",
}
# How the stored stream of a file is reached without decoding it.
DEMUXERS = {".mp4": "qtdemux", ".mkv": "matroskademux", ".avi": "avidemux"}
PARSERS = {
    "h264": "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au",
    "h265": "h265parse ! video/x-h265,stream-format=byte-stream,alignment=au",
    "mjpeg": "jpegparse",
}


def pattern_source(stream, live, width=None, height=None, frames=None):
    """Launch text of an encoded test pattern; with `frames` it ends after so many."""
    fps = stream.get("fps", 25)
    return (
        f"videotestsrc is-live={'true' if live else 'false'} pattern={stream.get('pattern', 'smpte')}"
        + (f" num-buffers={frames}" if frames else "")
        + f" ! video/x-raw,format=I420,width={width or stream.get('width', 640)}"
        + f",height={height or stream.get('height', 360)},framerate={fps}/1"
        + " ! " + ENCODERS[stream["codec"]].format(fps=fps)
    )


def file_source(stream):
    """Launch text that reads a file's own encoded pictures."""
    path = stream["file"]
    demuxer = DEMUXERS[os.path.splitext(path)[1].lower()]
    return f'filesrc location="{path}" ! {demuxer} ! {PARSERS[stream["codec"]]}'


def spoiled(picture, whole, noise):
    """An H.264 picture in Annex B with noise in place of its slices, or of everything behind the start codes."""
    units = []
    for unit in (part.rstrip(b"\x00") for part in picture.split(b"\x00\x00\x01")[1:]):
        slice_type = unit[0] & 0x1F in (1, 5)
        kept = 1 if whole else 4 if slice_type else len(unit)
        # No zero among it, or the packets themselves would begin elsewhere.
        units.append(unit[:kept] + noise.randbytes(len(unit) - kept).replace(b"\x00", b"\x01"))
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


class Recording:
    """Encoded pictures held in memory, with the caps they start from and the time of each."""

    def __init__(self, launches):
        self.pictures = []  # (bytes, pts, dts) with times from 0, in nanoseconds
        self.caps = None
        self.duration = 0
        self.shift = 0
        for launch in launches:
            self._read(launch)

    def _read(self, launch):
        pipeline = Gst.parse_launch(launch + " ! appsink name=out sync=false")
        out = pipeline.get_by_name("out")
        pipeline.set_state(Gst.State.PLAYING)
        start, first, last, step = self.duration, None, 0, Gst.SECOND // 25
        while (sample := out.pull_sample()) is not None:
            buffer = sample.get_buffer()
            self.caps = self.caps or sample.get_caps()
            pts = buffer.pts if buffer.pts != Gst.CLOCK_TIME_NONE else buffer.dts
            dts = buffer.dts if buffer.dts != Gst.CLOCK_TIME_NONE else pts
            first = pts if first is None else first
            if buffer.duration != Gst.CLOCK_TIME_NONE:
                step = buffer.duration
            last = max(last, pts - first)
            self.pictures.append((buffer.extract_dup(0, buffer.get_size()), start + pts - first, start + dts - first))
        error = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
        pipeline.set_state(Gst.State.NULL)
        if error:
            raise RuntimeError(error.parse_error().gerror.message)
        self.duration = start + last + step
        # Decoding times of reordered pictures may lie below zero, which buffers cannot say.
        self.shift = max(self.shift, -min(dts for _, _, dts in self.pictures))


    def spoil(self, whole):
        noise = random.Random(1)
        self.pictures = [(spoiled(data, whole, noise), pts, dts) for data, pts, dts in self.pictures]


class Playback:
    """Pushes one client's own run through a recording, from its start."""

    def __init__(self, recording, loop):
        self.recording, self.loop = recording, loop
        self.next, self.base = 0, 0

    def push(self, appsrc, _wanted):
        if self.next == len(self.recording.pictures):
            if not self.loop:
                appsrc.end_of_stream()
                return
            self.next, self.base = 0, self.base + self.recording.duration
        data, pts, dts = self.recording.pictures[self.next]
        self.next += 1
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = self.base + self.recording.shift + pts
        buffer.dts = self.base + self.recording.shift + dts
        appsrc.push_buffer(buffer)


def recorded_factory(stream, recording, payload=None):
    factory = GstRtspServer.RTSPMediaFactory()
    payload = payload or PAYLOADERS[stream["codec"]]
    factory.set_launch(f"( appsrc name=pictures format=time is-live=true ! clocksync ! {payload} )")

    def configure(_factory, media):
        appsrc = media.get_element().get_by_name("pictures")
        appsrc.set_property("caps", recording.caps)
        playback = Playback(recording, stream.get("loop", False))
        appsrc.connect("need-data", playback.push)

    factory.connect("media-configure", configure)
    return factory


def live_factory(stream):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {pattern_source(stream, live=True)} ! {PAYLOADERS[stream['codec']]} )")
    return factory


def factory_for(stream):
    if "file" in stream:
        return recorded_factory(stream, Recording([file_source(stream)]))
    if "changesTo" in stream:
        change = stream["changesTo"]
        return recorded_factory(stream, Recording([
            pattern_source(stream, live=False, frames=change["afterFrames"]),
            pattern_source(stream, False, change["width"], change["height"], change["afterFrames"]),
        ]))
    if "garbage" in stream:
        annex_b = " ! video/x-h264,stream-format=byte-stream,alignment=au"
        recording = Recording([pattern_source(stream, live=False, frames=50) + annex_b])
        recording.spoil(stream["garbage"] == "all")
        # Without the parser, which would throw away what it cannot read.
        return recorded_factory({**stream, "loop": True}, recording, "rtph264pay name=pay0 pt=96")
    return live_factory(stream)


def require_sign_in(server, config):
    """Lets in only the configured user; returns the role that streams are open to."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if config.get("scheme") == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(config["user"], config["password"]), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(config["user"], config["password"], token)
    server.set_auth(auth)


def main():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Gst.init(None)
    config = json.loads(sys.argv[1])

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(config.get("port", 0)))
    if config.get("user"):
        require_sign_in(server, config)
    for stream in config["streams"]:
        factory = factory_for(stream)
        factory.set_shared(False)
        if config.get("user"):
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_role("viewer")
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(stream["path"], factory)
    if server.attach(None) == 0:
        raise RuntimeError(f"port {config.get('port', 0)} is taken")

    def end_with_parent():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=end_with_parent, daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    GLib.MainLoop().run()


main()
