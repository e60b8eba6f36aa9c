"""The two layers every function stands on: our own package with the practice's settings, and what others wrote.

Each code stack makes its own layer versions from the same files: a layer's ARN changes with every version, and
CloudFormation refuses to change an export that another stack uses.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

DAY = 24 * 3600  # seconds
LEFT_OUT = ("__pycache__", "*.pyc", "*.egg-info", ".DS_Store")


def stage_texting(root: Path, practice_file: Path, *, byte_code: bool = False) -> Path:
    """A folder with python/texting and python/practice.toml, named after its content, so that two builds never disturb
    each other and the same sources always give the same asset. `byte_code`: compiled too, if a Python 3.13 is here."""
    package = root / "layers" / "texting" / "python" / "texting"
    files = {f"python/texting/{path.relative_to(package).as_posix()}": path for path in _sources(package)}
    files["python/practice.toml"] = practice_file
    interpreter = python313() if byte_code else None
    digest = hashlib.sha256(str(bool(interpreter)).encode())
    for name, path in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    target = root / "build" / "layers" / f"texting-{digest.hexdigest()[:16]}"
    if not target.is_dir():
        _forget_old(target.parent)
        _copy(files, target, interpreter)
    return target


def _forget_old(folder: Path) -> None:
    """Removes what was staged more than a day ago: nobody builds from it any more."""
    for staged in folder.glob("texting-*"):
        if time.time() - staged.stat().st_mtime > DAY:
            shutil.rmtree(staged, ignore_errors=True)


def _sources(package: Path) -> list[Path]:
    return [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file()
        and not any(Path(part).match(pattern) for part in path.relative_to(package).parts for pattern in LEFT_OUT)
    ]


def _copy(files: dict[str, Path], target: Path, interpreter: str | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".draft-"))
    draft.chmod(0o755)
    for name, path in files.items():
        copy = draft / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    if interpreter:
        compile_in(draft / "python", interpreter)
    try:
        draft.rename(target)
    except OSError:  # somebody else staged the same content a moment earlier
        shutil.rmtree(draft)


def python313() -> str | None:
    """A Python 3.13 of this machine that really runs, or None. Version managers leave shims that only look like one."""
    managed = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser().glob("versions/3.13.*/bin/python3.13")
    on_path = shutil.which("python3.13")
    for candidate in [*([on_path] if on_path else []), *(str(path) for path in sorted(managed))]:
        asked = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False
        )
        if asked.stdout.strip() == b"(3, 13)":
            return candidate
    return None


def compile_in(folder: Path, interpreter: str) -> None:
    """Adds byte code that is never checked against its source: nothing changes in a layer once it is deployed."""
    options = (
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        str(folder),
        "-p",
        "/opt/python",
    )
    subprocess.run([interpreter, *options, str(folder)], check=True)


def lock_digest(root: Path) -> str:
    """What identifies the locked requirements a third-party layer was built from."""
    return hashlib.sha256((root / "requirements" / "runtime.txt").read_bytes()).hexdigest()


def thirdparty_zip(root: Path) -> Path | None:
    """The built third-party layer, or None when there is none or it was built from other requirements."""
    built = root / "build" / "thirdparty.zip"
    if not built.is_file():
        return None
    with zipfile.ZipFile(built) as archive:
        return built if archive.comment.decode() == lock_digest(root) else None
