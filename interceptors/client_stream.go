package interceptors

import (
	"context"

	"google.golang.org/grpc"
)

// StreamClientInterceptor lets streams pass.
func StreamClientInterceptor(opts ...ClientOption) grpc.StreamClientInterceptor {
	return newClient(opts).stream
}

func (c *client) stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if c.err != nil {
		return nil, c.err
	}
	return streamer(ctx, desc, cc, method, opts...)
}
