// Package interceptors puts the error model of package status on gRPC calls: on
// a client, every failure comes back as one *status.Error, transient ones already
// retried; on a server, every status that leaves is complete and says nothing it
// should not.
//
// # Client
//
//	conn, err := grpc.NewClient("library.example.com:443",
//		append(interceptors.DialOptions(), grpc.WithTransportCredentials(creds))...)
//	…
//	shelf, err := client.GetShelf(ctx, req)
//	if status.IsNotFound(err) { … }
//
// What is retried, by default up to 5 attempts in all under the rules of package
// retry:
//
//   - UNAVAILABLE that the server itself answered;
//   - a call that never left, or of which the server said that it did nothing for
//     it: no connection, a name that does not resolve, a stream refused. It waits
//     for the channel to connect again, for the backoff or 2 s, whichever is
//     longer; for the backoff alone where the deadline is nearer than that;
//   - a call whose request left and whose answer was lost, only where a repeat is
//     safe: the method's idempotency_level says so, the request has a request_id
//     (AIP-155), or the caller does, by [WithIdempotent] or [Idempotent].
//
// The server's wishes are obeyed: google.rpc.RetryInfo and the
// grpc-retry-pushback-ms trailer. A failure of TLS, a request that cannot be
// encoded and a call dropped by a load balancer are not retried. Attempts after
// the first carry grpc-previous-rpc-attempts (gRFC A6). A wait between attempts
// ends with the context, and when the ClientConn is closed.
//
// Streams of all kinds are retried in the same way until they commit: until the
// caller has a message or the header. Nothing is ever delivered twice. A server
// stream that breaks later can go on where it broke, through a restart of its
// server too, if its request can say where to start: [Resume] takes a function
// that makes the next request from the last message, [WithResume] one by method.
//
// The caller's own end of context is DEADLINE_EXCEEDED or CANCELLED with the
// context's error reachable by errors.Is. grpc-go turns every other cause into
// text before an interceptor sees it.
//
// # Server
//
//	server := grpc.NewServer(interceptors.ServerOptions(
//		interceptors.WithDomain("library.example.com"))...)
//
// Handlers return any Go error, or panic. What leaves, by [status.Public]:
//
//   - the nearest *status.Error, gRPC status, bare Code or ServiceCode, without
//     the text that wrapped it; what this side or a proxy made of a backend's
//     failure, with its code and a fixed message only;
//   - the end of a context, as CANCELLED or DEADLINE_EXCEEDED;
//   - what a mapper knows ([WithMapper]);
//   - everything else, and every panic, as INTERNAL with a fixed message. The
//     original goes to slog, with the request's id, and to [WithErrorHook].
//
// Every status gets an ErrorInfo where the server has a domain, a RequestInfo
// where x-request-id, traceparent or grpc-trace-bin names the request, and each
// detail type once. A backend's own details stay as they are. DebugInfo leaves
// only with [WithDebugInfo]. A status costs at most 6 KiB on the wire, so that
// it fits an 8 KiB header list; [WithMaxStatusSize] says what is dropped first.
//
// A RetryInfo is mirrored in the trailer grpc-retry-pushback-ms, up to a fifth
// longer so that a fleet spreads out. To shed load, return
// status.New(status.Unavailable, "").WithRetryDelay(d): set the delay on the
// error, never the trailer. Nothing sets a header on an error path, which would
// turn off the retries of native clients; handlers that do, do.
//
// What observes calls (OpenTelemetry, logging, metrics) goes before
// ServerOptions and sees the status that leaves; what may refuse a call
// (authentication, rate limits, validation) goes after, and its errors are
// completed too. Install one of these interceptors per call: for options by
// method, use go-grpc-middleware's selector with matchers that exclude one
// another.
//
// No interceptor reaches what grpc-go answers by itself, on streams too: unknown
// methods (but see [UnknownMethodHandler]), malformed method names, requests that
// are too large, cannot be decoded or use an unknown compression, answers that
// are too large or cannot be encoded, bad content types and headers, refusals of
// a tap handle, of an xDS filter or by the limit of streams, and the end of a
// connection.
//
// In tests, [WithStrict] reports breaches of AIP-193.
package interceptors
