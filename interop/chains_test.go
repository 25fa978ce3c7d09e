package interop_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A hop is a server on a wire. It fails as fail says, and call is a client's view
// of that, over the wire.
type hop struct {
	name  string
	start func(t *testing.T, fail func(i int) error) (call func(i int) error)
}

var overGRPC = hop{"gRPC", func(t *testing.T, fail func(i int) error) func(i int) error {
	address := serve(t, func(ctx context.Context) error { return fail(outcome(ctx)) }, interceptors.ServerOptions(quiet)...)
	conn := dial(t, address, interceptors.DialOptions(interceptors.WithoutRetry())...)
	return func(i int) error { return invoke(t, conn, i) }
}}

// overREST is a server and a client of httpbridge, with bodies in one format.
func overREST(format httpbridge.Format) hop {
	return hop{format.String(), func(t *testing.T, fail func(i int) error) func(i int) error {
		server := httptest.NewServer(httpbridge.Handler(func(_ http.ResponseWriter, r *http.Request) error {
			i, err := strconv.Atoi(r.Header.Get("outcome"))
			if err != nil {
				return err
			}
			return fail(i)
		}, httpbridge.WithFormats(format), httpbridge.WithLogger(slog.New(slog.DiscardHandler))))
		t.Cleanup(server.Close)
		return func(i int) error { return post(t, server.URL, "application/json", []byte("{}"), i) }
	}}
}

// overConnect has connect-go's own server in the middle, which knows nothing of
// errwire but the status.
var overConnect = hop{"connect-go", func(t *testing.T, fail func(i int) error) func(i int) error {
	url := connectServerOf(t, fail) + kinds[0].method
	return func(i int) error { return post(t, url, "application/json", []byte("{}"), i) }
}}

// chains are walked in both directions.
var chains = [][]hop{
	{overGRPC, overREST(httpbridge.AIP193), overGRPC, overREST(httpbridge.Connect), overGRPC},
	{overGRPC, overREST(httpbridge.Problem), overREST(httpbridge.Gateway), overConnect, overREST(httpbridge.AIP193)},
	{overREST(httpbridge.Firebase), overGRPC, overGRPC, overREST(httpbridge.Problem), overREST(httpbridge.Connect)},
	{overREST(httpbridge.Twirp), overGRPC},
}

// errorsPerChain can be set from outside for a long run; the seed is logged.
func errorsPerChain(t *testing.T) (count int, seed uint64) {
	count, seed = 100, uint64(time.Now().UnixNano())
	for name, set := range map[string]func(uint64){
		"ERRWIRE_CHAIN_ERRORS": func(n uint64) { count = int(n) },
		"ERRWIRE_CHAIN_SEED":   func(n uint64) { seed = n },
	} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 64)
			require.NoError(t, err, name)
			set(n)
		}
	}
	t.Logf("ERRWIRE_CHAIN_SEED=%d", seed)
	return count, seed
}

// An error that has crossed a chain of services is the one that was sent, less
// the losses that are documented.
func TestChainsLoseNothing(t *testing.T) {
	t.Parallel()
	count, seed := errorsPerChain(t)
	for number, chain := range chains {
		backward := slices.Clone(chain)
		slices.Reverse(backward)
		for _, hops := range [][]hop{chain, backward} {
			var names []string
			for _, hop := range hops {
				names = append(names, hop.name)
			}
			t.Run(strings.Join(names, " → "), func(t *testing.T) {
				t.Parallel()
				r := random{rand.New(rand.NewPCG(seed, uint64(number)))}
				sent := make([]*status.Error, count)
				for i := range sent {
					sent[i] = r.error()
				}
				call := func(i int) error { return sent[i] }
				for _, hop := range hops {
					call = hop.start(t, call)
				}
				for i, e := range sent {
					got, want := seenByErrwire(call(i)), expected(e, names)
					if !assert.Equal(t, want, got, "seed %d, error %d", seed, i) {
						return
					}
				}
			})
		}
	}
}

// expected is e without what is documented to be lost.
func expected(e *status.Error, names []string) view {
	want := seenByErrwire(e)
	debug := string((&errdetails.DebugInfo{}).ProtoReflect().Descriptor().FullName())
	want.Details = slices.DeleteFunc(want.Details, func(detail string) bool { return strings.HasPrefix(detail, debug+" ") })
	if names[0] == overGRPC.name { // that is what a server does to errors made there (AIP-193)
		want.Details, want.Unknown = once(want.Details), once(want.Unknown)
	}
	if slices.Contains(names, "Twirp") { // code, message, service code and metadata; the delay in whole seconds
		want.Details, want.Unknown = nil, nil
		want.Delay = (want.Delay + time.Second - 1).Truncate(time.Second)
	}
	if len(want.Details) == 0 {
		want.Details = nil
	}
	return want
}

// once has one detail of each type: lists are joined, of all else the first is
// kept.
func once(details []string) []string {
	lists := []string{"google.rpc.BadRequest", "google.rpc.PreconditionFailure", "google.rpc.QuotaFailure", "google.rpc.Help"}
	var kept []string
	place := map[string]int{}
	for _, detail := range details {
		typeName, bytes, _ := strings.Cut(detail, " ")
		if i, again := place[typeName]; !again {
			place[typeName] = len(kept)
			kept = append(kept, detail)
		} else if slices.Contains(lists, typeName) {
			kept[i] += bytes
		}
	}
	return kept
}
