"""consent: the one door through which consent is given, read, taken back and imported."""

from constructs import Construct

from infra.allow import GET, PUT, QUERY, SEAL, allow
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Consent(TextingFunction):
    """Started by the consent routes: the practice's systems under /v1, patients under /c."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data) -> None:
        super().__init__(
            scope,
            "consent",
            shelf,
            timeout=25,  # an import of many rows; the door itself gives up at 29 seconds
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "WORK_TABLE": data.work.table_name,
                "SECURE_TABLE": data.secure.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
            },
        )
        allow(self, data.people, GET, QUERY, PUT)
        allow(self, data.work, GET, PUT)
        allow(self, data.secure, GET, PUT)
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
