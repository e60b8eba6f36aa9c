"""The errors the carrier's API answers with, as its model defines them.

    ServiceError          any modelled error, with its wire code, HTTP status and members
    AnswerLost            the request was accepted and its answer never arrives
    FaultRejected         a fault asked for in the laboratory is not one we know

Messages name fields and reasons, never a phone number or a body.
"""

from collections.abc import Iterable
from typing import Any

from box.carrier.model import Complaint


class ServiceError(Exception):
    """Raised when the carrier refuses; `code` is its wire name and `members` what the answer carries."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.members = {"Message": message, **members}

    @property
    def reason(self) -> str:
        """The modelled reason code, or the error's own name where it has none."""
        return str(self.members.get("Reason", self.code))


class AnswerLost(Exception):
    """Raised after a request took effect, to make the server hang up without an answer."""


class FaultRejected(ValueError):
    """Raised when a fault is asked for that the carrier cannot play; says which words it knows."""


def conflict(reason: str, kind: str, resource_id: str | None = None) -> ServiceError:
    """Return a ConflictException about a resource of that kind."""
    members: dict[str, Any] = {"ResourceId": resource_id} if resource_id else {}
    message = f"Conflict with the state of the {kind}: {reason}"
    return ServiceError("ConflictException", message, Reason=reason, ResourceType=kind, **members)


def invalid(reason: str, complaints: Iterable[Complaint] = ()) -> ServiceError:
    """Return a ValidationException, naming the fields at fault."""
    fields = [{"Name": c.field, "Message": c.sentence} for c in complaints]
    detail = "; ".join(f"{f['Name']} {f['Message']}" for f in fields) or reason
    return ServiceError("ValidationException", detail, Reason=reason, Fields=fields)


def not_found(kind: str, resource_id: str | None = None) -> ServiceError:
    """Return a ResourceNotFoundException; phone numbers are not given as the id."""
    members: dict[str, Any] = {"ResourceId": resource_id} if resource_id else {}
    return ServiceError("ResourceNotFoundException", f"There is no such {kind}.", ResourceType=kind, **members)


def quota(reason: str) -> ServiceError:
    """Return a ServiceQuotaExceededException."""
    return ServiceError("ServiceQuotaExceededException", f"Quota exceeded: {reason}", Reason=reason)


def throttled() -> ServiceError:
    """Return a ThrottlingException: not accepted, and safe to try again."""
    return ServiceError("ThrottlingException", "Rate exceeded")


def internal(request_id: str) -> ServiceError:
    """Return an InternalServerException."""
    return ServiceError("InternalServerException", "Internal error", status=500, RequestId=request_id)
