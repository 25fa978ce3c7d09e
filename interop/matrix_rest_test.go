package interop_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strconv"
	"testing"
	"time"

	"connectrpc.com/connect"
	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/errorutils"
	fcm "firebase.google.com/go/v4/messaging"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/messaging"
)

var restReaders = []peer{
	{
		name: "googleapi", module: "google.golang.org/api", through: "AIP193", losses: []loss{httpNumber, codeAndMessage},
		see: func(t *testing.T, sent []*status.Error) []view {
			server := restServer(t, sent, httpbridge.AIP193)
			return each(sent, func(i int) view {
				var e *googleapi.Error
				if !errors.As(googleapi.CheckResponse(get(t, server, i)), &e) {
					return view{}
				}
				return view{Code: "HTTP " + strconv.Itoa(e.Code), Message: e.Message}
			})
		},
	},
	{
		name: "gax-go apierror", module: "github.com/googleapis/gax-go/v2", through: "AIP193", losses: []loss{gaxCode, gaxStranger},
		see: func(t *testing.T, sent []*status.Error) []view {
			server := restServer(t, sent, httpbridge.AIP193)
			return each(sent, func(i int) view { return seenByGax(googleapi.CheckResponse(get(t, server, i))) })
		},
	},
	{
		name: "firebase-admin-go", module: "firebase.google.com/go/v4", through: "Firebase", sc: messaging.Unregistered, losses: []loss{firebaseGoCodes, codeMessageReason},
		see: seenByFirebaseGo,
	},
	{
		name: "connect-go", module: "connectrpc.com/connect", through: "Connect", losses: []loss{asAborted},
		see: func(t *testing.T, sent []*status.Error) []view {
			server := restServer(t, sent, httpbridge.Connect)
			client := connect.NewClient[pb.Empty, pb.Empty](http.DefaultClient, server+kinds[0].method)
			return each(sent, func(i int) view { return seenByConnect(t, client, i) })
		},
	},
}

var restWriters = []peer{
	{
		name: "connect-go", module: "connectrpc.com/connect", through: "Connect",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverConnect(t, sent, connectServer(t, sent))
		},
	},
	{
		name: "connect-go", module: "connectrpc.com/connect", through: "gRPC-Web",
		see: func(t *testing.T, sent []*status.Error) []view {
			return seenOverGRPCWeb(t, sent, connectServer(t, sent))
		},
	},
	{
		name: "an errwire server behind grpc-gateway", module: "github.com/grpc-ecosystem/grpc-gateway/v2", through: "REST", losses: []loss{gatewayStranger},
		see: func(t *testing.T, sent []*status.Error) []view { return seenThroughGateway(t, sent) },
	},
}

var (
	httpNumber = loss{"The code is the HTTP status.", func(v *view) {
		code, _ := status.ParseCode(v.Code)
		v.Code = "HTTP " + strconv.Itoa(code.HTTPStatus())
	}}
	codeAndMessage = loss{"It has accessors for code and message only.", func(v *view) {
		*v = view{Code: v.Code, Message: v.Message}
	}}
	codeMessageReason = loss{"It has accessors for code, message and its own service's codes only.", func(v *view) {
		*v = view{Code: v.Code, Message: v.Message, Reason: v.Reason, Domain: v.Domain}
	}}
	gaxCode = loss{"It reads the code from the HTTP status, never from the body's `error.status`.", func(v *view) {
		code, _ := status.ParseCode(v.Code)
		v.Code = cmp.Or(gaxCodes[code.HTTPStatus()], code).String()
	}}
	gaxStranger = loss{"A detail of an unknown type costs it all details, reason and domain.", func(v *view) {
		if len(v.Unknown) > 0 {
			*v = view{Code: v.Code, Message: v.Message}
		}
	}}
	firebaseGoCodes = loss{"It has no `UNIMPLEMENTED`: no predicate is true.", func(v *view) {
		if v.Code == "UNIMPLEMENTED" {
			v.Code = ""
		}
	}}
	gatewayStranger = loss{"A detail of an unknown type makes it answer 500 `failed to marshal error message`.", func(v *view) {
		if len(v.Unknown) > 0 {
			*v = view{Code: "INTERNAL", Message: "failed to marshal error message"}
		}
	}}
)

// gaxCodes are those of the HTTP statuses that several codes share, or that gax
// does not know.
var gaxCodes = map[int]status.Code{
	400: status.InvalidArgument, 409: status.Aborted, 499: status.FailedPrecondition, 500: status.Internal,
}

// restServer is an errwire server; /7 fails with error number 7, as does
// whatever has it in the header or in a message to the Firebase token "7".
func restServer(t *testing.T, sent []*status.Error, format httpbridge.Format) (url string) {
	server := httptest.NewServer(httpbridge.Handler(func(_ http.ResponseWriter, r *http.Request) error {
		number := r.Header.Get("outcome")
		if number == "" {
			number = path.Base(r.URL.Path)
		}
		if format == httpbridge.Firebase {
			var body struct{ Message struct{ Token string } }
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				return err
			}
			number = body.Message.Token
		}
		i, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		return sent[i]
	}, httpbridge.WithFormats(format), httpbridge.WithLogger(slog.New(slog.DiscardHandler))))
	t.Cleanup(server.Close)
	return server.URL
}

func get(t *testing.T, server string, i int) *http.Response {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+"/"+strconv.Itoa(i), nil)
	if !assert.NoError(t, err) {
		return nil
	}
	resp, err := http.DefaultClient.Do(req)
	if !assert.NoError(t, err) {
		return nil
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// post is a call with errwire's HTTP client.
func post(t *testing.T, url, contentType string, body []byte, i int) error {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if !assert.NoError(t, err) {
		return nil
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("outcome", strconv.Itoa(i))
	resp, err := httpbridge.NewClient(nil, httpbridge.WithoutRetry()).Do(req)
	if resp != nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return err
}

// seenOverConnect reads with errwire's HTTP client.
func seenOverConnect(t *testing.T, sent []*status.Error, server string) []view {
	return each(sent, func(i int) view {
		return seenByErrwire(post(t, server+kinds[0].method, "application/json", []byte("{}"), i))
	})
}

func seenOverGRPCWeb(t *testing.T, sent []*status.Error, server string) []view {
	empty := binary.BigEndian.AppendUint32([]byte{0}, 0) // one frame of no bytes
	return each(sent, func(i int) view {
		return seenByErrwire(post(t, server+kinds[0].method, "application/grpc-web+proto", empty, i))
	})
}

// seenThroughGateway has a grpc-gateway between an errwire server and errwire's
// HTTP client.
func seenThroughGateway(t *testing.T, sent []*status.Error, opts ...runtime.ServeMuxOption) []view {
	conn := dial(t, sampleServer(t, sent))
	mux := runtime.NewServeMux(opts...)
	require.NoError(t, mux.HandlePath(http.MethodPost, "/v1/calls", func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		i, _ := strconv.Atoi(r.Header.Get("outcome"))
		runtime.HTTPError(r.Context(), mux, marshaler, w, r, invoke(t, conn, i))
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return each(sent, func(i int) view {
		return seenByErrwire(post(t, server.URL+"/v1/calls", "application/json", []byte("{}"), i))
	})
}

// firebasePredicates are all that firebase-admin-go tells of a code.
var firebasePredicates = map[status.Code]func(error) bool{
	status.Cancelled: errorutils.IsCancelled, status.Unknown: errorutils.IsUnknown, status.InvalidArgument: errorutils.IsInvalidArgument,
	status.DeadlineExceeded: errorutils.IsDeadlineExceeded, status.NotFound: errorutils.IsNotFound, status.AlreadyExists: errorutils.IsAlreadyExists,
	status.PermissionDenied: errorutils.IsPermissionDenied, status.ResourceExhausted: errorutils.IsResourceExhausted,
	status.FailedPrecondition: errorutils.IsFailedPrecondition, status.Aborted: errorutils.IsAborted, status.OutOfRange: errorutils.IsOutOfRange,
	status.Internal: errorutils.IsInternal, status.Unavailable: errorutils.IsUnavailable, status.DataLoss: errorutils.IsDataLoss,
	status.Unauthenticated: errorutils.IsUnauthenticated, status.Conflict: errorutils.IsConflict,
}

func seenByFirebaseGo(t *testing.T, sent []*status.Error) []view {
	target, err := url.Parse(restServer(t, sent, httpbridge.Firebase))
	require.NoError(t, err)
	app, err := firebase.NewApp(t.Context(), &firebase.Config{ProjectID: "library"},
		option.WithHTTPClient(&http.Client{Transport: redirect{target}}))
	require.NoError(t, err)
	client, err := app.Messaging(t.Context())
	require.NoError(t, err)
	return each(sent, func(i int) view {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.Send(ctx, &fcm.Message{Token: strconv.Itoa(i)})
		if !assert.Error(t, err) {
			return view{}
		}
		v := view{Message: err.Error()}
		for code, is := range firebasePredicates {
			if is(err) {
				v.Code = code.String()
			}
		}
		if fcm.IsUnregistered(err) {
			v.Reason, v.Domain = messaging.Unregistered.Reason, messaging.Unregistered.Domain
		}
		return v
	})
}

// redirect sends every request to one server.
type redirect struct{ to *url.URL }

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return http.DefaultTransport.RoundTrip(req)
}

func packed(typeName string, value []byte) proto.Message {
	return &anypb.Any{TypeUrl: "type.googleapis.com/" + typeName, Value: value}
}
