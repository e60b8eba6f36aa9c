"""What can go wrong, as a tree with three branches: try again, refuse, mend the code.

    QuietlineError
    ├── Retry                    our world failed for a moment: the queue or the sender tries again (HTTP 503)
    │   ├── Contended            somebody else changed the item between our read and our write
    │   ├── CarrierBusy          the carrier throttled or a quota was met: nothing was handed over
    │   └── Unavailable          a store, key or remote system did not answer
    ├── Reject                   this input will never be right: answered with its sentence, or quarantined
    │   ├── BadSignature         who sent this cannot be told (HTTP 401)
    │   ├── NotAllowed           the caller is known but may not do this (HTTP 403)
    │   ├── Unknown              no such thing here (HTTP 404)
    │   ├── TooLarge             more than the door takes (HTTP 413)
    │   ├── BadField             one field is wrong; says which and what to do (HTTP 422)
    │   ├── Unreadable           the body is not what it claims to be (quarantined)
    │   └── CarrierRefused       the carrier said no for good; `reason` is its own word
    └── Bug                      a promise of ours was about to be broken: stop, and wake someone
        ├── InDoubt              the carrier may or may not have the message: never sent again by itself
        └── Misconfigured        a setting is missing or cannot be true; names it and the remedy

No message in this tree may hold a name, number, body, service or date of birth: what is raised may be logged.
"""


class QuietlineError(Exception):
    """Anything this package raises on purpose. `sentence` is safe to show and to log."""

    status = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Retry(QuietlineError):
    """The same thing may well succeed later; nothing was half done."""

    status = 503


class Contended(Retry):
    """A conditional write lost against another writer; read again and decide again."""


class CarrierBusy(Retry):
    """The carrier refused for now (throttle, quota): nothing was handed over. `reason` is its own word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The carrier asked us to slow down ({reason}).")
        self.reason = reason


class Unavailable(Retry):
    """A store, a key or a remote system did not answer in time."""


class Reject(QuietlineError):
    """This input will not become right by waiting."""

    status = 400


class BadSignature(Reject):
    """The sender could not be told from a forger: wrong, missing, stale or doubled signature."""

    status = 401


class NotAllowed(Reject):
    """The caller is known, but its token or role does not reach this."""

    status = 403


class Unknown(Reject):
    """Nothing here by that id."""

    status = 404


class TooLarge(Reject):
    """More bytes than the door takes."""

    status = 413


class BadField(Reject):
    """One field is wrong. `field` is its path in the request; the sentence says what to do."""

    status = 422

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Unreadable(Reject):
    """A body that is not what it claims to be. `code` names the reason for the quarantine."""

    status = 202

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class CarrierRefused(Reject):
    """The carrier said no for good. `reason` is its own word, e.g. DESTINATION_PHONE_NUMBER_OPTED_OUT."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The carrier refused this text ({reason}).")
        self.reason = reason


class Bug(QuietlineError):
    """A promise was about to be broken, or the code met what it was never written for."""


class InDoubt(Bug):
    """The carrier did not answer: it may or may not have the message. People decide, never the machine."""


class Misconfigured(Bug):
    """A setting is missing or cannot be true. The sentence names it and says how to mend it."""
