#!/usr/bin/python3
"""A receiver of HTTP pushes, as strict as the sample of the interface's appendix F. Standard library only.

Prints one JSON line for the port, then one for each push: msg_id, key, names and sizes of the files, and the data.
A push it cannot take is answered with 500 and printed with `fault`.

    http_receiver.py [--port N]
"""

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUIRED_774 = """camera_name device_id channel position img_id img_path lib_name lib_type person_addr person_age
    person_gender person_idcard person_name snap_id similarity quality snap_feat snap_path trigger""".split()
REQUIRED_775 = ["device_id", "trigger"]
MOST = 32 * 1024 * 1024


def say(**values):
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def parts_of(content_type, body):
    """Splits a multipart body: {name: (file name or None, bytes)}."""
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != "multipart/form-data":
        raise ValueError("not multipart/form-data: " + content_type)
    boundary = parameters.split("boundary=", 1)[1].strip().strip('"').encode()
    sections = body.split(b"--" + boundary)
    if not body.startswith(b"--" + boundary) or sections[-1].strip() != b"--":
        raise ValueError("the form does not end as it should")
    found = {}
    for section in sections[1:-1]:
        head, _, content = section.partition(b"\r\n\r\n")
        if not content.endswith(b"\r\n"):
            raise ValueError("a part does not end as it should")
        values = {}
        for line in head.decode().split("\r\n"):
            if line.lower().startswith("content-disposition:"):
                for piece in line.split(";")[1:]:
                    name, _, value = piece.strip().partition("=")
                    values[name] = value.strip('"')
        found[values["name"]] = (values.get("filename"), content[:-2])
    return found


def take(content_type, body):
    """Reads a push as the sample does; raises what it would stumble over."""
    parts = parts_of(content_type, body)
    text = json.loads(parts["json"][1].decode())
    files = {name: len(content) for name, (file, content) in parts.items() if file is not None}
    data = text["data"]
    # A number: the text "774" is another message to the sample.
    if text["msg_id"] == 774 and isinstance(text["msg_id"], int):
        for name in REQUIRED_774:
            data[name]
        if files:
            files["snap"], files["snap_frame"]
    elif text["msg_id"] == 775 and isinstance(text["msg_id"], int):
        for name in REQUIRED_775:
            data[name]
        if files:
            raise ValueError("a heartbeat has no files")
    else:
        raise ValueError("msg_id %r" % text["msg_id"])
    starts = {name: parts[name][1][:3].hex() for name in files}
    return {"msg_id": text["msg_id"], "key": parts["key"][1].decode(), "files": files, "starts": starts, "data": data}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        size = int(self.headers.get("content-length", "-1"))
        if not 0 <= size <= MOST:
            self.answer(413)
            return
        body = self.rfile.read(size)
        try:
            said = take(self.headers.get("content-type", ""), body)
        except Exception as fault:  # whatever the sample would have stumbled over
            say(fault="%s: %s" % (type(fault).__name__, fault))
            self.answer(500)
            return
        say(**said)
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    server = ThreadingHTTPServer(("127.0.0.1", options.parse_args().port), Receiver)
    server.daemon_threads = True
    say(port=server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
