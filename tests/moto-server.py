"""Serves moto's DynamoDB on a free port of loopback and prints its URL: python3 tests/moto-server.py [--side-by-side]

moto looks at a condition and writes in two steps, and nothing holds other requests off between them. So requests
are taken one after the other, unless --side-by-side asks for what `moto_server` does; threads then take turns as
often as they can, so that the difference shows each time.
"""

import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Logs no request."""

    def log_request(self, *_):
        pass


def main():
    side_by_side = sys.argv[1:] == ["--side-by-side"]
    if side_by_side:
        sys.setswitchinterval(1e-6)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=side_by_side, request_handler=Quiet)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
