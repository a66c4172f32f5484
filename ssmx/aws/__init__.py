"""The only home of boto3 and botocore."""
