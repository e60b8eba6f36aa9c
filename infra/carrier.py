"""The carrier's side in our account: AWS End User Messaging SMS.

The practice's own number is an input, not a resource: registering one takes weeks and replacing it would lose it. Only a
simulator number, whose texts never reach a phone, is made here.
"""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_smsvoice as sms
from constructs import Construct

from infra.channels import Channels

NONE_YET = "none-yet"  # functions refuse an empty setting; while sending is off no number is needed


class Carrier(Construct):
    """The configuration set (receipts to our topic), the opt-out list, and the identity that texts are sent from."""

    def __init__(
        self, scope: Construct, name: str, *, channels: Channels, origination: str, pool: bool, simulator: bool
    ) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.opt_out_list = sms.CfnOptOutList(self, "OptOutList", opt_out_list_name=f"{stack.stack_name}-opt-outs")
        self.configuration_set = self._configuration_set(stack.stack_name, channels)
        self.origination = origination or NONE_YET
        kind = f"pool/{origination}" if pool else "phone-number/*"
        self.origination_arn = f"arn:aws:sms-voice:{stack.region}:{stack.account}:{kind}"
        if simulator:
            number = self._simulator(channels)
            if not origination:
                self.origination, self.origination_arn = number.attr_phone_number_id, number.attr_arn
        CfnOutput(self, "InboundTopicArn", value=channels.inbound_topic.topic_arn)
        CfnOutput(self, "OptOutListName", value=self.opt_out_list_name)

    @property
    def configuration_set_name(self) -> str:
        """What a send names so that its receipts reach us."""
        return str(self.configuration_set.ref)

    @property
    def opt_out_list_name(self) -> str:
        """The carrier's own list: our second fence."""
        return str(self.opt_out_list.ref)

    def _configuration_set(self, stack_name: str, channels: Channels) -> sms.CfnConfigurationSet:
        receipts = sms.CfnConfigurationSet.EventDestinationProperty(
            event_destination_name="receipts",
            enabled=True,
            matching_event_types=["TEXT_ALL"],
            sns_destination=sms.CfnConfigurationSet.SnsDestinationProperty(topic_arn=channels.receipts_topic.topic_arn),
        )
        made = sms.CfnConfigurationSet(
            self,
            "ConfigurationSet",
            configuration_set_name=f"{stack_name}-texts",
            event_destinations=[receipts],
        )
        made.node.add_dependency(channels.receipts_topic)
        return made

    def _simulator(self, channels: Channels) -> sms.CfnPhoneNumber:
        keyword = sms.CfnPhoneNumber.MandatoryKeywordProperty
        return sms.CfnPhoneNumber(
            self,
            "Simulator",
            iso_country_code="US",
            number_type="SIMULATOR",
            number_capabilities=["SMS"],
            mandatory_keywords=sms.CfnPhoneNumber.MandatoryKeywordsProperty(
                help=keyword(message="Test number. Reply STOP to end these texts."),
                stop=keyword(message="You will get no more texts from this test number."),
            ),
            opt_out_list_name=self.opt_out_list_name,
            self_managed_opt_outs_enabled=True,
            two_way=sms.CfnPhoneNumber.TwoWayProperty(enabled=True, channel_arn=channels.inbound_topic.topic_arn),
        )
