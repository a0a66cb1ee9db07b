"""A container's health check: `healthcheck.py URL` exits with 0 where the URL returns 200. It imports little."""

import http.client
import sys
from urllib.parse import urlsplit

url = urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port, timeout=2)
try:
    connection.request("GET", url.path)
    sys.exit(0 if connection.getresponse().status == 200 else 1)
except OSError:
    sys.exit(1)
