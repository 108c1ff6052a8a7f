"""A connection to a server that answers each line with a line."""

import logging
import socket

logger = logging.getLogger(__name__)


class ConnectionFailed(Exception):
    """Raised when the server cannot be reached."""

    def __init__(self, host, port, message):
        super().__init__(message)
        self.host = host
        self.port = port
        self.message = message


class Connection:
    """A connection that is opened when it is first needed."""

    def __init__(self, host, port, timeout=None, encoding="utf-8"):
        self.host = host
        self.port = port
        self.timeout = timeout
        self.encoding = encoding
        self._socket = None
        self._buffer = b""

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.close()

    def open(self):
        """Connect to the server."""
        if self._socket is not None:
            return
        try:
            self._socket = socket.create_connection((self.host, self.port), self.timeout)
        except OSError as error:
            logger.error("Cannot connect to %s:%s", self.host, self.port)
            raise ConnectionFailed(self.host, self.port, str(error)) from error

    def close(self):
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, text):
        """Send one line."""
        self.open()
        self._socket.sendall(text.encode(self.encoding) + b"\n")

    def receive(self):
        """Return the next line that the server sends."""
        self.open()
        while b"\n" not in self._buffer:
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionFailed(self.host, self.port, "The server went away")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode(self.encoding)
