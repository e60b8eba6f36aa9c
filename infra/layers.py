"""The two layers every function stands on: our own package with the practice's settings, and what others wrote.

Each code stack makes its own layer versions from the same files: a layer's ARN changes with every version, and
CloudFormation refuses to change an export that another stack uses.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

LEFT_OUT = ("__pycache__", "*.pyc", "*.egg-info", ".DS_Store")


def stage_texting(root: Path, practice_file: Path) -> Path:
    """A folder with python/texting and python/practice.toml, named after its content, so that two builds never disturb
    each other and the same sources always give the same asset."""
    package = root / "layers" / "texting" / "python" / "texting"
    files = {f"python/texting/{path.relative_to(package).as_posix()}": path for path in _sources(package)}
    files["python/practice.toml"] = practice_file
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    target = root / "build" / "layers" / f"texting-{digest.hexdigest()[:16]}"
    if not target.is_dir():
        _copy(files, target)
    return target


def _sources(package: Path) -> list[Path]:
    return [
        path
        for path in sorted(package.rglob("*"))
        if path.is_file() and not any(part.match(pattern) for part in _parts(path) for pattern in LEFT_OUT)
    ]


def _parts(path: Path) -> list[Path]:
    return [Path(part) for part in path.parts]


def _copy(files: dict[str, Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".draft-"))
    draft.chmod(0o755)
    for name, path in files.items():
        copy = draft / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    try:
        os.rename(draft, target)  # noqa: PTH104 - Path.rename would do the same; the point is that it is atomic
    except OSError:  # somebody else staged the same content a moment earlier
        shutil.rmtree(draft)


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
