"""Serves the scenes of the demo site as cameras: RTSP on the loopback address, one path for each scene.

Started by ../scene-server.ts. The first line of standard input is its configuration as JSON:

    {"parent": pid, "port": n, "user": "...", "password": "...", "scenes": [{"path": "/lobby", "file": "..."}]}

It prints {"port": n} once it listens (port 0 takes a free one). Clips are sent as they are stored, over and over,
with times that go on across the seam. It ends when standard input closes or its parent is gone; with exit code 3 where
the server library is not installed, and 4 where the port is taken.
"""

import json
import os
import sys

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstApp", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: F401
except (ImportError, ValueError) as error:
    print(error, file=sys.stderr)
    sys.exit(3)

NO_PORT = 4
ROLE = "viewer"


class Clip:
    """The encoded pictures of a file, in the order they are decoded, with times in nanoseconds from 0."""

    def __init__(self, file):
        self.pictures = []  # (bytes, pts, dts, key)
        pipeline = Gst.parse_launch(
            "filesrc name=file ! qtdemux ! h264parse config-interval=-1"
            " ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out sync=false"
        )
        pipeline.get_by_name("file").set_property("location", file)
        out = pipeline.get_by_name("out")
        pipeline.set_state(Gst.State.PLAYING)
        try:
            self._read(out)
            error = pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            whole = out.get_property("eos")
        finally:
            pipeline.set_state(Gst.State.NULL)
        if error:
            raise ValueError(error.parse_error().gerror.message)
        if not whole:
            raise ValueError("it could not be read to its end")
        if not self.pictures:
            raise ValueError("it holds no pictures")

    def _read(self, out):
        times = []
        while (sample := out.try_pull_sample(10 * Gst.SECOND)) is not None:
            self.caps = sample.get_caps()
            buffer = sample.get_buffer()
            pts = buffer.pts if buffer.pts != Gst.CLOCK_TIME_NONE else buffer.dts
            dts = buffer.dts if buffer.dts != Gst.CLOCK_TIME_NONE else pts
            key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
            times.append((buffer.extract_dup(0, buffer.get_size()), pts, dts, key))
        if not times:
            return
        # Times begin at the first picture shown; decoding may begin before it, so all are moved until none is below 0.
        first = min(pts for _, pts, _, _ in times)
        lead = max(0, first - min(dts for _, _, dts, _ in times))
        self.pictures = [(data, pts - first + lead, dts - first + lead, key) for data, pts, dts, key in times]
        # One step behind the last picture comes the first again.
        span = max(pts for _, pts, _, _ in self.pictures) - lead
        step = span // (len(self.pictures) - 1) if len(self.pictures) > 1 else Gst.SECOND // 25
        self.duration = span + step


class Player:
    """Sends a clip to one client, over and over."""

    def __init__(self, clip):
        self.clip, self.next, self.base = clip, 0, 0

    def push(self, appsrc, _wanted):
        if self.next == len(self.clip.pictures):
            self.next, self.base = 0, self.base + self.clip.duration
        data, pts, dts, key = self.clip.pictures[self.next]
        self.next += 1
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts, buffer.dts = self.base + pts, self.base + dts
        if not key:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        appsrc.push_buffer(buffer)


class Scenes:
    """Clips in memory while somebody watches them."""

    def __init__(self):
        self.clips = {}  # file: [clip, watching]

    def configure(self, media, file):
        appsrc = media.get_element().get_by_name("pictures")
        try:
            held = self.clips.setdefault(file, [None, 0])
            held[0] = held[0] or Clip(file)
        except (ValueError, GLib.Error) as error:
            self.clips.pop(file, None)
            print(f"{os.path.basename(file)}: {error}", file=sys.stderr, flush=True)
            # A stream that ends at once: whoever asks for it is told so, and the others go on.
            appsrc.connect("need-data", lambda source, _wanted: source.end_of_stream())
            return
        held[1] += 1
        appsrc.set_property("caps", held[0].caps)
        appsrc.connect("need-data", Player(held[0]).push)
        media.connect("unprepared", lambda _media: self.release(file))

    def release(self, file):
        held = self.clips.get(file)
        if held:
            held[1] -= 1
            if held[1] <= 0:
                del self.clips[file]


def serve(config):
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(config["port"]))
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(config["user"], config["password"], token)
    server.set_auth(auth)

    scenes = Scenes()
    for scene in config["scenes"]:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(
            "( appsrc name=pictures format=time is-live=true max-bytes=500000 ! clocksync"
            " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
        )
        # Each client gets the clip from its start, so its first picture is one that can be decoded alone.
        factory.set_shared(False)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_role(ROLE)
        permissions.add_permission_for_role(ROLE, "media.factory.access", True)
        permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
        factory.set_permissions(permissions)
        factory.connect("media-configure", lambda _factory, media, file=scene["file"]: scenes.configure(media, file))
        server.get_mount_points().add_factory(scene["path"], factory)
    return server


def main():
    # Without Python's buffer: it would swallow the end of the input along with the first line.
    with os.fdopen(0, "rb", buffering=0) as given:
        line = b""
        while not line.endswith(b"\n"):
            part = given.read(1 << 16)
            if not part:
                return
            line += part
        config = json.loads(line)
        Gst.init(None)
        server = serve(config)
        if server.attach(None) == 0:
            sys.exit(NO_PORT)

        loop = GLib.MainLoop()

        def closed(*_):
            if given.read(1 << 16):
                return GLib.SOURCE_CONTINUE
            loop.quit()
            return GLib.SOURCE_REMOVE

        def watch_parent():
            if os.getppid() == config["parent"]:
                return GLib.SOURCE_CONTINUE
            loop.quit()
            return GLib.SOURCE_REMOVE

        GLib.unix_fd_add_full(GLib.PRIORITY_HIGH, 0, GLib.IOCondition.IN | GLib.IOCondition.HUP, closed)
        GLib.timeout_add_seconds(1, watch_parent)
        # Connections of clients that went without a word.
        GLib.timeout_add_seconds(5, lambda: server.get_session_pool().cleanup() >= 0)
        print(json.dumps({"port": server.get_bound_port()}), flush=True)
        loop.run()
    # Streams that still run would hold up an orderly end.
    os._exit(0)


main()
