"""A real etcd server for tests: one process on free loopback ports, with mutual TLS, data in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from bbs.stores.etcd_client import Secrets
from bbs.stores.etcd_client import etcd_pb2 as pb
from tests.engines.certificates import Authority
from tests.engines.ports import free_port

Answer = TypeVar("Answer", bound=Message)

START_LIMIT = 30.0


def etcd_binary() -> Path:
    """Where etcd lies: env ETCD, the tools folder, PATH. Fails with what to run when it is nowhere."""
    tools = Path(os.environ.get("DIEGO_TOOLS", Path.home() / ".cache/diego-operator/tools"))
    found = shutil.which("etcd")
    for candidate in (os.environ.get("ETCD"), tools / "bin" / "etcd", found):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    message = "no etcd found: run `scripts/tools etcd`, or name the binary in ETCD"
    raise FileNotFoundError(message)


class EtcdServer:
    """One server. `start` may be called again after `kill`: it comes back on the same port with its data."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.authority = Authority(folder / "tls")
        self.flags = flags
        self.port = free_port()
        self._peer_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._server_files = self.authority.leaf("server")
        self.secrets = Secrets(self.authority.ca_file, *self.authority.leaf("client"))

    @property
    def endpoint(self) -> str:
        """What a client is given."""
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers a TLS handshake on a ready listener."""
        cert_file, key_file = self._server_files
        peer = f"http://127.0.0.1:{self._peer_port}"
        command = [
            *(str(etcd_binary()), "--name", "one", "--data-dir", str(self.folder / "data")),
            *("--listen-client-urls", self.endpoint, "--advertise-client-urls", self.endpoint),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"one={peer}", "--client-cert-auth", "--unsafe-no-fsync"),
            *("--trusted-ca-file", str(self.authority.ca_file)),
            *("--cert-file", str(cert_file), "--key-file", str(key_file), "--log-level", "warn"),
            *self.flags,
        ]
        with (self.folder / "etcd.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._await_ready()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the server process."""
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def runs(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def empty(self) -> None:
        """Deletes every key, and the history of them."""
        delete = pb.DeleteRangeRequest(key=b"\0", range_end=b"\0")
        with self._channel() as channel:
            self._call(channel, "Put", pb.PutRequest(key=b"emptied"), pb.PutResponse)  # a revision to compact to
            revision = self._call(channel, "DeleteRange", delete, pb.DeleteRangeResponse).header.revision
            self._call(channel, "Compact", pb.CompactionRequest(revision=revision), pb.CompactionResponse)

    def put(self, key: bytes, value: bytes) -> None:
        """Writes a key as another program would."""
        with self._channel() as channel:
            self._call(channel, "Put", pb.PutRequest(key=key, value=value), pb.PutResponse)

    def get(self, key: bytes) -> bytes | None:
        """Reads a key as another program would."""
        with self._channel() as channel:
            found = self._call(channel, "Range", pb.RangeRequest(key=key), pb.RangeResponse).kvs
        return found[0].value if found else None

    def keys(self) -> list[bytes]:
        """Every key."""
        everything = pb.RangeRequest(key=b"\0", range_end=b"\0", keys_only=True)
        with self._channel() as channel:
            return [pair.key for pair in self._call(channel, "Range", everything, pb.RangeResponse).kvs]

    def _channel(self) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(*self.secrets.read())
        options = [("grpc.max_receive_message_length", -1)]
        return grpc.secure_channel(f"127.0.0.1:{self.port}", credentials, options)

    def _call(self, channel: grpc.Channel, name: str, request: Message, answer: type[Answer]) -> Answer:
        method = channel.unary_unary(
            f"/etcdserverpb.KV/{name}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        response: Answer = method(request, timeout=20)
        return response

    def kill(self) -> None:
        """Ends it at once, paused or not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _await_ready(self) -> None:
        context = ssl.create_default_context(cafile=str(self.authority.ca_file))
        context.load_cert_chain(self.secrets.cert_file, self.secrets.key_file)
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                with (
                    socket.create_connection(("127.0.0.1", self.port), 1) as plain,
                    context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
                ):
                    secured.sendall(b"GET /health HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\n\r\n")
                    if b" 200 " in secured.recv(200):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        text = (self.folder / "etcd.log").read_text(errors="replace")[-2000:]
        message = f"etcd did not become ready on {self.endpoint}: {text}"
        raise RuntimeError(message)
