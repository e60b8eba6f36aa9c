"""Makers for what is kept in the embedded AWS: tables, keys, buckets and secrets.

Only what can change behaviour is passed on; what an emulator accepts and ignores (encryption at rest, recovery,
tags) is left out, so that nothing here looks like a guarantee it is not. Buckets are made through the API with
Object Lock from birth.
"""

import json
from typing import Any

from box.runtime.building import Builder
from box.runtime.template import Made, Resource


def table(builder: Builder, resource: Resource) -> Made:
    """A table with its indexes and its time-to-live attribute."""
    name = builder.of(resource, "TableName", default=resource.generated())
    indexes = builder.of(resource, "GlobalSecondaryIndexes", default=[])
    asked: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": builder.of(resource, "KeySchema"),
        "AttributeDefinitions": builder.of(resource, "AttributeDefinitions"),
    }
    if indexes:
        kept = ("IndexName", "KeySchema", "Projection")
        asked["GlobalSecondaryIndexes"] = [{part: index[part] for part in kept} for index in indexes]
    dynamodb = builder.parts.client("dynamodb")
    arn = dynamodb.create_table(**asked)["TableDescription"]["TableArn"]
    ttl = builder.of(resource, "TimeToLiveSpecification")
    if ttl and ttl.get("Enabled"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    builder.built.tables[resource.logical_id] = name
    return Made(name, {"Arn": arn, "TableId": resource.generated()})


def key(builder: Builder, resource: Resource) -> Made:
    """A KMS key of its own usage and spec."""
    asked = {
        "KeyUsage": builder.of(resource, "KeyUsage", default="ENCRYPT_DECRYPT"),
        "KeySpec": builder.of(resource, "KeySpec", default="SYMMETRIC_DEFAULT"),
        "Description": builder.of(resource, "Description", default=""),
    }
    told = builder.parts.client("kms").create_key(**asked)["KeyMetadata"]
    return Made(told["KeyId"], {"Arn": told["Arn"], "KeyId": told["KeyId"]})


def alias(builder: Builder, resource: Resource) -> Made:
    """Another name for a key."""
    name = builder.of(resource, "AliasName")
    builder.parts.client("kms").create_alias(AliasName=name, TargetKeyId=builder.of(resource, "TargetKeyId"))
    return Made(name, {"Arn": builder.arn("kms", name)})


def bucket(builder: Builder, resource: Resource) -> Made:
    """A bucket, versioned and locked as the template says."""
    name = builder.of(resource, "BucketName", default=resource.generated(63).lower())
    s3, locked = builder.parts.client("s3"), bool(builder.of(resource, "ObjectLockEnabled", default=False))
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked, **_where(builder))
    if locked or builder.of(resource, "VersioningConfiguration", "Status") == "Enabled":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = builder.of(resource, "ObjectLockConfiguration")
    if rule:
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    builder.built.buckets[resource.logical_id] = name
    host = f"{name}.s3.amazonaws.com"
    return Made(name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": host, "RegionalDomainName": host})


def secret(builder: Builder, resource: Resource) -> Made:
    """A secret with the value the template gives, or a made-up one where it asks for that."""
    manager = builder.parts.client("secretsmanager")
    asked = builder.of(resource, "GenerateSecretString")
    value = builder.of(resource, "SecretString", default="")
    if asked:
        password = manager.get_random_password(ExcludePunctuation=True)["RandomPassword"]
        told = json.loads(asked.get("SecretStringTemplate", "{}"))
        value = json.dumps(told | {asked["GenerateStringKey"]: password}) if "GenerateStringKey" in asked else password
    arn = manager.create_secret(Name=builder.of(resource, "Name", default=resource.generated()), SecretString=value)[
        "ARN"
    ]
    return Made(arn, {"Id": arn})


def _where(builder: Builder) -> dict[str, Any]:
    region = builder.assembly.region
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
