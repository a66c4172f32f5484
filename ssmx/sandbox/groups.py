"""Auto Scaling's DescribeAutoScalingInstances as AWS answers it, where moto 5.2 cuts no pages."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from ssmx.sandbox import paging
from ssmx.sandbox.refusal import Refused

_MOST = 50


class GroupService(AutoScalingResponse):
    """moto's Auto Scaling with pages of instances."""

    def describe_auto_scaling_instances(self) -> ActionResult:
        if len(self._get_param("InstanceIds", [])) > _MOST:
            raise Refused("ValidationError", f"The number of instance ids that can be passed is limited to {_MOST}")
        answer: Any = super().describe_auto_scaling_instances()
        found = list(answer.result["AutoScalingInstances"])
        try:
            size = paging.limit(self._get_param("MaxRecords"), default=_MOST, least=1, most=_MOST)
            page, token = paging.cut(found, token=self._get_param("NextToken"), size=size)
        except paging.BadLimit as error:
            raise Refused("ValidationError", f"MaxRecords must be between 1 and {_MOST}") from error
        except paging.BadToken as error:
            raise Refused("InvalidNextToken", "The token is not valid") from error
        return ActionResult({"AutoScalingInstances": page, "NextToken": token})
