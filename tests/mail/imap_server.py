"""A real IMAP server, Dovecot, of one test process alone, and a mailbox in it."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leaving_out import left_out

from partnerforms.settings import Mailbox

USER, PASSWORD, FOLDER = "forms", 'p w&"x\\', "Returned mail"

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}.pem
ssl_key = <{certificate}.key
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail
}}
"""


@dataclass(frozen=True)
class Imap:
    """The server: its ports, and the folder of its mailbox, as files."""

    port: int
    tls_port: int
    files: Path

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox("127.0.0.1", self.port, USER, PASSWORD, FOLDER, tls=False)

    @property
    def tls_mailbox(self) -> Mailbox:
        return Mailbox("127.0.0.1", self.tls_port, USER, PASSWORD, FOLDER, tls=True)

    def arrive(self, name: str, content: bytes) -> None:
        """A mail comes in."""
        path = self.files / "tmp" / name
        path.write_bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        path.chmod(0o666)
        path.rename(self.files / "new" / name)

    def flags(self) -> dict[str, str]:
        """The mails that are there, and how they are marked: "S" seen, "T" deleted, "" new."""
        found = {}
        for path in [*(self.files / "new").iterdir(), *(self.files / "cur").iterdir()]:
            name, _, marks = path.name.partition(":2,")
            found[name.partition(",")[0]] = marks
        return found


@contextmanager
def imap_server(certificate: str) -> Iterator[Imap]:
    """Dovecot with a certificate: the path of its .pem and .key without the ending."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        left_out("Dovecot is not installed")
    # It does not serve mail as root; as somebody else it cannot change who it is.
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="pf"))  # a socket's path must be short, pytest's folders are not
    folder.chmod(0o755)
    imap = Imap(_free_port(), _free_port(), folder / "mail" / f".{FOLDER}")
    for part in ("tmp", "new", "cur"):
        (imap.files / part).mkdir(parents=True)
    for path in (folder / "mail", imap.files, *imap.files.iterdir()):
        if os.geteuid() == 0:
            os.chown(path, user.pw_uid, user.pw_gid)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    group = grp.getgrgid(user.pw_gid).gr_name
    configuration = _CONFIGURATION.format(
        folder=folder, user=user.pw_name, group=group, port=imap.port, tls_port=imap.tls_port, certificate=certificate
    )
    (folder / "dovecot.conf").write_text(configuration)
    command = [program, "-F", "-c", folder / "dovecot.conf"]
    try:
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                _wait_for(imap.port, process)
                yield imap
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError(process.stderr.read().decode() if process.stderr else "Dovecot ended")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("Dovecot does not answer")
