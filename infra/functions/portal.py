"""portal: a patient opens a secure message, after showing who they are."""

from constructs import Construct

from infra.allow import GET, PUT, SEAL, allow
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Portal(TextingFunction):
    """Started by the patients' links, /m/{token}."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data) -> None:
        super().__init__(
            scope,
            "portal",
            shelf,
            timeout=20,
            memory=1024,  # photos in replies
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "WORK_TABLE": data.work.table_name,
                "SECURE_TABLE": data.secure.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
            },
        )
        allow(self, data.people, GET)
        allow(self, data.work, PUT)
        allow(self, data.secure, GET, PUT)
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
