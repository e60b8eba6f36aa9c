"""The ledger as anyone may see it: the objects in its bucket, read here without the product's own code."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from box.control.answers import Refused

if TYPE_CHECKING:
    from box.world import World

WIDTH = 256
EMPTY = hashlib.sha256(b"").hexdigest()
ED25519 = b"\x01"


def head(world: "World", newest: int = 12) -> dict[str, Any]:
    """Size, root (hexadecimal) and verifier's key of the newest checkpoint, with the newest entries."""
    note = read(world, "checkpoint")
    if note is None:
        return {"size": 0, "root": EMPTY, "vkey": None, "origin": None, "entries": []}
    origin, size, root = note.decode().split("\n")[:3]
    told = {"size": int(size), "root": base64.b64decode(root).hex(), "vkey": vkey(world, origin), "origin": origin}
    return told | {"entries": list(entries(world, int(size)))[-newest:]}


def publish(world: "World") -> None:
    """Let the ledger's function run once, as it would at the next minute: the clock stands still, evidence need not."""
    world.advance(timedelta(0))
    function = next(one for one in world.runtime.built.functions.values() if one.short == "ledger")
    world.runtime.invoke(function.arn, {})


def vkey(world: "World", origin: str) -> str:
    """The key to hand to a verifier: the log's name, a key id, and the public key that KMS gives out."""
    spki = world.runtime.client("kms").get_public_key(KeyId=world.variable("SIGNING_KEY"))["PublicKey"]
    material = ED25519 + spki[-32:]
    key_id = hashlib.sha256(origin.encode() + b"\n" + material).digest()[:4]
    return f"{origin}+{key_id.hex()}+{base64.b64encode(material).decode()}"


def entries(world: "World", size: int) -> Iterator[dict[str, Any]]:
    """The entries of the newest bundles, oldest first: where in the log, what kind, when, by whom."""
    for bundle in range(max(0, (size - 1) // WIDTH - 1), (size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - bundle * WIDTH)
        data, at = read(world, tile("entries", bundle, width)) or b"", 0
        for index in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            if not length:
                return
            yield {"index": bundle * WIDTH + index, **json.loads(data[at + 2 : at + 2 + length])}
            at += 2 + length


def tile(level: str, index: int, width: int) -> str:
    """The path of one object, as C2SP's tlog-tiles names it."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def read(world: "World", key: str) -> bytes | None:
    """One object of the ledger's bucket, or None."""
    try:
        found = world.runtime.client("s3").get_object(Bucket=world.variable("LEDGER_BUCKET"), Key=key)
    except ClientError:
        return None
    body: bytes = found["Body"].read()
    return body


def keys(world: "World") -> list[str]:
    """The keys of every object in the ledger's bucket."""
    pages = world.runtime.client("s3").get_paginator("list_objects_v2").paginate(Bucket=world.variable("LEDGER_BUCKET"))
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def export(world: "World", to: str) -> dict[str, Any]:
    """Write the bucket's objects as files below a folder; raises Refused for one that is not empty."""
    folder = Path(to).expanduser()
    if not folder.is_absolute():
        raise Refused(422, "Name the folder by its whole path.")
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise Refused(409, "The folder is not empty; name a new one.")
    names = keys(world)
    for name in names:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Refused(500, "An object's key leads out of the folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read(world, name) or b"")
    told = head(world, newest=0)
    return {"to": str(folder), "files": len(names), "size": told["size"], "root": told["root"], "vkey": told["vkey"]}
