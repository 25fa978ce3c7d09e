package status

import "strings"

// grpcGoTexts are how grpc-go begins the messages of its own failures towards a
// server: addresses, names and causes of this side, which no service has said.
// They tell whose word a status is that came through a channel without
// errwire's interceptors, which know it better. A test of package interceptors
// holds them to the version in use.
var grpcGoTexts = []string{
	"connection error: desc = ",
	"last connection error: ",
	"last resolver error: ",
	"name resolver error: ",
	"latest balancer error: ",
	"all SubConns are in TransientFailure",
	"error reading from server: ",
	"closing transport due to: ",
	"transport: ",
	"failed to validate authority ",
	"unexpected HTTP status code received from server: ",
	"malformed header: ",
}

// originOfText is OriginLocal for a message that grpc-go made.
func originOfText(message string) Origin {
	for _, text := range grpcGoTexts {
		if strings.HasPrefix(message, text) {
			return OriginLocal
		}
	}
	return OriginUnspecified
}
