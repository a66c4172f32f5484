"""The few calls that a session begins and ends with, without botocore, which takes longer to import than they take.

Where the keys are at hand and nothing is out of the ordinary, these answer what botocore's clients answer; of
everything else they keep off, and botocore does it:

    keys      whose keys, and what else the environment and the profile say; None where that leaves a doubt
    place     the URL of a service
    signer    Signature Version 4
    http      one request and its answer
    answers   EC2's XML and Systems Manager's JSON, as botocore reads them
    client    in the place of a botocore client

A call that only reads, and whose answer is anything but good, is made again by botocore, with its repetitions.
"""
