package interceptors_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

// A reporter collects violations.
type reporter struct {
	mu    sync.Mutex
	found []interceptors.Violation
}

func (r *reporter) report(v interceptors.Violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, v)
}

// take returns the rules that were broken since it was last called.
func (r *reporter) take() (rules []interceptors.Rule) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.found {
		rules = append(rules, v.Rule)
	}
	r.found = nil
	return rules
}

func TestStrictReportsWhatAIP193Forbids(t *testing.T) {
	t.Parallel()
	full := status.New(status.FailedPrecondition, "The shelf is full.").WithServiceCode(shelfFull)
	reason := func(reason string) error {
		return full.WithServiceCode(status.ServiceCode{Domain: domain, Reason: reason})
	}
	said := func(message string) *status.Error {
		return status.New(status.NotFound, message).WithServiceCode(shelfFull)
	}
	links := func(urls ...string) error {
		h := &errdetails.Help{}
		for _, url := range urls {
			h.Links = append(h.Links, &errdetails.Help_Link{Url: url})
		}
		return full.WithDetails(h)
	}
	fieldReason := func(reason string) error {
		return full.WithDetails(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "f", Reason: reason}}})
	}
	tests := []struct {
		name string
		err  error
		want []interceptors.Rule
	}{
		{"in order", full.WithMetadata(map[string]string{"shelfNumber": "42"}), nil},
		{"replaced", errFull, nil},
		{"no domain", status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Reason: "SHELF_FULL"}), nil},
		{"lower case reason", reason("shelf_full"), []interceptors.Rule{interceptors.RuleReason}},
		{"reason of two letters", reason("NO"), []interceptors.Rule{interceptors.RuleReason}},
		{"reason of 63", reason(strings.Repeat("R", 63)), nil},
		{"reason of 64", reason(strings.Repeat("R", 64)), []interceptors.Rule{interceptors.RuleReason}},
		{"reason that ends badly", reason("SHELF_"), []interceptors.Rule{interceptors.RuleReason}},
		{"reason with a newline", reason("SHELF\n"), []interceptors.Rule{interceptors.RuleReason}},
		{"snake case key", full.WithMetadata(map[string]string{"shelf_number": "42"}), nil},
		{"upper case key", full.WithMetadata(map[string]string{"Shelf": "42"}), []interceptors.Rule{interceptors.RuleMetadataKey}},
		{"key of one letter", full.WithMetadata(map[string]string{"s": "42"}), []interceptors.Rule{interceptors.RuleMetadataKey}},
		{"key of 65", full.WithMetadata(map[string]string{strings.Repeat("k", 65): "42"}), []interceptors.Rule{interceptors.RuleMetadataKey}},
		{"number not in the metadata", said("There is no shelf 42."), []interceptors.Rule{interceptors.RuleMetadata}},
		{"number in the metadata", said("There is no shelf 42.").WithMetadata(map[string]string{"shelf": "42"}), nil},
		{"number within the metadata", said("There is no shelf 42.").WithMetadata(map[string]string{"name": "shelves/42"}), nil},
		{"number and nothing in the metadata", said("There is no shelf 42.").WithMetadata(map[string]string{"name": ""}), []interceptors.Rule{interceptors.RuleMetadata}},
		{"number with a unit", said("Wait 30s.").WithMetadata(map[string]string{"waitSeconds": "30"}), nil},
		{"name not in the metadata", said("There is no shelf shelves/a-1.").WithMetadata(map[string]string{"shelf": "b"}), []interceptors.Rule{interceptors.RuleMetadata}},
		{"name in the metadata", said(`There is no shelf "poetry".`).WithMetadata(map[string]string{"shelf": "poetry"}), nil},
		{"quoted and not in the metadata", said(`There is no shelf "poetry".`), []interceptors.Rule{interceptors.RuleMetadata}},
		{"double details", full.WithDetails(badRequest(1), badRequest(1), badRequest(1)), []interceptors.Rule{interceptors.RuleDetailOnce}},
		{"relative link", links("/help"), []interceptors.Rule{interceptors.RuleHelpLink}},
		{"link without a scheme", links("library.example.com/help"), []interceptors.Rule{interceptors.RuleHelpLink}},
		{"link without a host", links("https:///help"), []interceptors.Rule{interceptors.RuleHelpLink}},
		{"no link", links(""), []interceptors.Rule{interceptors.RuleHelpLink}},
		{"absolute links", links("https://library.example.com/help", "mailto:help@library.example.com"), nil},
		{"no locale", full.WithDetails(&errdetails.LocalizedMessage{Message: "pieno"}), []interceptors.Rule{interceptors.RuleLocalizedMessage}},
		{"no localized text", full.WithDetails(&errdetails.LocalizedMessage{Locale: "it"}), []interceptors.Rule{interceptors.RuleLocalizedMessage}},
		{"field reason", fieldReason("TOO_LONG"), nil},
		{"no field reason", fieldReason(""), nil},
		{"bad field reason", fieldReason("too long"), []interceptors.Rule{interceptors.RuleFieldReason}},
		{"a backend's affair", full.WithDetails(badRequest(1), badRequest(1)).WithOrigin(status.OriginService), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var r reporter
			e := called(t, fails(tt.err), []interceptors.ServerOption{interceptors.WithStrict(r.report), interceptors.WithDomain(domain)})
			assert.Equal(t, tt.want, r.take())
			assert.Equal(t, status.Public(tt.err).Code(), e.Code(), "it only reports")
		})
	}
}

// A report that is the same every time can be compared.
func TestStrictReportsInOneOrder(t *testing.T) {
	t.Parallel()
	var r reporter
	bad := status.New(status.NotFound, "").WithServiceCode(shelfFull).WithMetadata(map[string]string{"A": "", "B": "", "C": "", "D": "", "E": ""})
	_ = called(t, fails(bad), []interceptors.ServerOption{interceptors.WithStrict(r.report)})
	var keys []string
	for _, v := range r.found {
		_, key, _ := strings.Cut(v.Text, `"`)
		keys = append(keys, key[:1])
	}
	assert.Equal(t, []string{"A", "B", "C", "D", "E"}, keys)
}

func TestStrictReportsAMissingDomain(t *testing.T) {
	t.Parallel()
	var r reporter
	opts := []interceptors.ServerOption{interceptors.WithStrict(r.report)}
	_ = called(t, fails(status.NotFound), opts)
	assert.Equal(t, []interceptors.Rule{interceptors.RuleErrorInfo}, r.take())
	_ = called(t, fails(status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Reason: "NO_SHELF"})), opts)
	assert.Equal(t, []interceptors.Rule{interceptors.RuleDomain}, r.take())
}

func TestStrictRemembersTheKeysOfAReason(t *testing.T) {
	t.Parallel()
	var r reporter
	results := make(chan error, 3)
	full := status.New(status.FailedPrecondition, "The shelf is full.").WithServiceCode(shelfFull)
	results <- full.WithMetadata(map[string]string{"shelf": "42", "books": "7"})
	results <- full.WithMetadata(map[string]string{"shelf": "43"})
	results <- full.WithMetadata(map[string]string{"shelf": "", "books": ""})
	opts := interceptors.ServerOptions(interceptors.WithStrict(r.report))
	next := func(context.Context) error { return <-results }
	client := pb.NewTestServiceClient(dial(t, serve(t, next, opts...)))
	for _, want := range []string{"", `metadata key "books" was sent with library.example.com/SHELF_FULL before, and is missing`, ""} {
		_, _, err := kinds[0].call(t.Context(), client)
		require.True(t, status.IsFailedPrecondition(err))
		if want == "" {
			assert.Empty(t, r.found)
			continue
		}
		require.Len(t, r.found, 1)
		v := r.found[0]
		assert.Equal(t, "/grpc.testing.TestService/UnaryCall: metadata: "+want, v.String())
		assert.Equal(t, "/grpc.testing.TestService/UnaryCall", v.Method)
		assert.Equal(t, shelfFull, v.Error.ServiceCode())
		r.take()
	}
}

// calledInProcess is the same without a connection, for many calls.
func calledInProcess(t *testing.T, opts ...interceptors.ServerOption) func(error) {
	t.Helper()
	intercept := interceptors.UnaryServerInterceptor(append(opts, interceptors.WithLogger(discard))...)
	return func(err error) {
		_, _ = intercept(t.Context(), nil, nil, func(context.Context, any) (any, error) { return nil, err })
	}
}

func TestStrictRemembersNoErrorWithoutAServiceCode(t *testing.T) {
	t.Parallel()
	var r reporter
	call := calledInProcess(t, interceptors.WithStrict(r.report))
	call(status.New(status.NotFound, "").WithMetadata(map[string]string{"shelf": "42"}))
	r.take()
	call(status.NotFound)
	assert.Equal(t, []interceptors.Rule{interceptors.RuleErrorInfo}, r.take())
}

func TestStrictRemembersOnlySoMuch(t *testing.T) {
	t.Parallel()
	var r reporter
	call := calledInProcess(t, interceptors.WithStrict(r.report))
	code := func(n int) *status.Error {
		return status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Domain: domain, Reason: "R_" + strconv.Itoa(n)})
	}
	const most = 4096
	for n := range most + 1 {
		call(code(n).WithMetadata(map[string]string{"shelf": "42"}))
	}
	require.Empty(t, r.take())
	call(code(most - 1))
	require.Len(t, r.take(), 1, "the last that is remembered")
	call(code(most))
	assert.Empty(t, r.take())
}

// The race detector sees what this is about; without it, concurrent writes of a
// map may be seen by Go itself.
func TestStrictIsForManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	var r reporter
	call := calledInProcess(t, interceptors.WithStrict(r.report), interceptors.WithDomain(domain))
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for n := range 100 {
				call(status.New(status.NotFound, "").WithMetadata(map[string]string{"shelf": strconv.Itoa(n)}))
			}
		})
	}
	calls.Wait()
	assert.Empty(t, r.take())
}
