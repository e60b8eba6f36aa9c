"""Who calls /v1: a bearer token of 256 bits, shown once, kept hashed, named, scoped and revocable."""

import hmac
import secrets
from dataclasses import replace
from datetime import datetime

from texting.audit.entries import entry_id
from texting.errors import BadSignature, NotAllowed
from texting.flows.divert import token_hash
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Token
from texting.values import Actor
from texting.writes import Change, New

SCOPES = ("consents", "threads", "tasks", "messages", "operate")
PREFIX = "qlt_"


def caller(world: World, authorization: str, scope: str) -> Actor:
    """Who holds the token in an Authorization header. Raises BadSignature (401), NotAllowed (403)."""
    scheme, _, token = authorization.partition(" ")
    kept = world.store.token(token_hash(token)) if scheme.lower() == "bearer" and token.startswith(PREFIX) else None
    if kept is None or kept.revoked_at is not None or not hmac.compare_digest(kept.token_hash, token_hash(token)):
        raise BadSignature(
            "Send a token that works: Authorization: Bearer qlt_… (make one with `quietline token new`)."
        )
    if scope not in kept.scopes:
        raise NotAllowed(f"This token does not reach {scope}; make one that does with `quietline token new`.")
    return Actor("token", "c_" + entry_id("token", kept.token_hash))


def issue(world: World, name: str, scopes: tuple[str, ...], actor: Actor, now: datetime) -> str:
    """A new token, to be shown once; only its hash is kept. Raises NotAllowed for a scope there is none of."""
    strange = sorted(set(scopes) - set(SCOPES))
    if strange or not scopes:
        raise NotAllowed(f"Choose scopes from {', '.join(SCOPES)}.")
    token = PREFIX + secrets.token_urlsafe(32)
    kept = Token(token_hash(token), name, scopes, now)
    told_id = "c_" + entry_id("token", kept.token_hash)
    world.store.commit(New(kept), told("token.issued", now, told_id, {"scopes": list(scopes)}, actor=actor))
    return token


def revoke(world: World, token_digest: str, actor: Actor, now: datetime) -> bool:
    """End a token by its hash. Returns whether it was alive."""
    kept = world.store.token(token_digest)
    if kept is None or kept.revoked_at is not None:
        return False
    told_id = "c_" + entry_id("token", kept.token_hash)
    world.store.commit(Change(replace(kept, revoked_at=now)), told("token.revoked", now, told_id, actor=actor))
    return True
