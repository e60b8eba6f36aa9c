"""A template is understood whole, or refused by the name of what is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from box.runtime.template import Assembly, Made, Resolver, Resource, TemplateRefused
from tests.box import tiny


def assembly(folder: Path, **stacks: dict[str, Any]) -> Assembly:
    for name, template in stacks.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
    return Assembly.read(folder)


def resolver(found: Assembly) -> Resolver:
    made = Resolver(found)

    def make(resource: Resource) -> Made:
        return Made(f"ref-of-{resource.logical_id}", {"Arn": f"arn-of-{resource.logical_id}"})

    made.make = make
    return made


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ({"Ref": "Thing"}, "ref-of-Thing"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "Version"}, "21"),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, "arn-of-Thing"),
        ({"Fn::GetAtt": "Thing.Arn"}, "arn-of-Thing"),
        ({"Fn::Join": ["/", ["a", {"Ref": "Thing"}]]}, "a/ref-of-Thing"),
        (
            {"Fn::Sub": "${AWS::AccountId}-${Thing}-${Thing.Arn}-${!left}"},
            "000000000000-ref-of-Thing-arn-of-Thing-${!left}",
        ),
        ({"Fn::Sub": ["${own}", {"own": {"Ref": "Thing"}}]}, "ref-of-Thing"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::ImportValue": "Other:Thing"}, "arn-of-There"),
        ([{"Ref": "AWS::NoValue"}, "kept"], ["kept"]),
        ({"gone": {"Ref": "AWS::NoValue"}, "kept": 1}, {"kept": 1}),
    ],
)
def test_every_intrinsic_function_we_use_is_carried_out(tmp_path: Path, told: Any, meant: Any) -> None:
    """Each means what CloudFormation says it means, across stacks too."""
    here = {"Parameters": {"Version": {"Default": "21"}}, "Resources": {"Thing": {"Type": "T"}}}
    output = {"Value": {"Fn::GetAtt": ["There", "Arn"]}, "Export": {"Name": "Other:Thing"}}
    other = {"Resources": {"There": {"Type": "T"}}, "Outputs": {"Out": output}}
    assert resolver(assembly(tmp_path, Here=here, Other=other)).value("Here", told) == meant


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"Fn::Base64": "x"}, "Fn::Base64"),
        ({"Ref": "AWS::StackId"}, "AWS::StackId"),
        ({"Ref": "Nothing"}, "Nothing"),
        ({"Fn::GetAtt": ["Thing", "Colour"]}, "Colour"),
        ({"Fn::ImportValue": "never"}, "never"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path: Path, told: Any, named: str) -> None:
    """A wiring that is half understood would be worse than none."""
    found = assembly(tmp_path, Here={"Resources": {"Thing": {"Type": "T"}}})
    with pytest.raises(TemplateRefused, match=named):
        resolver(found).value("Here", told)


def test_a_type_nobody_makes_is_refused_by_name_before_anything_is_made(tmp_path: Path) -> None:
    """An unknown resource stops the box with its type and its place."""
    tiny.write(tmp_path, Film={"Type": "AWS::Kinesis::Stream"})
    with pytest.raises(TemplateRefused, match=r"AWS::Kinesis::Stream \(Tiny/Film\)"):
        built(tmp_path / "cdk.out")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"Heard": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}}, "FIFO"),
        ({"Door": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x", "Code": {}}}}, "Door"),
        ({"PostThing": {"Type": "AWS::ApiGateway::Method", "Properties": {
            "HttpMethod": "POST", "ResourceId": {"Ref": "Thing"}, "Integration": {"Type": "HTTP"}}}}, "HTTP"),
        ({"Hears": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": {"Ref": "Topic"}, "Protocol": "https", "Endpoint": "https://x"}}}, "Hears"),
        ({"OnBus": {"Type": "AWS::Events::Rule", "Properties": {
            "EventPattern": {"detail": {"n": [{"numeric": [">", 1]}]}}}}}, "numeric"),
    ],
)  # fmt: skip
def test_a_property_the_box_cannot_play_is_refused_by_name(tmp_path: Path, more: dict[str, Any], named: str) -> None:
    """What would silently behave otherwise than on AWS does not start."""
    tiny.write(tmp_path, **more)
    with pytest.raises(TemplateRefused, match=named):
        built(tmp_path / "cdk.out")


def built(folder: Path) -> None:
    from box.carrier import Carrier
    from box.clock import BoxClock
    from box.embedded_aws import EmbeddedAws
    from box.runtime.running import Runtime, Wiring
    from box.runtime.template import ACCOUNT, REGION
    from box.timer import Timer

    wiring = Wiring(Timer(BoxClock()), REGION, ACCOUNT)
    carrier = Carrier(wiring.timer, wiring.topics.publish)
    Runtime(Assembly.read(folder), wiring, carrier, EmbeddedAws(), folder).build()
