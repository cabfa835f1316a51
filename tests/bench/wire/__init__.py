"""From a closed bar on the stream to the signed order on the wire, the whole engine between, over real sockets."""
