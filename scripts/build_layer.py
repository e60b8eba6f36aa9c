"""Builds the layer of what we did not write: requirements/runtime.txt for Python 3.13 on arm64, as build/thirdparty.zip.

The same lock always gives the same bytes. Byte code is added when a Python 3.13 is found on this machine: Lambda's file
system is read-only, so what is not compiled here is compiled again at every cold start. Run by `make layer`.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from infra.layers import compile_in, lock_digest, python313  # noqa: E402

SERVICES = frozenset(
    "artifact cloudwatch dynamodb events kms pinpoint-sms-voice-v2 s3 scheduler secretsmanager sns sqs sts".split()
)
"""The AWS services our functions may speak to. botocore's descriptions of all others stay out: 20 of its 30 MB."""
LEFT_OUT_NAMES = frozenset({"RECORD", "INSTALLER", "REQUESTED", ".lock", "direct_url.json"})
LEFT_OUT_FOLDERS = frozenset({"bin", "tests", "test", "examples"})
EPOCH = (1980, 1, 1, 0, 0, 0)


def install(into: Path) -> None:
    """Unpacks the locked wheels, hashes checked, for the machine they will run on."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", "--no-deps"),
            *("-r", str(ROOT / "requirements" / "runtime.txt"), "--target", str(into)),
            *("--python-platform", "aarch64-manylinux2014", "--python-version", "3.13", "--only-binary", ":all:"),
        ],
        check=True,
    )


def trim(packages: Path) -> None:
    """Removes what is never imported: scripts, tests, installers' notes, byte code of this machine, other AWS services."""
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.is_dir() and (path.name in LEFT_OUT_FOLDERS or path.name == "__pycache__"):
            shutil.rmtree(path)
        elif path.is_file() and (path.name in LEFT_OUT_NAMES or path.suffix in {".pyi", ".pyx", ".h"}):
            path.unlink()
    for service in (packages / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in SERVICES:
            shutil.rmtree(service)
    for described in packages.glob("botocore/data/*/*/*"):
        if described.name.startswith(("examples-", "completions-")):
            described.unlink()


def pack(packages: Path, target: Path, comment: str) -> int:
    """Writes the zip with sorted names, one date and one mode; answers its unpacked size in bytes."""
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = comment.encode()
        for path in sorted(packages.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"python/{path.relative_to(packages).as_posix()}", EPOCH)
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                content = path.read_bytes()
                total += len(content)
                archive.writestr(entry, content)
    return total


def main() -> None:
    """Builds the zip and says what is in it."""
    target = ROOT / "build" / "thirdparty.zip"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder) / "python"
        install(packages)
        trim(packages)
        interpreter = python313()
        if interpreter:
            compile_in(packages, interpreter)
        draft = target.with_suffix(".draft")
        unpacked = pack(packages, draft, lock_digest(ROOT))
        draft.replace(target)
    byte_code = "with byte code" if interpreter else "without byte code: no Python 3.13 was found here"
    megabytes = f"{target.stat().st_size / 1e6:.1f} MB, {unpacked / 1e6:.1f} MB unpacked"
    sys.stdout.write(f"{target.relative_to(ROOT)}: {megabytes}, {byte_code}\n")


if __name__ == "__main__":
    main()
