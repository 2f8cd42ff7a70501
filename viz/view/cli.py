"""`peel view`: the browser view of a city, of a scenario, or of a finished run."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from experiments import options


def add_parsers(subparsers: Any) -> None:
    """Add the command to `peel`."""
    parser = subparsers.add_parser(
        "view",
        help="watch a city in the browser, with and without a policy",
        description="Serve the browser view: two maps of one city, without and with a policy, and"
        " why what happened did. Give it a scenario, a city, or the folder of a finished run.",
    )
    parser.add_argument(
        "what",
        nargs="?",
        metavar="SCENARIO|RUN",
        help="scenario, city, or folder of a run, of a comparison, or of a sweep (with --row)",
    )
    parser.add_argument(
        "--row", metavar="RUN", help="which run of a sweep's folder: its number, or its id"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8765, help="port (0: any free one)")
    parser.add_argument(
        "--public", action="store_true",
        help="for a class: listen on all addresses unless --host says otherwise, with tighter caps",
    )  # fmt: skip
    parser.add_argument(
        "--people", type=options.several, metavar="N", help="how many may be in at once"
    )
    parser.add_argument("--no-open", action="store_true", help="don't open a browser")
    parser.add_argument(
        "--setup", action="store_true",
        help="fetch the browser files once with npm, so that the view needs no internet",
    )  # fmt: skip
    parser.add_argument("--setup-tests", action="store_true", help=argparse.SUPPRESS)
    options.add(parser, "seed", "json", "plugin", "quiet")
    parser.set_defaults(call=view_command)


def view_command(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from viz.view import assets, settings

    if args.setup or args.setup_tests:
        fetched = assets.set_up(tests=args.setup_tests)
        if args.json:
            options.print_json({"fetched": fetched, "folder": str(assets.folder())})
            return 0
        print(f"browser files: {', '.join(fetched) or 'all here already'}, in {assets.folder()}")
        return 0
    options.load_plugins(args.plugin)
    complete = settings.prepare()
    from viz.view import server as servers

    plugins = [str(Path(f).resolve()) for f in args.plugin]
    host = "0.0.0.0" if args.public and args.host == "127.0.0.1" else args.host
    with contextlib.closing(servers.bind(host, args.port)) as sock:
        server = servers.make_server(args.public, plugins, args.people)
        server.complete = complete
        if args.public:
            name = _own_name() if host == "0.0.0.0" else host
            server.class_address = f"http://{name}:{sock.getsockname()[1]}"
        target = open_what(args, server)

        def say(text: str) -> None:
            if not args.quiet:
                print(text, file=sys.stderr, flush=True)

        if not complete:
            say(
                "The browser files are not on this machine, so pages fetch them from the internet;"
                " `peel view --setup` (needs npm) fetches them once."
            )

        def ready(address: str) -> None:
            if args.json:
                here = {"address": address + target.lstrip("/"), "lacking": assets.lacking()}
                options.print_json(here)
                sys.stdout.flush()
            say(f"Peel is at {address}{target.lstrip('/')}  (Ctrl-C ends it)")
            if server.class_address:
                say(f"A class joins at {server.class_address}/")
            if not args.no_open:
                import webbrowser

                webbrowser.open(address + target.lstrip("/"))

        with contextlib.suppress(KeyboardInterrupt):
            servers.serve(server, sock, ready)
    return 0


def open_what(args: argparse.Namespace, server: Any) -> str:
    """Make a scenario or run known to the lab; the path to open, "" for the first page."""
    from sim.errors import UserError
    from viz.view import opened

    if args.what:
        return opened.open_what(args.what, args.seed, server, args.row)
    if args.row is not None:
        raise UserError(f"--row {args.row}: name the sweep's folder before it")
    return ""


def _own_name() -> str:
    """This machine's address as others on the network reach it, as far as it can tell."""
    import socket

    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation; nothing is sent
        return str(probe.getsockname()[0])
    return socket.gethostname()
