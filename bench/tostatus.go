package main

import (
	kratos "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/status"
)

// making is a contender that makes an error with an ErrorInfo and its status.
func making(name string, make func() *grpcstatus.Status) contender {
	return contender{name, func() (func() any, func()) {
		return func() any { return make() }, no
	}}
}

var toStatus = []contender{
	making("errwire, in steps", func() *grpcstatus.Status {
		return status.New(status.NotFound, message).
			WithServiceCode(status.ServiceCode{Domain: domain, Reason: reason}).
			WithMetadata(metadata).GRPCStatus()
	}),
	making("errwire, from an ErrorInfo", func() *grpcstatus.Status {
		return status.New(status.NotFound, message).WithDetails(errorInfo()).GRPCStatus()
	}),
	making("grpc WithDetails, from an ErrorInfo", func() *grpcstatus.Status {
		st, err := grpcstatus.New(codes.NotFound, message).WithDetails(errorInfo())
		if err != nil {
			return nil
		}
		return st
	}),
	making("kratos, which has no domain", func() *grpcstatus.Status {
		return kratos.New(404, reason, message).WithMetadata(metadata).GRPCStatus()
	}),
	{"floor: grpc FromProto, which copies", func() (func() any, func()) {
		ready := ourError.GRPCStatus().Proto()
		return func() any { return grpcstatus.FromProto(ready) }, no
	}},
	{"floor: proto.Marshal", func() (func() any, func()) {
		st := ourError.GRPCStatus()
		p := st.Proto()
		return func() any {
			encoded, err := proto.Marshal(p)
			if err != nil {
				return nil
			}
			sink = encoded
			return st
		}, no
	}},
}
