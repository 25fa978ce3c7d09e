// Package connectbridge puts errwire's errors on connect-go's calls, in whichever
// of its three protocols.
//
// A server's handlers return any Go error, and panic, and what leaves is what
// status.Public lets leave, with its details:
//
//	interceptor := connectbridge.NewServerInterceptor(httpbridge.WithDomain("library.example.com"))
//	mux.Handle(libraryv1connect.NewLibraryHandler(&library{}, connect.WithInterceptors(interceptor)))
//
// A client's calls fail with *status.Error; *connect.Error stays reachable by
// errors.As:
//
//	client := libraryv1connect.NewLibraryClient(&http.Client{Transport: httpbridge.NewTransport(nil)}, url,
//		connect.WithInterceptors(connectbridge.NewClientInterceptor()))
//	_, err := client.GetShelf(ctx, req)
//	if status.IsNotFound(err) { … }
//
// The transport in the example makes the retries, of unary calls in Connect's own
// protocol, where an HTTP status tells of the failure; in gRPC's protocols it is
// 200. The interceptors make none.
//
// A CONFLICT crosses as ABORTED with a mark in its ErrorInfo, as over gRPC: only
// errwire reads it as CONFLICT again. Put the server interceptor outermost, before
// those whose errors it is to write, and the client interceptor too. What
// connect-go answers by itself, before any interceptor runs, such as to a message
// that cannot be decoded, is its own; so is what it finds after them, that a client
// stream was answered with no message or with two: *connect.Error, UNIMPLEMENTED.
//
// [FromConnect] and [ToConnect] convert single errors.
package connectbridge
