// Package load puts a chain of services under load, with failures in it.
package load_test

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// injected is the failure of every fifth request.
var injected = status.New(status.Unavailable, "Try again.").
	WithServiceCode(status.ServiceCode{Domain: "load.example.com", Reason: "INJECTED"})

const (
	failing = 5 // one in so many
	perCall = 8 // messages of a stream
)

// A tally counts by id, and how many failures were injected.
type tally struct {
	mutex   sync.Mutex
	tries   map[string]int
	done    map[string]int
	refused int
}

// begin decides about one attempt at id, and counts it as done if it goes on.
// What fails depends on nothing but the id and the attempt.
func (c *tally) begin(id string) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.tries == nil {
		c.tries, c.done = map[string]int{}, map[string]int{}
	}
	c.tries[id]++
	h := fnv.New32a()
	_, _ = io.WriteString(h, id+"/"+strconv.Itoa(c.tries[id]))
	if h.Sum32()>>8%failing == 0 {
		c.refused++
		return injected
	}
	c.done[id]++
	return nil
}

// A link counts what the retries of one client did, against one budget.
type link struct {
	policy  *retry.Policy
	retries atomic.Int64
}

// tokens and ratio are those of the budgets. A fifth of all calls fails, so that
// there is not enough for all of them in one budget, and is in two.
const (
	tokens = 20
	ratio  = 0.1
)

func newLink(t *testing.T) *link {
	t.Helper()
	l := &link{}
	budget, err := retry.NewBudget(retry.WithTokens(tokens), retry.WithTokenRatio(ratio))
	require.NoError(t, err)
	l.policy, err = retry.NewPolicy(retry.WithBackoff(time.Millisecond, 5*time.Millisecond), retry.WithBudget(budget),
		retry.WithObserver(func(_ context.Context, e retry.Event) {
			if e.Decision == retry.DecisionRetry {
				l.retries.Add(1)
			}
		}))
	require.NoError(t, err)
	return l
}

// obeyed holds the retries of so many answered calls to the budget.
func (l *link) obeyed(t *testing.T, answers int) {
	t.Helper()
	assert.Positive(t, l.retries.Load())
	assert.LessOrEqual(t, float64(l.retries.Load()), tokens+ratio*float64(answers)+1)
}

// A front is a gRPC service that asks a REST service, and is asked through a
// client of its own.
type front struct {
	pb.UnimplementedTestServiceServer
	backend tally // behind REST
	streams tally
	broken  atomic.Int64 // streams that were broken after they began
	toFront *link
	toREST  *link
	client  *httpbridge.Client
	url     string
	conn    *grpc.ClientConn
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{toFront: newLink(t), toREST: newLink(t)}
	quiet := slog.New(slog.DiscardHandler)
	rest := httptest.NewServer(httpbridge.Handler(func(w http.ResponseWriter, r *http.Request) error {
		id, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if err := f.backend.begin(string(id)); err != nil {
			return err
		}
		_, err = w.Write(id)
		return err
	}, httpbridge.WithLogger(quiet)))
	t.Cleanup(rest.Close)
	transport := &http.Transport{MaxConnsPerHost: 64, MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	f.url = rest.URL
	f.client = httpbridge.NewClient(&http.Client{Transport: transport}, httpbridge.WithRetryPolicy(f.toREST.policy))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(interceptors.ServerOptions(interceptors.WithLogger(quiet))...)
	pb.RegisterTestServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	options := interceptors.DialOptions(interceptors.WithRetryPolicy(f.toFront.policy))
	f.conn, err = grpc.NewClient(listener.Addr().String(), append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.conn.Close() })
	return f
}

// UnaryCall passes a call on, and its error back, as they are.
func (f *front) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	id := string(req.GetPayload().GetBody())
	httpReq, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader(id))
	if err != nil {
		return nil, err
	}
	resp, err := f.client.Do(httpReq)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	return &pb.SimpleResponse{Username: string(reply)}, err
}

// FullDuplexCall echoes with numbers. One stream in five fails before anything is
// sent, and one in seven of the others after half of it.
func (f *front) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	for i := 0; ; i++ {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		id := string(req.GetPayload().GetBody())
		switch {
		case i == 0:
			if err := f.streams.begin(id); err != nil {
				return err
			}
		case i == perCall/2 && breaks(id):
			f.broken.Add(1)
			return injected
		}
		if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: []byte(id + "#" + strconv.Itoa(i))}}); err != nil {
			return err
		}
	}
}

func breaks(id string) bool {
	h := fnv.New32a()
	_, _ = io.WriteString(h, id)
	return h.Sum32()>>8%7 == 0
}
