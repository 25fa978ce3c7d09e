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
//   - a call that never left: no connection, a name that does not resolve. It
//     waits for the channel to connect again, at least 2 s;
//   - a call whose request left and whose answer was lost, only where a repeat is
//     safe: the method's idempotency_level says so, the request has a request_id
//     (AIP-155), or the caller does, by [WithIdempotent] or [Idempotent].
//
// The server's wishes are obeyed: google.rpc.RetryInfo and the
// grpc-retry-pushback-ms trailer. A failure of TLS, a request that cannot be
// encoded and a call dropped by a load balancer are not retried. Attempts after
// the first carry grpc-previous-rpc-attempts (gRFC A6).
//
// Streams of all kinds are retried in the same way until they commit: until the
// caller has a message or the header. Nothing is ever delivered twice. A server
// stream that breaks later can go on where it broke, with [Resume].
//
// The caller's own end of context is DEADLINE_EXCEEDED or CANCELLED with the
// context's error reachable by errors.Is. grpc-go turns every other cause into
// text before an interceptor sees it.
package interceptors
