// Package auth is the catalog of Firebase Auth's service codes: its domain is
// identitytoolkit.googleapis.com.
//
//	switch {
//	case auth.IsUserNotFound(err): // this very error
//	case auth.IsIDTokenInvalid(err): // malformed, expired or revoked, or the user is disabled
//	case status.IsUnavailable(err): // anything of this kind
//	}
//
// For each code there is a sentinel such as [UserNotFound], a predicate such as
// [IsUserNotFound] and a constructor such as [NewUserNotFound]. Predicates answer
// for every error: wrapped, joined, from gRPC or from a REST body, and nil.
//
// Some codes have a second predicate, as Firebase's guide and its Admin SDKs
// differ: [IsIDTokenExpired] is [IsExpiredIDToken]. Two names look like twins and
// are not: [IsInvalidIDToken] is about one code, [IsIDTokenInvalid] about every
// reason for which an ID token cannot be accepted; likewise
// [IsInvalidSessionCookie] and [IsSessionCookieInvalid].
//
// The reasons are the names of the Admin SDKs. On the wire the service has names
// of its own, such as EMAIL_EXISTS for [EmailAlreadyExists]; package httpbridge
// translates them.
package auth
