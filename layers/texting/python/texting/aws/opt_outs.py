"""The carrier's own opt-out list: the second fence behind ours. Nothing, not even a reply, reaches a number on it.

Each call is safe to repeat. The carrier takes ten numbers a second on or off, and tells one page a second
(`facts/aws.md` §2.4); whoever calls keeps to that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.errors import Unavailable
from texting.values import PhoneNumber

PAGE = 100
"""The most that DescribeOptedOutNumbers tells at once."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """A number on the list, and since when (UTC)."""

    phone: PhoneNumber
    at: datetime


@dataclass(frozen=True, slots=True)
class OptOutList:
    """The list that the practice's numbers are under."""

    name: str

    def put(self, phone: PhoneNumber) -> None:
        """Put a number on the list; one that is there stays. Raises Unavailable."""
        try:
            client("pinpoint-sms-voice-v2").put_opted_out_number(
                OptOutListName=self.name, OptedOutNumber=phone.reveal()
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The carrier did not take a number on its opt-out list.") from _kind(fault)

    def take_off(self, phone: PhoneNumber) -> bool:
        """Take a number off the list. Returns whether it is off: the carrier lets each go once in 30 days. Raises
        Unavailable."""
        try:
            client("pinpoint-sms-voice-v2").delete_opted_out_number(
                OptOutListName=self.name, OptedOutNumber=phone.reveal()
            )
        except (ClientError, BotoCoreError) as fault:
            if _said(fault, "ResourceType") == "opted-out-number":
                return True
            if _said(fault, "Reason") == "PHONE_NUMBER_CANNOT_BE_OPTED_IN":
                return False
            raise Unavailable("The carrier did not take a number off its opt-out list.") from _kind(fault)
        return True

    def pages(self) -> Iterator[Sequence[OptedOut]]:
        """The numbers on the list, a page at a time. Raises Unavailable."""
        pages = client("pinpoint-sms-voice-v2").get_paginator("describe_opted_out_numbers")
        try:
            for page in pages.paginate(OptOutListName=self.name, PaginationConfig={"PageSize": PAGE}):
                yield [
                    OptedOut(PhoneNumber(row["OptedOutNumber"]), row["OptedOutTimestamp"].astimezone(UTC))
                    for row in page["OptedOutNumbers"]
                ]
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The carrier did not tell its opt-out list.") from _kind(fault)


def _said(fault: Exception, member: str) -> str:
    """What a fault of the carrier's says beside its code."""
    return str(fault.response.get(member, "")) if isinstance(fault, ClientError) else ""


def _kind(fault: Exception) -> Exception | None:
    """A fault of the carrier's may repeat the number it was asked about: only faults without one are handed on."""
    return None if isinstance(fault, ClientError) else fault
