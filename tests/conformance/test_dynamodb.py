"""DynamoDB as we rely on it: conditions decide once, transactions are whole, reads say what they promise.

Source: DynamoDB Developer Guide ("Condition expressions", "Transactions: how it works", "Constraints", "TTL") and
the API reference of the operations named.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import Cloud, differs

THREADS = 8


def item(pk: str, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "-"}, **more}


def test_a_write_on_condition_is_refused_with_what_stood_there(cloud: Cloud) -> None:
    """Put-if-absent fails the second time and hands back the first item, so that no second read is needed."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    put = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.put_item(Item=item("m", state={"S": "planned"}), **put)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.put_item(Item=item("m"), ReturnValuesOnConditionCheckFailure="ALL_OLD", **put)
    assert caught.value.response["Item"]["state"] == {"S": "planned"}


def test_a_condition_on_an_item_that_is_not_there_fails(cloud: Cloud) -> None:
    """An update that expects a state does not bring an item into being."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    change: dict[str, Any] = {
        "UpdateExpression": "SET #s = :claimed",
        "ConditionExpression": "#s = :planned",
        "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":claimed": {"S": "claimed"}, ":planned": {"S": "planned"}},
    }
    key = item("absent")
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(TableName=table, Key=key, **change)
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)


@pytest.mark.parametrize("kind", ["put", "update", "transact"])
def test_of_many_writers_one_wins(cloud: Cloud, kind: str) -> None:
    """Claiming a message twice is impossible, however the claims interleave."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()

    def claim(name: str) -> bool:
        absent = {"TableName": table, "ConditionExpression": "attribute_not_exists(claimed)"}
        try:
            if kind == "put":
                dynamodb.put_item(Item=item(name, claimed={"S": "x"}), **absent)
            elif kind == "update":
                values = {":x": {"S": "x"}}
                change = {"UpdateExpression": "SET claimed = :x", "ExpressionAttributeValues": values}
                dynamodb.update_item(Key=item(name), **change, **absent)
            else:
                dynamodb.transact_write_items(
                    TransactItems=[{"Put": {"Item": item(name, claimed={"S": "x"}), **absent}}]
                )
        except (
            dynamodb.exceptions.ConditionalCheckFailedException,
            dynamodb.exceptions.TransactionCanceledException,
        ):
            return False
        return True

    with ThreadPoolExecutor(THREADS) as writers:
        for turn in range(4):
            assert sum(writers.map(claim, [f"m{turn}"] * THREADS)) == 1


def test_no_increment_is_lost(cloud: Cloud) -> None:
    """Eight writers adding to one counter add up."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()

    def add(_: int) -> None:
        one = {":one": {"N": "1"}}
        change = {"UpdateExpression": "ADD sent :one", "ExpressionAttributeValues": one}
        dynamodb.update_item(TableName=table, Key=item("counter"), **change)

    with ThreadPoolExecutor(THREADS) as writers:
        list(writers.map(add, range(40)))
    assert dynamodb.get_item(TableName=table, Key=item("counter"), ConsistentRead=True)["Item"]["sent"] == {"N": "40"}


def test_a_cancelled_transaction_writes_nothing_and_says_why(cloud: Cloud) -> None:
    """The reasons stand in the order of the actions, each with the item that failed its condition."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    dynamodb.put_item(TableName=table, Item=item("number", standing={"S": "revoked"}))
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": item("number"),
            "ConditionExpression": "standing = :granted",
            "ExpressionAttributeValues": {":granted": {"S": "granted"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    put = {"Put": {"TableName": table, "Item": item("message")}}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(TransactItems=[put, check])
    first, second = caught.value.response["CancellationReasons"]
    assert (first["Code"], second["Code"]) == ("None", "ConditionalCheckFailed")
    assert second["Item"]["standing"] == {"S": "revoked"}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=item("message"), ConsistentRead=True)


def test_a_transaction_may_not_touch_an_item_twice(cloud: Cloud) -> None:
    """A plan that does so is a bug, and AWS says so before anything is written."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    put = {"Put": {"TableName": table, "Item": item("m")}}
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=[put, put])
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_transaction_takes_a_hundred_items(cloud: Cloud) -> None:
    """One more is refused."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    puts = [{"Put": {"TableName": table, "Item": item(f"m{n}")}} for n in range(101)]
    dynamodb.transact_write_items(TransactItems=puts[:100])
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=puts)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def add_once(cloud: Cloud, table: str, amount: str = "1") -> None:
    values = {":n": {"N": amount}}
    change = {"UpdateExpression": "ADD n :n", "ExpressionAttributeValues": values}
    update = {"Update": {"TableName": table, "Key": item("counter"), **change}}
    cloud.client("dynamodb").transact_write_items(TransactItems=[update], ClientRequestToken=f"token-of-{table}"[-36:])


@differs(moto="applies the transaction a second time")
def test_a_transaction_with_the_same_token_happens_once(cloud: Cloud) -> None:
    """A retry whose first answer was lost changes nothing."""
    table = cloud.table()
    add_once(cloud, table)
    add_once(cloud, table)
    found = cloud.client("dynamodb").get_item(TableName=table, Key=item("counter"), ConsistentRead=True)
    assert found["Item"]["n"] == {"N": "1"}


@differs(moto="applies the other transaction")
def test_a_token_used_again_for_something_else_is_refused(cloud: Cloud) -> None:
    """A token names one transaction."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    add_once(cloud, table)
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        add_once(cloud, table, amount="2")


@differs(moto="writes all 26")
def test_a_batch_takes_twenty_five_items(cloud: Cloud) -> None:
    """One more is refused."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    puts = [{"PutRequest": {"Item": item(f"m{n}")}} for n in range(26)]
    with pytest.raises(ClientError) as caught:
        dynamodb.batch_write_item(RequestItems={table: puts})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_index_answers_in_order_and_in_pages(cloud: Cloud) -> None:
    """What falls due is found by index, soonest first, and a page goes on where the last one ended."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table(index=True)
    for day in ("03", "01", "02", "05", "04"):
        dynamodb.put_item(TableName=table, Item=item(day, shelf={"S": "texts"}, due={"S": f"2026-12-{day}"}))
    due = {
        "TableName": table,
        "IndexName": "by-due",
        "KeyConditionExpression": "shelf = :s AND due <= :d",
        "ExpressionAttributeValues": {":s": {"S": "texts"}, ":d": {"S": "2026-12-04"}},
        "Limit": 3,
    }
    pages = list(dynamodb.get_paginator("query").paginate(**due))
    assert [[found["pk"]["S"] for found in page["Items"]] for page in pages] in (
        [["01", "02", "03"], ["04"]],
        [["01", "02", "03"], ["04"], []],
    )


def test_an_index_cannot_be_read_consistently(cloud: Cloud) -> None:
    """What decides is read from the table; AWS refuses to pretend otherwise."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table(index=True)
    with pytest.raises(ClientError) as caught:
        dynamodb.query(
            TableName=table,
            IndexName="by-due",
            ConsistentRead=True,
            KeyConditionExpression="shelf = :s",
            ExpressionAttributeValues={":s": {"S": "texts"}},
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("bad", [{"pk": {"S": ""}}, {"body": {"B": b"x" * 400 * 1024}}])
def test_an_empty_key_and_a_huge_item_are_refused(cloud: Cloud, bad: dict[str, Any]) -> None:
    """Keys are never empty, and an item is at most 400 KB."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    with pytest.raises(ClientError) as caught:
        dynamodb.put_item(TableName=table, Item=item("m") | bad)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_an_item_past_its_time_to_live_is_still_read(cloud: Cloud) -> None:
    """Deletion by TTL takes days, so nobody may take absence or presence for an expiry."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    ttl = {"Enabled": True, "AttributeName": "gone_by"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
    dynamodb.put_item(TableName=table, Item=item("m", gone_by={"N": str(int(time.time()) - 60)}))
    assert "Item" in dynamodb.get_item(TableName=table, Key=item("m"), ConsistentRead=True)


def test_a_protected_table_cannot_be_deleted(cloud: Cloud) -> None:
    """Deletion protection has to be taken off first."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table(DeletionProtectionEnabled=True)
    with pytest.raises(ClientError) as caught:
        dynamodb.delete_table(TableName=table)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=table)


def test_a_reserved_word_needs_a_name_of_its_own(cloud: Cloud) -> None:
    """An expression with a bare reserved word is refused, so a test on an emulator must refuse it too."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table()
    with pytest.raises(ClientError) as caught:
        dynamodb.update_item(
            TableName=table,
            Key=item("m"),
            UpdateExpression="SET status = :s",
            ExpressionAttributeValues={":s": {"S": "sent"}},
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"
