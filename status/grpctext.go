package status

import "strings"

// grpcGoTexts are how grpc-go begins the messages of its own failures towards a
// server: addresses, names and causes of this side, which no service has said.
// They tell whose word a status is that came through a channel without
// errwire's interceptors, which know it better. A test of package interceptors
// holds them to the version in use.
var grpcGoTexts = []struct {
	text   string
	origin Origin
}{
	{"connection error: desc = ", OriginLocal},
	{"last connection error: ", OriginLocal},
	{"last resolver error: ", OriginLocal},
	{"name resolver error: ", OriginLocal},
	{"latest balancer error: ", OriginLocal},
	{"all SubConns are in TransientFailure", OriginLocal},
	{"error reading from server: ", OriginLocal},
	{"closing transport due to: ", OriginLocal},
	{"transport: ", OriginLocal},
	{"failed to validate authority ", OriginLocal},
	// Something answered that is not gRPC.
	{"unexpected HTTP status code received from server: ", OriginIntermediary},
	{"malformed header: ", OriginIntermediary},
}

// originOfText is whose word it is in truth that grpc-go passes off as a status.
func originOfText(message string) Origin {
	for _, known := range grpcGoTexts {
		if strings.HasPrefix(message, known.text) {
			return known.origin
		}
	}
	return OriginUnspecified
}
