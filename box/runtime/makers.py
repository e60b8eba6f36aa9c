"""Which maker makes which type of resource."""

from box.runtime import stores, wires
from box.runtime.building import Maker
from box.runtime.rest_api import api, ignored, method, part, stage

MAKERS: dict[str, Maker] = {
    "AWS::ApiGateway::Method": method,
    "AWS::ApiGateway::Model": ignored,
    "AWS::ApiGateway::RequestValidator": ignored,
    "AWS::ApiGateway::Resource": part,
    "AWS::ApiGateway::RestApi": api,
    "AWS::ApiGateway::Stage": stage,
    "AWS::DynamoDB::GlobalTable": stores.table,
    "AWS::DynamoDB::Table": stores.table,
    "AWS::Events::EventBus": wires.bus,
    "AWS::Events::Rule": wires.rule,
    "AWS::IAM::Role": wires.role,
    "AWS::KMS::Alias": stores.alias,
    "AWS::KMS::Key": stores.key,
    "AWS::Lambda::Alias": wires.function_version,
    "AWS::Lambda::EventSourceMapping": wires.mapping,
    "AWS::Lambda::Function": wires.function,
    "AWS::Lambda::LayerVersion": wires.layer,
    "AWS::Lambda::Version": wires.function_version,
    "AWS::S3::Bucket": stores.bucket,
    "AWS::SMSVOICE::ConfigurationSet": wires.configuration_set,
    "AWS::SMSVOICE::OptOutList": wires.opt_out_list,
    "AWS::SMSVOICE::PhoneNumber": wires.phone_number,
    "AWS::SNS::Subscription": wires.subscription,
    "AWS::SNS::Topic": wires.topic,
    "AWS::SQS::Queue": wires.queue,
    "AWS::Scheduler::ScheduleGroup": wires.schedule_group,
    "AWS::SecretsManager::Secret": stores.secret,
}
