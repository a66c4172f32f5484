"""What ssmx keeps on this machine."""
