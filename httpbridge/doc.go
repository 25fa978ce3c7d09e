// Package httpbridge turns REST error bodies into errwire's one error, and one
// error into REST answers.
//
// # Reading
//
// [CheckResponse] is for an *http.Response; [Parse] for what is left of one:
//
//	resp, err := http.DefaultClient.Do(req)
//	if err != nil { … }
//	defer resp.Body.Close()
//	if err := httpbridge.CheckResponse(resp); err != nil {
//		if auth.IsUserNotFound(err) { … } // by service code
//		if status.IsNotFound(err) { … }   // by platform code
//	}
//
// The dialect of a body is recognised by headers, media type and shape, in this
// order; [Dialect] says how to name one, and how to add one's own. What a body
// does not say is taken from the HTTP status ([status.FromHTTPStatus]).
//
//   - A code that the body names beats the HTTP status, and so does what a
//     registered catalog knows of the service code where the body names none. In
//     a body of Identity Toolkit a known server code beats even error.status, as
//     in Firebase's SDKs.
//   - Details are read one by one. An unknown field, enum value or type costs
//     that member and no other. A detail of an unknown type is kept: JSON as a
//     google.protobuf.Struct with its "@type", binary as a google.protobuf.Any;
//     both are written again as they came. At most 256 details are kept, and
//     numbers are float64s.
//   - errors[] lists and vendors' fields become BadRequest, Help and so on where
//     they mean the same, and metadata where they do not.
//   - The delay is that of RetryInfo, Retry-After and the vendors' fields together.
//     RetryInfo is exact: a Retry-After less than a second above it is its
//     rounding; otherwise the longest wins. What is too large for a time.Duration
//     is the longest there is; what is negative, past or unreadable says nothing.
//   - [status.Error.Origin] tells what the service said, in a form that is known,
//     from a proxy's page and from a code that only the HTTP status tells.
//
// Parse is total. Of any status, header and body it makes an error with a code, a
// message of at most 16 KiB of valid UTF-8, and no panic; it reads at most 1 MiB,
// and takes time and memory in proportion to that. HTML never becomes a message.
//
// # Writing
//
// [Encode] writes an error in one of seven formats ([Format]). What leaves is what
// [status.Public] lets leave. AIP193, Problem, Gateway and Connect lose nothing:
// Parse reads back an error that is [status.Equal], save that
//
//   - fields that a message has in binary, and this program's version of it does
//     not, have no JSON form, and leave Connect only;
//   - Connect drops what stands before the type's name in a type URL.
//
// [Twirp], [OAuth] and [Firebase] say what they lose. A CONFLICT goes out as HTTP
// 409 without a status in AIP193, as "CONFLICT" in Problem, and as over gRPC in
// the others: as ABORTED, marked in the ErrorInfo.
//
// In a server, [Handler] answers with the error that a handler returns, [Recover]
// with INTERNAL where one panics, and [Write] is for handlers that do it
// themselves; the Accept header chooses between AIP193 and Problem. An
// [ErrorWriter] has other formats, mappers for errors of the service's own, and a
// domain for errors without a reason. What does not leave goes to the log.
//
//	mux.Handle("GET /shelves/{id}", httpbridge.Handler(getShelf))
//
// # Calling
//
// A [Client] retries, and fails with *[status.Error]:
//
//	client := httpbridge.NewClient(nil)
//	err := client.DoJSON(req, &shelf)
//	if status.IsNotFound(err) { … }
//
// [NewTransport] retries under clients of others, and says what is retried.
//
// # Dialects
//
// Read and written: AIP-193 and Google's older forms, with Firebase's (AIP193,
// Firebase), Problem Details (Problem), grpc-gateway and Envoy's transcoder
// (Gateway), Connect, Twirp, OAuth.
//
// Read: gRPC, gRPC-Web, Connect and grpc-gateway streams, pRPC, Kratos, Goa,
// go-micro, Encore, herodot, Dapr, JSON:API, GraphQL, JSON-RPC, Azure and OData,
// AWS (JSON and XML, S3), Google's and Azure's storage, API Gateway, Stripe (with
// OpenAI and Anthropic), GitHub, Kubernetes, Docker, OCI registries, Spring,
// Vault, Elasticsearch, the Realtime Database, Bearer challenges, the messages,
// codes and lists of field errors that others send in forms of their own, and the
// pages of Envoy, nginx, AWS, Google, Cloudflare and other proxies.
package httpbridge
