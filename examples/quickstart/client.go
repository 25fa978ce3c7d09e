package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	getMethod  = "/quickstart.Users/Get"
	listMethod = "/quickstart.Users/List"
)

// get is what a generated client does.
func (t *tour) get(ctx context.Context, name string) (string, error) {
	reply := &wrapperspb.StringValue{}
	err := t.conn.Invoke(ctx, getMethod, wrapperspb.String(name), reply)
	return reply.GetValue(), err
}

// list reads a server stream to its end.
func (t *tour) list(ctx context.Context, name string, opts ...grpc.CallOption) (names []string, err error) {
	stream, err := t.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, listMethod, opts...)
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(wrapperspb.String(name)); err != nil {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	for {
		user := &wrapperspb.StringValue{}
		switch err := stream.RecvMsg(user); {
		case errors.Is(err, io.EOF):
			return names, nil
		case err != nil:
			return names, err
		}
		names = append(names, user.GetValue())
	}
}
