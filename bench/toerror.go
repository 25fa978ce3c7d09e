package main

import (
	"errors"

	"github.com/containerd/errdefs"
	"github.com/containerd/errdefs/pkg/errgrpc"
	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/googleapis/gax-go/v2/apierror"
	"go.temporal.io/api/serviceerror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// reading is a contender that looks at the error of a failed gRPC call.
func reading(name string, read func(err error) any) contender {
	return contender{name, func() (func() any, func()) {
		err := wireStatus.Err()
		return func() any { return read(err) }, no
	}}
}

var toErrorCode = []contender{
	reading("errwire FromError, then a predicate", func(err error) any { return status.IsNotFound(status.FromError(err)) }),
	reading("errwire, the predicate alone", func(err error) any { return status.IsNotFound(err) }),
	reading("gax apierror", func(err error) any {
		e, _ := apierror.FromError(err)
		return e.GRPCStatus().Code() == codes.NotFound
	}),
	reading("kratos", func(err error) any { return kratos.FromError(err).Code == 404 }),
	reading("containerd errgrpc", func(err error) any { return errors.Is(errgrpc.ToNative(err), errdefs.ErrNotFound) }),
	reading("temporal serviceerror", func(err error) any {
		var notFound *serviceerror.NotFound
		return errors.As(serviceerror.FromStatus(grpcstatus.Convert(err)), &notFound)
	}),
	reading("floor: grpc status.FromError", func(err error) any {
		st, _ := grpcstatus.FromError(err)
		return st.Code() == codes.NotFound
	}),
}

// Those of containerd and temporal have no reason.
var toErrorReason = []contender{
	reading("errwire", func(err error) any { return status.FromError(err).Reason() }),
	reading("gax apierror", func(err error) any {
		e, _ := apierror.FromError(err)
		return e.Reason()
	}),
	reading("kratos", func(err error) any { return kratos.FromError(err).Reason }),
	reading("floor: Status.Proto()", func(err error) any {
		_ = grpcstatus.Convert(err).Proto()
		return reason
	}),
}

// That of kratos has the ErrorInfo only.
var toErrorDetails = []contender{
	reading("errwire", func(err error) any {
		for _, detail := range status.FromError(err).Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				return info.GetReason()
			}
		}
		return ""
	}),
	reading("gax apierror", func(err error) any {
		e, _ := apierror.FromError(err)
		return e.Details().ErrorInfo.GetReason()
	}),
	reading("floor: grpc Status.Details()", func(err error) any {
		for _, detail := range grpcstatus.Convert(err).Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				return info.GetReason()
			}
		}
		return ""
	}),
}
