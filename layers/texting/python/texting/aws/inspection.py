"""What watches over the practice and what it rests on: alarms, queues, keys, locks, timetables, and what waits."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from texting.aws.account import asked, patient
from texting.rules.readiness_facts import Alarm, Key, Listeners, Waiting

ALARMS_A_CALL = 100
NOT_ROTATED = frozenset({"SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"})


def alarms(names: Mapping[str, str]) -> tuple[Alarm, ...]:
    """Those of the alarms that exist. `names` are alarm names by our word for each."""
    words = {name: word for word, name in names.items()}
    wanted, rows = sorted(words), []
    with asked("alarms"):
        for start in range(0, len(wanted), ALARMS_A_CALL):
            part = wanted[start : start + ALARMS_A_CALL]
            rows += patient("cloudwatch").describe_alarms(AlarmNames=part, MaxRecords=100)["MetricAlarms"]
    return tuple(
        Alarm(words[row["AlarmName"]], row["StateValue"], bool(row["ActionsEnabled"] and row["AlarmActions"]))
        for row in rows
    )


def listeners(topic: str) -> Listeners:
    """How many subscriptions a topic has."""
    with asked("subscriptions to the alarms"):
        pages = patient("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        arns = [row["SubscriptionArn"] for page in pages for row in page["Subscriptions"]]
    pending = sum(not arn.startswith("arn:") for arn in arns)
    return Listeners(len(arns) - pending, pending)


def depths(urls: Mapping[str, str]) -> Mapping[str, int]:
    """How many messages each queue holds, those being handled included; `urls` by our word for each queue."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    with asked("queues"):
        told = {
            word: patient("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            for word, url in urls.items()
        }
    return {word: sum(int(row[name]) for name in names) for word, row in told.items()}


def ages(urls: Mapping[str, str], now: datetime) -> Mapping[str, int]:
    """Seconds that the oldest message of each queue waits, in the last quarter of an hour; 0 for a queue at rest."""
    queries = [
        {
            "Id": word,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": url.rsplit("/", 1)[-1]}],
                },
                "Period": 300,
                "Stat": "Maximum",
            },
        }
        for word, url in urls.items()
    ]
    with asked("metrics"):
        told = patient("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=now - timedelta(minutes=15), EndTime=now, ScanBy="TimestampDescending"
        )
    return {row["Id"]: int(row["Values"][0]) if row["Values"] else 0 for row in told["MetricDataResults"]}


def keys(ids: Mapping[str, str]) -> tuple[Key, ...]:
    """How each KMS key stands; `ids` by our word for each."""
    return tuple(_key(word, key_id) for word, key_id in ids.items())


def _key(word: str, key_id: str) -> Key:
    with asked("keys"):
        about = patient("kms").describe_key(KeyId=key_id)["KeyMetadata"]
        rotates = None
        if about.get("KeyUsage") not in NOT_ROTATED and about["KeyState"] == "Enabled":
            rotates = bool(patient("kms").get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"])
    return Key(word, about["KeyState"], rotates)


def lock(bucket: str) -> str:
    """The default Object Lock mode of a bucket; empty when there is none."""
    with asked("Object Lock"):
        told = patient("s3").get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    return str(told.get("Rule", {}).get("DefaultRetention", {}).get("Mode", ""))


def rules(names: Mapping[str, str]) -> Mapping[str, bool]:
    """Whether each EventBridge rule is enabled. A rule on a bus of its own is called `bus|rule`."""
    found: dict[str, bool] = {}
    for word, name in names.items():
        bus, _, rule = name.rpartition("|")
        with asked("timetables"):
            told = patient("events").describe_rule(Name=rule, **({"EventBusName": bus} if bus else {}))
        found[word] = told["State"].startswith("ENABLED")
    return found


def waiting(table: str, now: datetime) -> Waiting:
    """What of the ledger waits to be placed or published, and how long the oldest entry has waited for its place."""
    query = {
        "TableName": table,
        "IndexName": "by_pending",
        "KeyConditionExpression": "pending = :p",
        "ExpressionAttributeValues": {":p": {"S": "1"}},
    }
    with asked("ledger"):
        pages = patient("dynamodb").get_paginator("query").paginate(**query, Select="COUNT")
        count = sum(page["Count"] for page in pages)
        oldest = patient("dynamodb").query(**query, Limit=1)["Items"]
        log = patient("dynamodb").get_item(TableName=table, Key={"pk": {"S": "STATE"}, "sk": {"S": "LOG"}}).get("Item")
    since = datetime.fromisoformat(oldest[0]["at"]["S"].split("#")[0]) if oldest else now
    placed = int(log["size"]["N"]) - int(log["published"]["N"]) if log else 0
    return Waiting(count + placed, max(0, int((now - since).total_seconds())))
