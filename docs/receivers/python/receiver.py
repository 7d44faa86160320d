#!/usr/bin/env python3
"""Receives webhooks of AspireWebhooks: Standard Webhooks 1.0. Python 3.9 or later and its standard library, nothing else.

    WEBHOOK_SECRETS=whsec_... PORT=8090 python3 receiver.py

WEBHOOK_SECRETS has the endpoint's secret; while it is rotated both, separated by a comma. TLS is for a proxy in front.
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Mapping, NamedTuple, Optional, Sequence

MAX_BODY = 1024 * 1024  # bytes
TOLERANCE = 5 * 60  # seconds


class Event(NamedTuple):
    """Something that happened."""

    id: str  # The webhook-id: the same whenever this event is sent.
    type: str
    sequence: Optional[int]  # Rises from each event of a resource to its next; None in the flat style.
    data: dict  # The resource as it was then; in the flat style the whole payload.


class WebhookError(Exception):
    """Why a request is not a webhook of ours. The text has nothing secret."""


def parse_secret(text: str) -> bytes:
    """The key of a secret, whsec_ and base64. ValueError when it is none."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:  # No base64.
        key = b""
    if not text.startswith("whsec_") or len(key) < 24:
        raise ValueError("a secret is whsec_ and at least 24 bytes in base64: copy it as it was shown")
    return key


def construct_event(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[bytes], now: Optional[float] = None, tolerance: int = TOLERANCE
) -> Event:
    """The event of a request whose signature is right; else WebhookError.

    body     the bytes as they came; JSON that was parsed and written again has another signature
    headers  anything with get(name)
    secrets  keys by parse_secret; a signature by any of them counts
    now      seconds since 1970
    """
    message_id, timestamp = headers.get("webhook-id") or "", headers.get("webhook-timestamp") or ""
    signatures = headers.get("webhook-signature") or ""
    if not (message_id and timestamp and signatures):
        raise WebhookError("webhook-id, webhook-timestamp or webhook-signature is missing")
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        raise WebhookError("webhook-timestamp must be whole seconds since 1970")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance:
        raise WebhookError(f"webhook-timestamp is more than {tolerance} s from this machine's time")

    signed = f"{message_id}.{timestamp}.".encode() + body
    valid = False
    for key in secrets:  # All of them, whichever is right: the time that it takes tells nothing.
        expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for signature in signatures.split(" "):
            valid |= hmac.compare_digest(signature.encode(), expected)
    if not valid:
        raise WebhookError("no signature is valid: is the secret this endpoint's, and the body as it came?")

    try:
        payload = json.loads(body)
    except ValueError:
        raise WebhookError("the body is not JSON") from None
    if "event_type" in payload:
        return Event(message_id, payload["event_type"], None, payload)
    return Event(message_id, payload["type"], payload["sequence"], payload["data"])


class Inbox:
    """Takes each event once, and hands it on after it was acknowledged.

    In memory, for trying it out. Yours is a table with the webhook-id as its key, written before the answer: what was answered with 2xx is not sent
    again. It keeps ids for as long as events can be replayed: 90 days.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set = set()
        self._newest: dict = {}
        self._queue: queue.Queue = queue.Queue()

    def take(self, event: Event) -> bool:
        """False when it has come before. INSERT ... ON CONFLICT (id) DO NOTHING."""
        with self._lock:
            if event.id in self._ids:
                return False
            self._ids.add(event.id)
        self._queue.put(event)
        return True

    def work(self) -> None:
        """Handles events one after the other, for ever."""
        while True:
            event = self._queue.get()
            try:
                if self._is_newest(event):
                    handle(event)
                else:
                    say(f"dropped {event.id} {event.type}: a newer event of its resource was here first")
            except Exception as error:  # In your table it is still there: try it again.
                say(f"failed {event.id} {event.type}: {error!r}")

    def _is_newest(self, event: Event) -> bool:
        resource_id = event.data.get("transaction_id") or event.data.get("id")
        if event.sequence is None or resource_id is None:
            return True
        resource = f"{event.type.split('.')[0]}:{resource_id}"
        if event.sequence < self._newest.get(resource, 0):
            return False
        self._newest[resource] = event.sequence
        return True


def handle(event: Event) -> None:
    """Your work. It may take its time: the sender has its answer."""
    say(f"handled {event.id} {event.type}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")  # In one piece: several threads write.
    sys.stdout.flush()


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # Of connections that wait. 5 by itself, and up to 32 webhooks come at a time.


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # Connections are used again.
    timeout = 30  # seconds that a client may be silent

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length") or ""
        if self.path != "/webhooks":
            return self._answer(404, "POST /webhooks", closes=True)
        if not re.fullmatch("[0-9]{1,12}", length):
            return self._answer(411, "Content-Length is missing", closes=True)
        if int(length) > MAX_BODY:
            return self._answer(413, f"at most {MAX_BODY} bytes", closes=True)
        try:
            event = construct_event(self.rfile.read(int(length)), self.headers, self.server.secrets)
        except WebhookError as error:
            say(f"refused: {error}")
            return self._answer(400, str(error))
        if not self.server.inbox.take(event):
            say(f"duplicate {event.id} {event.type}")
        return self._answer(204)

    def _answer(self, status: int, text: str = "", closes: bool = False) -> None:
        body = text.encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        if closes:  # Its body was not read.
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Without a line for each request."""


def main() -> None:
    try:
        secrets = [parse_secret(text.strip()) for text in os.environ.get("WEBHOOK_SECRETS", "").split(",")]
    except ValueError as error:
        sys.exit(f"WEBHOOK_SECRETS: {error}.")
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "8090"))), Receiver)
    server.secrets, server.inbox = secrets, Inbox()
    threading.Thread(target=server.inbox.work, daemon=True).start()
    say(f"listening on http://127.0.0.1:{server.server_port}/webhooks")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
