package main

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

// The failure that everybody reads and writes.
const (
	message = "There is no user 42."
	reason  = "USER_NOT_FOUND"
	domain  = "users.example.com"
)

var metadata = map[string]string{"user": "42"}

func errorInfo() *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata}
}

func retryInfo() *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)}
}

// wireStatus is what a gRPC client holds after a call has failed.
var wireStatus = func() *grpcstatus.Status {
	st, err := grpcstatus.New(codes.NotFound, message).WithDetails(errorInfo(), retryInfo())
	if err != nil {
		return nil // the benchmarks' test finds out
	}
	return st
}()

var ourError = status.New(status.NotFound, message).
	WithServiceCode(status.ServiceCode{Domain: domain, Reason: reason}).
	WithMetadata(metadata)
