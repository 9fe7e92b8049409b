"""Builds the container image with buildah, and runs it: only root can, and no daemon is needed.

The base is a Debian made by mmdebstrap, since no registry of images is asked.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fork_server import ROOT

PACKAGES = "python3,python3-venv,python3-pip,ca-certificates,passwd"
SUITE = "bookworm"
BASE, IMAGE = "localhost/base", "localhost/actionbot"

# A proxy's certificate and pip's settings are this machine's own; most machines have neither.
_OF_THIS_MACHINE = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")


@dataclass(frozen=True)
class Engine:
    """buildah, with images and containers in a folder of its own."""

    folder: Path

    def __call__(self, *words: str) -> str:
        """Run buildah; return what it prints."""
        program = shutil.which("buildah")
        assert program, "install buildah and mmdebstrap, as .ci/run does"
        storage = ("--storage-driver", "overlay", "--root", str(self.folder / "storage"))
        return run(program, *storage, "--runroot", str(self.folder / "run"), *words).strip()

    def make_base(self) -> None:
        """Make the image BASE."""
        archive, included = self.folder / "base.tar", f"--include={PACKAGES}"
        program = shutil.which("mmdebstrap")
        assert program, "install buildah and mmdebstrap, as .ci/run does"
        run(program, "--quiet", "--variant=minbase", included, SUITE, str(archive))
        container = self("from", "scratch")
        self("add", "--quiet", container, str(archive), "/")
        self("commit", "--quiet", "--rm", container, BASE)
        archive.unlink()

    def build(self) -> None:
        """Build the Dockerfile as IMAGE, on BASE."""
        here = [name for name in _OF_THIS_MACHINE if Path(name).exists()]
        volumes = [word for name in here for word in ("--volume", f"{name}:{name}:ro")]
        on_base = ("--pull=never", "--build-arg", f"BASE={BASE}")
        self("build", "--isolation", "chroot", *on_base, *volumes, "--tag", IMAGE, str(ROOT))

    def megabytes(self, image: str) -> float:
        """Return the size of an image's files."""
        size, unit = self("images", "--format", "{{.Size}}", image).splitlines()[0].split()
        assert unit == "MB"
        return float(size)

    def config(self) -> dict[str, Any]:
        """Return the image's settings: user, environment, entry point and so on."""
        described = json.loads(self("inspect", "--type", "image", IMAGE))
        config: dict[str, Any] = described["OCIv1"]["config"]
        return config


@dataclass(frozen=True)
class Container:
    """A container, whose files are in a folder of this machine."""

    root: Path
    config: dict[str, Any]

    @property
    def entry(self) -> list[str]:
        """The program that the image runs, without arguments."""
        entry: list[str] = self.config["Entrypoint"]
        return entry

    def command(self, words: Sequence[str], volumes: Mapping[Path, str]) -> list[str]:
        """Return a command that runs `words` as the image's user, in its folder and environment.

        The root is read-only. `volumes` are files and folders of this machine, and where they are
        in the container. Mounts end with the process.
        """
        lines = ["set -e", f"mount --bind {self.root} {self.root}"]
        for source, place in volumes.items():
            target = self.root / place.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                target.mkdir(exist_ok=True)
            else:
                target.touch()
            lines.append(f"mount --bind {source} {target}")
        lines += [
            f"mount -t tmpfs tmpfs {self.root}/tmp",  # noqa: S108 - the container's own
            f"mount --rbind /proc {self.root}/proc",
            f"mount --rbind /dev {self.root}/dev",
            f"mount -o remount,bind,ro {self.root}",
        ]
        user, folder = self.config["User"], self.config["WorkingDir"]
        inside = ("env", "-i", "-C", folder, *self.config["Env"], *words)
        lines.append(f'exec chroot --userspec={user} {self.root} "$@"')
        return ["unshare", "--mount", "sh", "-c", "\n".join(lines), "sh", *inside]


def run(*words: str) -> str:
    """Run a program; return what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=900)  # noqa: S603
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
