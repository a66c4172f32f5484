"""The regions that completion offers."""

import botocore.session

from ssmx.model.regions import REGIONS


def test_each_is_one_that_botocore_knows():
    session = botocore.session.Session()
    known = {
        each for part in ("aws", "aws-cn", "aws-us-gov") for each in session.get_available_regions("ec2", part)
    }
    assert set(REGIONS) <= known
    assert len(REGIONS) == len(set(REGIONS))
