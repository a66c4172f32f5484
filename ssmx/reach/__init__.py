"""From what was typed to what is carried: forwards of a node, tunnels to endpoints, and the nodes on the way."""
