// Package messaging is the catalog of Firebase Cloud Messaging's service codes:
// its domain is fcm.googleapis.com.
//
//	switch {
//	case messaging.IsUnregistered(err): // forget the registration token
//	case messaging.IsQuotaExceeded(err): // slow down
//	case status.IsUnavailable(err): // try again later
//	}
//
// For each code there is a sentinel such as [Unregistered], a predicate such as
// [IsUnregistered] and a constructor such as [NewUnregistered]. Predicates answer
// for every error: wrapped, joined, from gRPC or from a REST body, and nil.
//
// Some codes are called as a platform code is. They are not the same:
// [IsUnavailable] is true when FCM says UNAVAILABLE in its own detail,
// status.IsUnavailable when the platform code is UNAVAILABLE, whoever says so.
package messaging
