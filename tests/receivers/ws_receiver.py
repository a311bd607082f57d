#!/usr/bin/python3
"""A subscriber to WebSocket pushes, as strict as the sample of the interface's appendix F. Standard library only.

Prints one JSON line when it is connected, one for the acknowledgement and one for each push; ends with status 1 at
the first frame the sample would stumble over.

    ws_receiver.py HOST PORT KEY [--msg-id 776]
"""

import argparse
import base64
import hashlib
import json
import os
import socket
import struct
import sys

REQUIRED_777 = """camera_name device_id channel img_id img_path lib_name lib_type person_addr person_age person_gender
    person_idcard person_name position ranking similarity quality snap_id snap_buf snap_feat snap_path snap_frame
    trigger""".split()
REQUIRED_778 = ["key_person_cnt", "white_list_cnt", "stranger_cnt"]
ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MOST = 64 * 1024 * 1024


def say(**values):
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


class Client:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=120)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                "GET /ws/ HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n" % (host, port, key)
            ).encode()
        )
        if b" 101 " not in self.stream.readline():
            raise ValueError("the box does not speak WebSocket here")
        proof = base64.b64encode(hashlib.sha1((key + ACCEPT).encode()).digest()).decode()
        proven = False
        for line in iter(self.stream.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            proven = proven or (name.lower() == "sec-websocket-accept" and value.strip() == proof)
        if not proven:
            raise ValueError("the answer to the handshake is wrong")

    def send(self, kind, content):
        mask = os.urandom(4)
        if len(content) > 65535:
            raise ValueError("too long")
        size = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + struct.pack(">H", len(content))
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(content))
        self.socket.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def read(self, size):
        content = self.stream.read(size)
        if len(content) != size:
            raise EOFError("the connection ended")
        return content

    def receive(self):
        """The next text; pings are answered meanwhile. None: the box closed."""
        text = b""
        while True:
            first, second = self.read(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", self.read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self.read(8))
            if second & 0x80 or size + len(text) > MOST:
                raise ValueError("a frame the box must not send")
            content, kind = self.read(size), first & 0x0F
            if kind == 8:
                say(closed=struct.unpack(">H", content[:2])[0] if len(content) > 1 else 1005)
                return None
            if kind == 9:
                self.send(10, content)
            elif kind in (0, 1):
                text += content
                if first & 0x80:
                    return text.decode()


def picture(uri):
    """Bytes behind the first comma, as the sample decodes them."""
    return base64.b64decode(uri.split(",", 1)[1], validate=True)


def take(frame):
    """Reads a frame as the sample does; raises what it would stumble over."""
    frame["msg"]
    if "data" not in frame:
        return {"acknowledged": frame["code"]}
    data = frame["data"]
    if frame["msg_id"] == "778":
        return {"msg_id": "778", "data": {name: data[name] for name in REQUIRED_778}}
    for name in REQUIRED_777:
        data[name]
    pictures = {name: len(picture(data[name])) for name in ("snap_buf", "snap_frame") if data[name] != ""}
    if data["img"] != -1:
        pictures["img"] = len(picture(data["img"]))
    told = {name: value for name, value in data.items() if name not in ("snap_buf", "snap_frame", "img")}
    return {"msg_id": frame["msg_id"], "pictures": pictures, "data": told}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("host")
    options.add_argument("port", type=int)
    options.add_argument("key")
    options.add_argument("--msg-id", default="776")
    given = options.parse_args()
    client = Client(given.host, given.port)
    say(connected=True)
    client.send(1, json.dumps({"key": given.key, "msg_id": given.msg_id}).encode())
    for text in iter(client.receive, None):
        try:
            say(**take(json.loads(text)))
        except Exception as fault:  # whatever the sample would have stumbled over
            say(fault="%s: %s" % (type(fault).__name__, fault))
            sys.exit(1)


if __name__ == "__main__":
    main()
