"""Whatever goes wrong is seen by somebody: dead letters everywhere, and an alarm on each."""

from tests.infra.assembly import FUNCTIONS, Assembly, Resource

OWN = {"MessagesRefusedLate", "MessagesInDoubt", "TasksOverdue", "LedgerLagSeconds", "LedgerUnreadable", "SpendUsd"}


def _dead(dev: Assembly) -> list[Resource]:
    return [one for one in dev.all("AWS::SQS::Queue") if one.name.endswith("Dead")]


def _watched(dev: Assembly, metric: str) -> set[str]:
    """The exported names of the queues that have an alarm on `metric`."""
    return {
        dimension["Value"]["Fn::ImportValue"]
        for alarm in dev.all("AWS::CloudWatch::Alarm")
        if alarm.properties["MetricName"] == metric
        for dimension in alarm.properties["Dimensions"]
    }


def test_every_queue_has_a_dead_letter(dev: Assembly) -> None:
    """What a function cannot handle ends in the dead letter of its queue, and no dead letter has readers."""
    dead = {one.logical_id for one in _dead(dev)}
    assert len(dead) == 6
    for queue in dev.all("AWS::SQS::Queue"):
        if queue.logical_id not in dead:
            assert queue.properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead
        assert queue.properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_rules_subscriptions_and_timers_have_dead_letters(dev: Assembly) -> None:
    """Every delivery between services has a place for what could not be delivered."""
    for rule in dev.all("AWS::Events::Rule"):
        assert all("DeadLetterConfig" in target for target in rule.properties["Targets"])
    for subscription in dev.all("AWS::SNS::Subscription"):
        assert "deadLetterTargetArn" in subscription.properties["RedrivePolicy"]
    for name in ("ledger", "retention", "watch"):
        assert "DeadLetterConfig" in dev.functions()[name].properties


def test_every_dead_letter_raises_an_alarm(dev: Assembly) -> None:
    """One message in any dead letter is enough to tell somebody."""
    seen = _watched(dev, "ApproximateNumberOfMessagesVisible")
    assert len(seen) == 6
    for dead in _dead(dev):
        assert [one for one in seen if dead.logical_id in one], dead.logical_id
    for alarm in dev.all("AWS::CloudWatch::Alarm"):
        if alarm.properties["MetricName"] == "ApproximateNumberOfMessagesVisible":
            assert (alarm.properties["Threshold"], alarm.properties["EvaluationPeriods"]) == (1, 1)


def test_every_queue_is_watched_for_age(dev: Assembly) -> None:
    """A queue that is not read in time raises an alarm, however short it is."""
    seen = _watched(dev, "ApproximateAgeOfOldestMessage")
    for queue in dev.all("AWS::SQS::Queue"):
        if queue.name.endswith("Queue"):
            assert [one for one in seen if queue.logical_id in one], queue.logical_id


def test_every_function_is_watched(dev: Assembly) -> None:
    """A function that reads a queue shows its failures there; all others' errors raise an alarm, and throttling does."""
    readers = {one.properties["FunctionName"]["Ref"] for one in dev.all("AWS::Lambda::EventSourceMapping")}
    others = [one.logical_id for one in dev.functions().values() if one.logical_id not in readers]
    seen = _watched(dev, "Errors")
    assert len(seen) == len(others) == len(FUNCTIONS) - 4
    for function in others:
        assert [one for one in seen if function in one], function
    (throttles,) = (a for a in dev.all("AWS::CloudWatch::Alarm") if a.properties["MetricName"] == "Throttles")
    assert "Dimensions" not in throttles.properties


def test_our_own_alarms(dev: Assembly) -> None:
    """Lateness, doubt, overdue tasks, unpublished or unreadable evidence and money have alarms on our own metrics."""
    alarms = [one.properties for one in dev.all("AWS::CloudWatch::Alarm")]
    ours = {one["MetricName"]: one for one in alarms if one["Namespace"] == "Quietline"}
    assert set(ours) == OWN
    assert ours["SpendUsd"]["Threshold"] == 160  # four fifths of the example practice's 200


def test_tampering_is_noticed(dev: Assembly) -> None:
    """Whoever tries to stop the trail, kill a key or loosen the ledger raises an alarm, refused or not."""
    (counted,) = dev.all("AWS::Logs::MetricFilter")
    pattern = counted.properties["FilterPattern"]["Fn::Join"][1]
    assert "StopLogging" in pattern[0]
    assert "ScheduleKeyDeletion" in pattern[0]
    (alarm,) = (a for a in dev.all("AWS::CloudWatch::Alarm") if a.properties["MetricName"] == "Tampering")
    (told,) = counted.properties["MetricTransformations"]
    assert alarm.properties["Namespace"] == told["MetricNamespace"]


def test_every_alarm_speaks_to_the_topic(prod: Assembly) -> None:
    """No alarm is silent; where the practice names an address, it is written to."""
    (topic,) = (one for one in prod.all("AWS::SNS::Topic") if one.stack == "Watch")
    for alarm in prod.all("AWS::CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"] == [{"Ref": topic.logical_id}]
        assert alarm.properties["AlarmDescription"]
    mails = [one.properties for one in prod.all("AWS::SNS::Subscription") if one.properties["Protocol"] == "email"]
    assert [one["Endpoint"] for one in mails] == ["it@glow.example"]


def test_alarms_cost_little(dev: Assembly) -> None:
    """Ten alarms are free and each further one costs ten cents a month: the fixed cost counts on this number."""
    assert len(dev.all("AWS::CloudWatch::Alarm")) <= 26
