"""Legal holds from the command: placed on what exists, listed, released one by one, each with its evidence."""

from tests.journeys.stories import ANA


def test_a_hold_stands_until_it_is_released(operator):
    """Two holds on one patient are two: releasing one leaves the other."""
    patient_id = operator.practice.consents("P-1", ANA)
    first = operator.json("hold", "place", "--patient", "main:P-1")["hold"]
    second = operator.json("hold", "place", "--patient", patient_id, "--reason", "audit")["hold"]

    told = operator.run("hold", "release", first, "--patient", patient_id, typed="RELEASE\n")
    assert told.exit_code == 0
    assert operator.json("hold", "list", "--patient", "main:P-1")["holds"] == [second]
    assert operator.ledger()["hold.released"]["hold"] == first


def test_a_hold_on_a_number_is_asked_for_at_a_prompt(operator):
    """The number stands in no argument and in no output."""
    operator.practice.consents("P-1", ANA)

    assert operator.json("hold", "place", "--phone", typed=ANA + "\n")["subject"].startswith("n_")


def test_a_hold_on_everything(operator):
    """One word covers the practice."""
    assert operator.json("hold", "place", "--everything")["subject"] == "ALL"


def test_a_hold_on_nobody_is_refused(operator):
    """A typing error must not look like a hold."""
    assert operator.run("hold", "place", "--patient", "main:P-404").exit_code == 1
    assert operator.run("hold", "place").exit_code == 1
    assert operator.run("hold", "place", "--patient", "p_1", "--everything").exit_code == 1


def test_an_unconfirmed_release_releases_nothing(operator):
    """What is released may be destroyed tonight: the word must be typed."""
    hold_id = operator.json("hold", "place", "--everything")["hold"]

    assert operator.run("hold", "release", hold_id, "--everything", typed="y\n").exit_code == 2
    assert operator.json("hold", "list", "--everything")["holds"] == [hold_id]
