package interop_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/googleapis/gax-go/v2/apierror"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	mwretry "github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/timeout"
	"github.com/stretchr/testify/assert"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// asAborted is what CONFLICT, which gRPC lacks, looks like to others.
var asAborted = loss{
	"`CONFLICT` is `ABORTED`, marked `platformCode: CONFLICT` in the metadata.",
	func(v *view) {
		if v.Code == "CONFLICT" {
			v.Code = "ABORTED"
			v.Metadata = maps.Clone(v.Metadata)
			v.Metadata["platformCode"] = "CONFLICT"
		}
	},
}

var gaxUnknown = loss{
	"Of a detail of an unknown type it has an error message only.",
	func(v *view) { v.Unknown = nil },
}

var grpcReaders = []peer{
	{
		name: "grpc-go", module: "google.golang.org/grpc", through: "gRPC", losses: []loss{asAborted},
		see: func(t *testing.T, sent []*status.Error) []view {
			conn := dial(t, sampleServer(t, sent))
			return each(sent, func(i int) view { return seenInStatus(statusProto(invoke(t, conn, i))) })
		},
	},
	{
		name: "grpc-go, retrying natively,", module: "google.golang.org/grpc", through: "gRPC", losses: []loss{asAborted},
		see: seenByNativeRetry,
	},
	{
		name: "errwire in one client with go-grpc-middleware", module: "github.com/grpc-ecosystem/go-grpc-middleware/v2", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			log := logging.LoggerFunc(func(context.Context, logging.Level, string, ...any) {})
			outer := grpc.WithChainUnaryInterceptor(logging.UnaryClientInterceptor(log), mwretry.UnaryClientInterceptor(mwretry.WithMax(2)))
			inner := grpc.WithChainUnaryInterceptor(timeout.UnaryClientInterceptor(time.Minute), logging.UnaryClientInterceptor(log))
			options := append(append([]grpc.DialOption{outer}, interceptors.DialOptions(interceptors.WithoutRetry())...), inner)
			conn := dial(t, sampleServer(t, sent), options...)
			return each(sent, func(i int) view { return seenByErrwire(invoke(t, conn, i)) })
		},
	},
	{
		name: "gax-go apierror", module: "github.com/googleapis/gax-go/v2", through: "gRPC", losses: []loss{asAborted, gaxUnknown},
		see: func(t *testing.T, sent []*status.Error) []view {
			conn := dial(t, sampleServer(t, sent))
			return each(sent, func(i int) view { return seenByGax(invoke(t, conn, i)) })
		},
	},
	{
		name: "connect-go", module: "connectrpc.com/connect", through: "gRPC", losses: []loss{asAborted},
		see: func(t *testing.T, sent []*status.Error) []view {
			client := connect.NewClient[pb.Empty, pb.Empty](h2c(t), "http://"+sampleServer(t, sent)+kinds[0].method, connect.WithGRPC())
			return each(sent, func(i int) view { return seenByConnect(t, client, i) })
		},
	},
}

var grpcWriters = []peer{
	{
		name: "grpc-go", module: "google.golang.org/grpc", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPC(t, len(sent), serve(t, func(ctx context.Context) error {
				return grpcstatus.ErrorProto(sent[outcome(ctx)].GRPCStatus().Proto())
			}))
		},
	},
	{
		name: "errwire in one server with go-grpc-middleware", module: "github.com/grpc-ecosystem/go-grpc-middleware/v2", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			log := logging.LoggerFunc(func(context.Context, logging.Level, string, ...any) {})
			chain := grpc.ChainUnaryInterceptor(logging.UnaryServerInterceptor(log), recovery.UnaryServerInterceptor())
			options := append(append([]grpc.ServerOption{chain}, interceptors.ServerOptions(quiet)...), chain)
			return seenOverGRPC(t, len(sent), serve(t, func(ctx context.Context) error { return sent[outcome(ctx)] }, options...))
		},
	},
	{
		name: "connect-go", module: "connectrpc.com/connect", through: "gRPC",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPC(t, len(sent), strings.TrimPrefix(connectServer(t, sent), "http://"))
		},
	},
}

var quiet = interceptors.WithLogger(slog.New(slog.DiscardHandler))

// sampleServer is an errwire server that fails with the error whose number the
// call's metadata has.
func sampleServer(t *testing.T, sent []*status.Error) (address string) {
	return serve(t, func(ctx context.Context) error { return sent[outcome(ctx)] },
		interceptors.ServerOptions(quiet)...)
}

func outcome(ctx context.Context) int {
	i, _ := strconv.Atoi(strings.Join(metadata.ValueFromIncomingContext(ctx, "outcome"), ""))
	return i
}

// invoke makes the call that fails with error number i.
func invoke(t *testing.T, conn *grpc.ClientConn, i int) error {
	ctx := metadata.AppendToOutgoingContext(t.Context(), "outcome", strconv.Itoa(i))
	return conn.Invoke(ctx, kinds[0].method, &pb.Empty{}, &pb.Empty{})
}

// each looks at all errors at once.
func each(sent []*status.Error, see func(i int) view) []view {
	seen := make([]view, len(sent))
	var all sync.WaitGroup
	for i := range sent {
		all.Go(func() { seen[i] = see(i) })
	}
	all.Wait()
	return seen
}

// statusProto is the status in err's chain, untouched by wrapping.
func statusProto(err error) *spb.Status {
	var withStatus interface{ GRPCStatus() *grpcstatus.Status }
	if !errors.As(err, &withStatus) {
		return nil
	}
	return withStatus.GRPCStatus().Proto()
}

func seenOverGRPC(t *testing.T, n int, address string) []view {
	conn := dial(t, address, interceptors.DialOptions(interceptors.WithoutRetry())...)
	return each(make([]*status.Error, n), func(i int) view { return seenByErrwire(invoke(t, conn, i)) })
}

// seenByNativeRetry has the first backoff a minute long: only the wait that
// errwire puts in the trailer lets a second attempt happen in time.
func seenByNativeRetry(t *testing.T, sent []*status.Error) []view {
	var names []string
	for code := status.Cancelled; code < status.Conflict; code++ {
		names = append(names, strconv.Quote(code.String()))
	}
	config := `{"retryThrottling": {"maxTokens": 1000, "tokenRatio": 1}, "methodConfig": [{"name": [{}], "retryPolicy": {
		"maxAttempts": 2, "initialBackoff": "60s", "maxBackoff": "60s", "backoffMultiplier": 1,
		"retryableStatusCodes": [` + strings.Join(names, ",") + `]}}]}`
	attempts := make([]atomic.Int32, len(sent))
	conn := dial(t, serve(t, func(ctx context.Context) error {
		attempts[outcome(ctx)].Add(1)
		return sent[outcome(ctx)]
	}, interceptors.ServerOptions(quiet)...), grpc.WithDefaultServiceConfig(config))
	return each(sent, func(i int) view {
		if _, ok := sent[i].RetryDelay(); !ok {
			return seenByErrwire(sent[i]) // nobody says when to come back: a minute
		}
		v := seenInStatus(statusProto(invoke(t, conn, i)))
		assert.EqualValues(t, 2, attempts[i].Load(), "%v", sent[i])
		return v
	})
}

// seenByGax asks the accessors of gax.
func seenByGax(err error) view {
	e, ok := apierror.FromError(err)
	if !ok {
		return view{}
	}
	v := view{Code: status.FromGRPC(e.GRPCStatus().Code()).String(), Message: e.GRPCStatus().Message(), Reason: e.Reason(), Domain: e.Domain()}
	if len(e.Metadata()) > 0 {
		v.Metadata = e.Metadata()
	}
	v.Delay = e.Details().RetryInfo.GetRetryDelay().AsDuration()
	v.addGaxDetails(e.Details())
	return v
}

// connectServer is a stock connect-go server; it fails with the error whose
// number the request's header has.
func connectServer(t *testing.T, sent []*status.Error) (url string) {
	return connectServerOf(t, func(i int) error { return sent[i] })
}

// connectServerOf makes connect-go's errors of those of errwire by hand.
func connectServerOf(t *testing.T, fail func(i int) error) (url string) {
	return serveConnect(t, func(i int) error {
		s := status.FromError(fail(i)).GRPCStatus().Proto()
		failed := connect.NewError(connect.Code(s.GetCode()), errors.New(s.GetMessage()))
		for _, packed := range s.GetDetails() {
			detail, err := connect.NewErrorDetail(packed)
			if err != nil {
				return err
			}
			failed.AddDetail(detail)
		}
		return failed
	})
}

func serveConnect(t *testing.T, fail func(i int) error, opts ...connect.HandlerOption) (url string) {
	handler := connect.NewUnaryHandler(kinds[0].method, func(_ context.Context, req *connect.Request[pb.Empty]) (*connect.Response[pb.Empty], error) {
		i, _ := strconv.Atoi(req.Header().Get("outcome"))
		return nil, fail(i)
	}, opts...)
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// h2c speaks HTTP/2 without TLS.
func h2c(t *testing.T) *http.Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func seenByConnect(t *testing.T, client *connect.Client[pb.Empty, pb.Empty], i int) view {
	req := connect.NewRequest(&pb.Empty{})
	req.Header().Set("outcome", strconv.Itoa(i))
	_, err := client.CallUnary(t.Context(), req)
	var e *connect.Error
	if !errors.As(err, &e) {
		return view{}
	}
	v := view{Code: status.Code(e.Code()).String(), Message: e.Message()}
	for _, detail := range e.Details() {
		v.add(packed(detail.Type(), detail.Bytes()))
	}
	return v
}

// addGaxDetails asks for each detail that gax has a field for.
func (v *view) addGaxDetails(d apierror.ErrDetails) {
	for _, detail := range []proto.Message{
		d.BadRequest, d.PreconditionFailure, d.QuotaFailure, d.RequestInfo, d.ResourceInfo, d.Help, d.LocalizedMessage, d.DebugInfo,
	} {
		if detail.ProtoReflect().IsValid() {
			v.add(detail)
		}
	}
	for _, detail := range d.Unknown {
		if message, ok := detail.(proto.Message); ok {
			v.add(message)
		}
	}
}
