"""The carrier: AWS End User Messaging SMS, spoken to in exactly one attempt per text (P3).

Every way it can answer is one of three: taken, refused, or unknown. Throttles and quotas are known not to have taken the
text; a time-out or a server's error after the request was sent may have (`facts/aws.md` §2.2).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError
from botocore.parsers import ResponseParserError

from texting.aws.clients import client
from texting.errors import Bug, CarrierBusy, CarrierRefused, InDoubt
from texting.values import PhoneNumber

LONGEST, SHORTEST = 259_200, 5
"""Seconds that `TimeToLive` may have."""
BUSY_QUOTAS = frozenset({"DAILY_DESTINATION_CALL_LIMIT"})


@dataclass(frozen=True, slots=True)
class Carrier:
    """One origination identity and configuration set of the practice."""

    origination: str
    configuration_set: str
    max_price: Decimal

    def send(self, to: PhoneNumber, body: str, *, seconds_to_live: int, message_id: str) -> str:
        """Hand one text over and return the carrier's id of it. `seconds_to_live` is P4's fence at the carrier.

        Raises CarrierBusy, CarrierRefused, InDoubt; Bug for a life the carrier would not take.
        """
        if not seconds_to_live >= SHORTEST:
            raise Bug("A text without time to live was about to be handed over.")
        try:
            answer = client("pinpoint-sms-voice-v2").send_text_message(
                DestinationPhoneNumber=to.reveal(),
                OriginationIdentity=self.origination,
                MessageBody=body,
                MessageType="TRANSACTIONAL",
                ConfigurationSetName=self.configuration_set,
                MaxPrice=_price(self.max_price),
                TimeToLive=min(seconds_to_live, LONGEST),
                Context={"message_id": message_id},
            )
        except (EndpointConnectionError, ConnectTimeoutError):
            raise CarrierBusy("UNREACHABLE") from None
        except ClientError as fault:
            raise _meaning(fault) from None
        except (BotoCoreError, ResponseParserError):  # silence, a hang-up, or bytes that are no answer of the service
            raise InDoubt("The carrier took the call and gave no answer that can be read.") from None
        if not answer.get("MessageId"):
            raise InDoubt("The carrier answered without an id of the text.")
        return str(answer["MessageId"])


def _meaning(fault: ClientError) -> Exception:
    code = fault.response["Error"]["Code"]
    reason = str(fault.response.get("Reason") or code)
    if code == "ThrottlingException":
        return CarrierBusy("THROTTLED")
    if code == "ServiceQuotaExceededException":
        return CarrierBusy(reason) if reason in BUSY_QUOTAS else CarrierRefused(reason)
    if code in ("ConflictException", "ValidationException", "AccessDeniedException", "ResourceNotFoundException"):
        return CarrierRefused(reason if code != "AccessDeniedException" else "ACCESS_DENIED")
    return InDoubt(f"The carrier failed with {_status(fault)}; it may have taken the text.")


def _status(fault: ClientError) -> int:
    found: Any = fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return int(found)


def _price(amount: Decimal) -> str:
    """US dollars as the API takes them: up to two digits, a point, up to five digits."""
    text = f"{amount:.5f}".rstrip("0")
    return text + "0" if text.endswith(".") else text
