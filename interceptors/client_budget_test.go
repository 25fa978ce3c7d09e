package interceptors_test

import (
	"context"
	"net"
	"runtime"
	"strconv"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// budgeted is a policy of tiny waits under the target's budget.
func budgeted(opts ...retry.Option) interceptors.ClientOption {
	return interceptors.WithRetryPolicy(retry.MustPolicy(append([]retry.Option{retry.WithBackoff(0, 0)}, opts...)...))
}

// unique is a name that no other test, nor the same one run again, has.
func unique(tb testing.TB) string {
	tb.Helper()
	return tb.Name() + "@" + refusing(tb)
}

// An outage of 1000 calls, one after the other, is hardly more load than the
// calls; and each gets what the server said to it.
func TestUnaryOutage(t *testing.T) {
	t.Parallel()
	server := startBackend(t, func(_ context.Context, run int) error {
		return grpcstatus.Error(codes.Unavailable, strconv.Itoa(run))
	})
	conn := retryingConn(t, server.addr, budgeted())
	for range 1000 {
		_, err := unary(t.Context(), conn)
		require.True(t, status.IsUnavailable(err))
		require.Equal(t, strconv.Itoa(int(server.runs.Load())), err.Error())
	}
	assert.LessOrEqual(t, server.runs.Load(), int32(1250))
	assert.Greater(t, server.runs.Load(), int32(1000), "it did retry")
	_, err := unary(t.Context(), conn)
	assert.Equal(t, "budget_exhausted", whyStopped(t, err))
}

// attempts is how many attempts a call on conn has.
func attempts(t *testing.T, conn *grpc.ClientConn, opts ...grpc.CallOption) int {
	t.Helper()
	_, err := unary(t.Context(), conn, opts...)
	return apiError(t, err).Attempts()
}

// A budget has 6 tokens: 4 retries for a first failing call, 2 for the second,
// none for the third. Which call that is depends on what shares the budget.
func TestUnaryBudgetSharing(t *testing.T) {
	t.Parallel()
	inProcess := func(target string) func(testing.TB, *backend, ...interceptors.ClientOption) *grpc.ClientConn {
		return func(tb testing.TB, server *backend, opts ...interceptors.ClientOption) *grpc.ClientConn {
			dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", server.addr)
			})
			return plainConn(tb, target, append(interceptors.DialOptions(opts...), dialer)...)
		}
	}
	byName := func(tb testing.TB, server *backend, opts ...interceptors.ClientOption) *grpc.ClientConn {
		_, port, err := net.SplitHostPort(server.addr)
		require.NoError(tb, err)
		return plainConn(tb, "dns:///LocalHost:"+port, interceptors.DialOptions(opts...)...)
	}
	direct := func(tb testing.TB, server *backend, opts ...interceptors.ClientOption) *grpc.ClientConn {
		return plainConn(tb, server.addr, interceptors.DialOptions(opts...)...)
	}
	for _, test := range []struct {
		name   string
		dial   func(testing.TB, *backend, ...interceptors.ClientOption) *grpc.ClientConn
		opts   []interceptors.ClientOption
		shared bool
	}{
		{"one address", direct, nil, true},
		{"one name, however written", byName, nil, true},
		{"passthrough", inProcess("passthrough:///bufnet"), nil, false},
		{"unix", inProcess("unix:///run/shelves.sock"), nil, false},
		{"unix-abstract", inProcess("unix-abstract:shelves"), nil, false},
		{
			"passthrough with a name", inProcess("passthrough:///bufnet"),
			[]interceptors.ClientOption{interceptors.WithBudgetTarget(unique(t))}, true,
		},
		{
			"a budget of the policy's own", direct,
			[]interceptors.ClientOption{budgeted(retry.WithBudget(&retry.Budget{}))}, true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startBackend(t, failing(errBusy))
			opts := append([]interceptors.ClientOption{budgeted()}, test.opts...)
			first, second := test.dial(t, server, opts...), test.dial(t, server, opts...)
			assert.Equal(t, 5, attempts(t, first))
			assert.Equal(t, 3, attempts(t, first))
			assert.Equal(t, 1, attempts(t, first))
			if test.shared {
				assert.Equal(t, 1, attempts(t, second))
			} else {
				assert.Equal(t, 5, attempts(t, second))
			}
		})
	}
}

// Success gives back a part of a token, at the first attempt and at a later one.
func TestUnaryBudgetIsRewarded(t *testing.T) {
	t.Parallel()
	budget, err := retry.NewBudget(retry.WithTokens(1), retry.WithTokenRatio(1))
	require.NoError(t, err)
	var answers []error
	server := startBackend(t, func(context.Context, int) error {
		answer := answers[0]
		answers = answers[1:]
		return answer
	})
	conn := retryingConn(t, server.addr, budgeted(retry.WithBudget(budget)))
	answers = []error{errBusy, nil, errBusy, nil, errBusy, errBusy}
	for range 2 {
		_, err = unary(t.Context(), conn)
		require.NoError(t, err, "success at the second attempt pays for it")
	}
	assert.Equal(t, 2, attempts(t, conn))
	answers = []error{errBusy, nil, errBusy, nil}
	assert.Equal(t, 1, attempts(t, conn), "the token is spent")
	_, err = unary(t.Context(), conn)
	require.NoError(t, err)
	_, err = unary(t.Context(), conn)
	require.NoError(t, err, "success at the first attempt pays for the next retry")
}

// Interceptors that many channels share do not keep closed ones.
func TestUnaryForgetsClosedConns(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(nil))
	options := interceptors.DialOptions()
	use := func() weak.Pointer[grpc.ClientConn] {
		conn, err := grpc.NewClient(server.addr, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
		require.NoError(t, err)
		_, err = unary(t.Context(), conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		return weak.Make(conn)
	}
	const channels = 64
	used := make([]weak.Pointer[grpc.ClientConn], channels)
	for i := range used {
		used[i] = use() // by which earlier ones are forgotten
	}
	assert.Eventually(t, func() bool {
		runtime.GC()
		kept := 0
		for _, conn := range used {
			if conn.Value() != nil {
				kept++
			}
		}
		return kept <= 2
	}, time.Minute, 10*time.Millisecond)
	runtime.KeepAlive(options)
}

// Two names of one service may share a budget.
func TestUnaryBudgetTarget(t *testing.T) {
	t.Parallel()
	var told diary
	name := unique(t)
	opts := []interceptors.ClientOption{budgeted(told.observer()), interceptors.WithBudgetTarget(name)}
	first := retryingConn(t, startBackend(t, failing(errBusy)).addr, opts...)
	second := retryingConn(t, startBackend(t, failing(errBusy)).addr, opts...)
	assert.Equal(t, 5, attempts(t, first))
	assert.Equal(t, 3, attempts(t, second))
	for _, event := range told.all() {
		assert.Equal(t, name, event.Target)
	}
}

// One pair of interceptors may serve many channels; each has the budget of its
// target, also when channels come and go.
func TestUnarySharedInterceptors(t *testing.T) {
	t.Parallel()
	options := interceptors.DialOptions(budgeted())
	for range 5 {
		server := startBackend(t, failing(errBusy))
		conn := plainConn(t, server.addr, options...)
		assert.Equal(t, 5, attempts(t, conn))
		require.NoError(t, conn.Close())
		again := plainConn(t, server.addr, options...)
		assert.Equal(t, 3, attempts(t, again))
		_, err := unary(t.Context(), conn)
		assertOnly(t, status.Cancelled, err) // closed, and still known to be
	}
}

// Connections to in-process targets that are made one after the other, as tests
// do by the hundred, never find a budget spent by one that is gone.
func TestUnaryInProcessBudgetsAreNew(t *testing.T) {
	t.Parallel()
	server := startBackend(t, failing(errBusy))
	dialer := grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.addr)
	})
	for range 20 {
		conn := plainConn(t, "passthrough:///bufnet", append(interceptors.DialOptions(budgeted()), dialer)...)
		require.Equal(t, 5, attempts(t, conn))
		require.NoError(t, conn.Close())
	}
}

// The target of an event is fit for the label of a metric.
func TestUnaryEventTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"Localhost:1":                 "localhost:1",
		"dns:///Localhost":            "localhost:443",
		"dns://127.0.0.1/localhost:1": "localhost:1",
		"dns:[::1]":                   "[::1]:443",
		"passthrough:///Localhost:1":  "passthrough:///Localhost:1",
		"unix:/run/none.sock":         "unix:///run/none.sock",
	} {
		var told diary
		policy := interceptors.WithRetryPolicy(fast(t, told.observer(), retry.WithMaxAttempts(1)))
		conn := plainConn(t, target, interceptors.DialOptions(policy)...)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := unary(ctx, conn)
		require.Error(t, err)
		require.Len(t, told.all(), 1)
		assert.Equal(t, want, told.all()[0].Target, target)
		assert.Equal(t, "/grpc.testing.TestService/UnaryCall", told.all()[0].Method)
	}
}
