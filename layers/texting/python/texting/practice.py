"""The practice's settings, read from practice.toml and checked so that a person without an engineer can mend them.

`load(path)` promises a `Practice` that can be true as a whole, or raises Misconfigured with one sentence per fault: the
line in the file, what is wrong there, and what to write instead.
"""

import re
import tomllib
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from texting.errors import Misconfigured
from texting.values import Category

STATES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
Language = Literal["en", "es"]
Purpose = Literal["booking_confirmation", "reminder"]
FIRST_BAA = date(2013, 1, 1)
"""AWS signed none before the Omnibus Rule of January 2013."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _state(value: str) -> str:
    if value not in STATES:
        raise ValueError("is not a US state; write its two letters, for example IL")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones() or "/" not in value:
        raise ValueError("is not a time zone; write an IANA name, for example America/Chicago")
    return value


def _us_number(value: str) -> str:
    if not re.fullmatch(r"\+1[2-9][0-9]{9}", value):
        raise ValueError("is not a US phone number; write it as +1 and ten digits, for example +13125550100")
    return value


def _hours(value: str) -> str:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]", value)
    if not found or value[:5] >= value[6:]:
        raise ValueError('is not opening hours; write them as "09:00-18:00"')
    return value


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+[^\s]*|http://(127\.0\.0\.1|localhost)(:\d+)?", value):
        raise ValueError("is not a web address; write it with https:// and no trailing blank")
    return value.rstrip("/")


def _accepted(value: str) -> str:
    try:
        fits = not value or (len(value) == 10 and date.fromisoformat(value) > FIRST_BAA)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError('is not a day on which AWS could accept it; write it like "2026-11-02", or leave it ""')
    return value


def _topic(value: str) -> str:
    if value and not re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", value):
        raise ValueError(
            'is not an SNS topic; write its ARN, for example arn:aws:sns:us-east-1:123456789012:on-call, or leave it ""'
        )
    return value


def _ident(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", value):
        raise ValueError("is not a short name; use small letters, digits, - and _, for example main")
    return value


def _secret_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,200}", value):
        raise ValueError("is not the name of a secret; write the one it has in AWS Secrets Manager")
    return value


State = Annotated[str, AfterValidator(_state)]
Zone = Annotated[str, AfterValidator(_zone)]
UsNumber = Annotated[str, AfterValidator(_us_number)]
Hours = Annotated[str, AfterValidator(_hours)]
Https = Annotated[str, AfterValidator(_https)]
Ident = Annotated[str, AfterValidator(_ident)]
SecretName = Annotated[str, AfterValidator(_secret_name)]
Topic = Annotated[str, AfterValidator(_topic)]
Accepted = Annotated[str, AfterValidator(_accepted)]
Money = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=5)]
Price = Annotated[Decimal, Field(ge=0, le=99, max_digits=7, decimal_places=5)]
"""Of one text; the carrier's API takes two digits before the point (`facts/aws.md` §2.1)."""


class _Part(BaseModel):
    """A table of the file: unknown keys are refused, so that a typing error is never silently a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Identity(_Part):
    """Who the practice is, in the words patients and carriers see."""

    name: str = Field(min_length=2, max_length=60)
    short_name: str = Field(min_length=2, max_length=30)
    phone: UsNumber
    email: str = ""
    privacy_url: Https | Literal[""] = ""
    terms_url: Https | Literal[""] = ""
    languages: list[Language] = Field(default=["en", "es"], min_length=1)
    staff: list[str] = []


class Sending(_Part):
    """Whether texts leave, from which number, at which price and pace. Times are local to the recipient."""

    mode: Literal["off", "pilot", "on"] = "off"
    pilot_numbers: list[UsNumber] = []
    numbers: list[UsNumber] = []
    pool: str = ""
    simulator: bool = False
    max_price_usd: Price = Decimal("0.05")
    price_per_part_usd: Price = Decimal("0.01002")
    monthly_limit_usd: Money = Decimal("200")
    courtesy_from: time = time(8)
    courtesy_until: time = time(20)
    per_day: int = Field(default=1, ge=1, le=3)
    per_week: int = Field(default=3, ge=1, le=10)
    texts_per_second: float = Field(default=1.0, ge=0.1, le=1000)

    @model_validator(mode="after")
    def _true_as_a_whole(self) -> Self:
        if self.courtesy_from >= self.courtesy_until:
            raise ValueError("courtesy_from must be earlier than courtesy_until")
        if self.mode != "off" and not (self.numbers or self.pool or self.simulator):
            raise ValueError(
                'mode needs a number to send from: fill "numbers" or "pool", or write mode = "off" for now'
            )
        return self

    @property
    def origination(self) -> str:
        """What the carrier sends from: the pool when there is one, else the first number, else nothing yet."""
        return self.pool or (self.numbers[0] if self.numbers else "")


class Baa(_Part):
    """The Business Associate Addendum with AWS, as the practice recorded it."""

    accepted_on: Accepted = ""
    accepted_by: str = ""

    @property
    def on_record(self) -> bool:
        """Whether a date of acceptance has been written down."""
        return bool(self.accepted_on)

    def in_force(self, today: date) -> bool:
        """Whether it was accepted by `today`: a date ahead is a plan, or a typing error."""
        return self.on_record and date.fromisoformat(self.accepted_on) <= today


class Web(_Part):
    """Where patients' links point."""

    address: Https
    certificate_arn: str = ""


class Location(_Part):
    """A place where patients are seen. `hours` are local; a missing day is closed."""

    id: str = Field(min_length=1, max_length=64)
    name: str
    address: str = ""
    state: State
    time_zone: Zone
    phone: UsNumber | Literal[""] = ""
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Hours] = {}


class Step(_Part):
    """One text of the plan. `days_before` None means right after booking; `at` is the recipient's wall clock."""

    purpose: Purpose
    slot: Ident
    days_before: int | None = Field(default=None, ge=0, le=60)
    at: time = time(10)

    @model_validator(mode="after")
    def _purpose_fits(self) -> Self:
        if (self.purpose == "booking_confirmation") != (self.days_before is None):
            raise ValueError("a reminder needs days_before, and a booking_confirmation goes out at once and has none")
        return self


class ConsentChoices(_Part):
    """What the consent form offers. The text's version is kept with every signature."""

    categories: list[Category] = Field(
        default=[Category.APPOINTMENTS, Category.CARE, Category.BILLING, Category.RESULTS, Category.GENERAL],
        min_length=1,
    )
    text_version: str = "2026-11"


class Retention(_Part):
    """How long records are kept. Years and ages can lengthen what the law asks, never shorten it.

    An event that could not be read is no record of care, but a body that may name a patient: it has days. A month is the
    least, since a replay may be under way that long.
    """

    years: int = Field(default=10, ge=6, le=100)
    minor_until_age: int = Field(default=28, ge=18, le=100)
    task_years: int = Field(default=10, ge=6, le=100)
    quarantine_days: int = Field(default=90, ge=30, le=730)
    link_hours: int = Field(default=72, ge=1, le=720)


class Answering(_Part):
    """Front desk's promises to itself."""

    minutes_to_answer: int = Field(default=60, ge=5, le=10080)
    after_hours: str = Field(default="", max_length=160)
    on_call: Topic = ""


class Connection(_Part):
    """A scheduling system that may speak to us, and the name of its secret."""

    name: Ident
    kind: Literal["standard-webhooks", "fhir"]
    secret_name: SecretName
    fhir_base: Https | Literal[""] = ""
    time_zone: Zone | Literal[""] = ""
    location_id: str = ""


class Practice(_Part):
    """Everything the practice decides. True as a whole: numbers, places and connections fit together."""

    practice: Identity
    sending: Sending = Sending()
    baa: Baa = Baa()
    web: Web
    locations: list[Location] = Field(min_length=1)
    reminders: list[Step] = []
    consent: ConsentChoices = ConsentChoices()
    retention: Retention = Retention()
    answering: Answering = Answering()
    connections: list[Connection] = []
    templates: dict[str, dict[Language, str]] = {}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for what, names in (
            ("locations", [place.id for place in self.locations]),
            ("connections", [connection.name for connection in self.connections]),
            ("reminders", [step.slot for step in self.reminders]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what}: {twice[0]} stands there twice; give each its own name")
        for step in self.reminders:
            if step.days_before is not None and not self.sending.courtesy_from <= step.at < self.sending.courtesy_until:
                raise ValueError(
                    f"reminders: {step.slot} is due at {step.at:%H:%M}, outside the courtesy hours; choose an hour inside"
                )
        if self.sending.mode == "on" and not self.baa.on_record:
            raise ValueError(
                'sending.mode = "on" needs your Business Associate Addendum with AWS on record: '
                'accept it in AWS Artifact and write its date into [baa] accepted_on, or use mode = "pilot"'
            )
        return self

    def location(self, location_id: str | None) -> Location:
        """The place by its id; the first one when the id is unknown or missing."""
        return next((place for place in self.locations if place.id == location_id), self.locations[0])

    def connection(self, name: str) -> Connection | None:
        """The scheduling system by its name, or None."""
        return next((connection for connection in self.connections if connection.name == name), None)

    def language(self, wanted: str | None) -> str:
        """The patient's language where we have texts in it, else the practice's first."""
        short = (wanted or "").lower()[:2]
        known: list[str] = list(self.practice.languages)
        return short if short in known else known[0]


_REMEDIES = {
    "bool_parsing": "must be true or false, without quotes",
    "bool_type": "must be true or false, without quotes",
    "decimal_max_digits": 'must be an amount in US dollars, written like "0.05"',
    "decimal_max_places": "may have five digits after the point at most",
    "decimal_parsing": 'must be an amount in US dollars, written like "0.05"',
    "decimal_type": 'must be an amount in US dollars, written like "0.05"',
    "decimal_whole_digits": "must be a smaller amount",
    "enum": "must be one of {expected}",
    "extra_forbidden": "is not a setting we know; check its spelling or remove the line",
    "float_parsing": "must be a number, without quotes",
    "float_type": "must be a number, without quotes",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number, without quotes",
    "int_type": "must be a whole number, without quotes",
    "less_than_equal": "must be at most {le}",
    "list_type": 'must be a list, written like ["one", "two"]',
    "literal_error": "must be one of {expected}",
    "missing": "is missing; copy its line from practice.example.toml",
    "string_too_long": "may have {max_length} characters at most",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be text between quotes",
    "time_parsing": "must be a time of day, written like 10:00:00",
    "time_type": "must be a time of day, written like 10:00:00",
    "too_short": "must name at least {min_length}",
}
"""What to write instead, by pydantic's name of the fault; its own words are for engineers."""


def _line_of(text: str, path: tuple[Any, ...]) -> int:
    """The line (from 1) on which the key at `path` most likely stands; the table's head when the key is missing."""
    lines = text.splitlines()
    head = str(path[0]) if path else ""
    ordinal = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    keys = [str(part) for part in path[1:] if not isinstance(part, int)]
    heads = [
        at
        for at, line in enumerate(lines)
        if re.match(rf"\s*(\[\[?{re.escape(head)}[\].]|{re.escape(head)}\s*=)", line)
    ]
    if not head or not heads:
        return 1
    start = heads[min(ordinal, len(heads) - 1)]
    for at in range(start, len(lines)):
        if at > start and lines[at].startswith("["):
            break
        if keys and re.match(rf"\s*{re.escape(keys[0])}\s*=", lines[at]):
            return at + 1
    return start + 1


def _path(loc: tuple[Any, ...], said: str) -> tuple[Any, ...]:
    """Where a fault stands, in keys of the file: pydantic's names of union members and of keys are none. What is wrong with
    the file as a whole begins with the table that it is about."""
    if not loc:
        about = re.match(r"([a-z]+)[.:]", said)
        return (about[1],) if about else ()
    return tuple(part for part in loc if isinstance(part, int) or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", part))


def _sentences(text: str, fault: ValidationError, name: str) -> list[str]:
    found: dict[tuple[Any, ...], str] = {}
    for error in fault.errors():
        said = error["msg"].removeprefix("Value error, ")
        path = _path(tuple(error["loc"]), said)
        if error["type"] != "value_error":
            remedy = _REMEDIES.get(error["type"], "cannot be read; compare its line with practice.example.toml")
            said = remedy.format(**error.get("ctx", {}))
        colon = ":" if error["type"] == "value_error" and isinstance(error["input"], dict) else ""
        where = ".".join(str(part) for part in path if not isinstance(part, int)) if error["loc"] else ""
        found.setdefault(path, f"{name}, line {_line_of(text, path)}: {where}{colon} {said}.".replace(": : ", ": "))
    return list(found.values())


def parse(text: str, name: str = "practice.toml") -> Practice:
    """The settings in `text`. Raises Misconfigured whose sentence lists every fault with its line and remedy."""
    try:
        return Practice.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        raise Misconfigured(f"{name} cannot be read: {fault}. Compare the line with practice.example.toml.") from None
    except ValidationError as fault:
        raise Misconfigured("\n".join(_sentences(text, fault, name))) from None


@cache
def load(path: str) -> Practice:
    """The settings in the file at `path`, read once. Raises Misconfigured."""
    file = Path(path)
    if not file.is_file():
        raise Misconfigured(f"{file.name} is not there; copy practice.example.toml to it and make it yours.")
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors put a mark before the first line
    except UnicodeDecodeError:
        raise Misconfigured(f"{file.name} is not saved as UTF-8 text; save it again with that encoding.") from None
    return parse(text, file.name)
