"""The carrier's API: every operation the simulator plays, checked on the way in and on the way out."""

from collections.abc import Callable
from typing import Any

from box.carrier import account, lists, model, numbers, sets
from box.carrier.errors import AnswerLost, ServiceError, invalid
from box.carrier.network import Call, Network
from box.carrier.sending import send_text_message

Operation = Callable[[Network, dict[str, Any]], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "CarrierLookup": account.carrier_lookup,
    "CreateConfigurationSet": sets.create_configuration_set,
    "CreateEventDestination": sets.create_event_destination,
    "CreateOptOutList": lists.create_opt_out_list,
    "CreatePool": numbers.create_pool,
    "DeleteOptOutList": lists.delete_opt_out_list,
    "DeleteOptedOutNumber": lists.delete_opted_out_number,
    "DescribeAccountAttributes": account.describe_account_attributes,
    "DescribeAccountLimits": account.describe_account_limits,
    "DescribeConfigurationSets": sets.describe_configuration_sets,
    "DescribeKeywords": numbers.describe_keywords,
    "DescribeOptOutLists": lists.describe_opt_out_lists,
    "DescribeOptedOutNumbers": lists.describe_opted_out_numbers,
    "DescribePhoneNumbers": numbers.describe_phone_numbers,
    "DescribePools": numbers.describe_pools,
    "DescribeRegistrations": account.describe_registrations,
    "DescribeSpendLimits": account.describe_spend_limits,
    "PutKeyword": numbers.put_keyword,
    "PutOptedOutNumber": lists.put_opted_out_number,
    "RequestPhoneNumber": numbers.request_phone_number,
    "SendTextMessage": send_text_message,
    "UpdateEventDestination": sets.update_event_destination,
    "UpdatePhoneNumber": numbers.update_phone_number,
    "UpdatePool": numbers.update_pool,
}


def perform(network: Network, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request and return its answer; raises `ServiceError` as the service would, or `AnswerLost`.

    An operation the service has and the simulator does not play is refused by name, never answered with silence.
    """
    described = model.operation(operation)
    if described is None or operation not in OPERATIONS:
        raise ServiceError("UnknownOperationException", f"{operation} is not played by this carrier.")
    at, outcome = network.now(), "accepted"
    try:
        complaints = list(model.complaints(described.input_shape, request))
        if complaints:
            raise invalid(complaints[0].reason, complaints)
        with network.lock:
            answer = OPERATIONS[operation](network, request)
        model.check_answer(described.output_shape, answer)
        return answer
    except ServiceError as error:
        outcome = error.reason
        raise
    except AnswerLost:
        outcome = "lost"
        raise
    finally:
        with network.lock:
            network.calls.append(Call(at, operation, request, outcome))
