package main

import "slices"

// groups are in the order of the README's table.
var groups = []group{
	{"client, success: unary", unarySuccess},
	{"client, success: 1 message of a stream", streamMessage},
	{"status → error: code", toErrorCode},
	{"status → error: reason", toErrorReason},
	{"status → error: all details", toErrorDetails},
	{"error → status with ErrorInfo", toStatus},
	{"REST body of 200 B → error", restIn},
	{"REST body of 8 KiB → error", restInLarge},
	{"error → REST", restOut},
	{"loopback call, success", loopbackSuccess},
	{"loopback call, failure", loopbackFailure},
}

func all() []group { return slices.Concat(groups, dialects) }
