package interceptors_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/status"
)

func TestABadOptionIsRefusedAtTheFirstCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opt  interceptors.ServerOption
		want string
	}{
		{"nil option", nil, "interceptors: nil ServerOption"},
		{"no domain", interceptors.WithDomain(""), `interceptors: WithDomain(""): want 1 to 253 bytes of text`},
		{"domain with a blank", interceptors.WithDomain("a b"), `interceptors: WithDomain("a b"): want no blanks`},
		{"domain with a tab", interceptors.WithDomain("a\tb"), "want no blanks"},
		{"domain with a no-break space", interceptors.WithDomain("a\u00a0b"), "want no blanks"},
		{"endless domain", interceptors.WithDomain(strings.Repeat("a", 254)), "want 1 to 253 bytes of text"},
		{"domain that is no text", interceptors.WithDomain("\xff"), "want 1 to 253 bytes of text"},
		{"no service domain", interceptors.WithServiceDomain(nil), "interceptors: WithServiceDomain(nil): want a function"},
		{"no mapper", interceptors.WithMapper(nil), "interceptors: WithMapper(nil): want a mapper"},
		{"MapIs of nil", interceptors.WithMapper(interceptors.MapIs(nil, status.NotFound)), "WithMapper(nil)"},
		{"MapIs to nil", interceptors.WithMapper(interceptors.MapIs(errFull, nil)), "WithMapper(nil)"},
		{"MapAs of nil", interceptors.WithMapper(interceptors.MapAs[quotaError](nil)), "WithMapper(nil)"},
		{"no logger", interceptors.WithLogger(nil), "interceptors: WithLogger(nil): want a logger"},
		{"size too small", interceptors.WithMaxStatusSize(1023), "interceptors: WithMaxStatusSize(1023): want at least 1024"},
		{"negative size", interceptors.WithMaxStatusSize(-1), "want at least 1024"},
		{"no hook", interceptors.WithErrorHook(nil), "interceptors: WithErrorHook(nil): want a function"},
		{"no request id", interceptors.WithRequestID(nil), "interceptors: WithRequestID(nil): want a function"},
		{"no strict", interceptors.WithStrict(nil), "interceptors: WithStrict(nil): want a function"},
		{"no localizer", interceptors.WithLocalizer(nil), "interceptors: WithLocalizer(nil): want a localizer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			opts := []interceptors.ServerOption{tt.opt, interceptors.WithLogger(logTo(&log))}
			handled := func(context.Context) error { panic("the handler must not run") }

			_, err := interceptors.UnaryServerInterceptor(opts...)(t.Context(), nil, nil, noUnary)
			require.ErrorContains(t, err, tt.want)
			var e *status.Error
			assert.NotErrorAs(t, err, &e, "in the process it is a plain error")
			assert.ErrorContains(t, interceptors.StreamServerInterceptor(opts...)(nil, noStream{}, nil, noHandler), tt.want)

			log.Reset()
			addr := serve(t, handled, interceptors.ServerOptions(opts...)...)
			require.Contains(t, log.String(), "every call will be refused", "the log says so at once")
			client := pb.NewTestServiceClient(dial(t, addr))
			for _, kind := range kinds {
				log.Reset()
				_, _, err := kind.call(t.Context(), client)
				assert.Equal(t, codes.Internal, grpcstatus.Code(err))
				assert.Equal(t, status.Internal.DefaultMessage(), status.FromError(err).Message())
				assert.Contains(t, log.String(), `"level":"ERROR","msg":"call refused because of a bad server option"`)
			}
		})
	}
}

// They must not be called.
func noUnary(context.Context, any) (any, error) { panic("the handler must not run") }
func noHandler(any, grpc.ServerStream) error    { panic("the handler must not run") }

type noStream struct{ grpc.ServerStream }

func (noStream) Context() context.Context { return context.Background() }

func TestEveryBadOptionIsNamed(t *testing.T) {
	t.Parallel()
	_, err := interceptors.UnaryServerInterceptor(interceptors.WithLogger(discard),
		interceptors.WithDomain(""), interceptors.WithMaxStatusSize(0))(t.Context(), nil, nil, noUnary)
	require.ErrorContains(t, err, "WithDomain")
	assert.ErrorContains(t, err, "WithMaxStatusSize")
}

func TestTheLongestDomainIsOne(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", 253)
	e := called(t, fails(status.NotFound), []interceptors.ServerOption{interceptors.WithDomain(longest)})
	assert.Equal(t, longest, e.Domain())
}

func TestTheDomainIsThatOfTheService(t *testing.T) {
	t.Parallel()
	byService := interceptors.WithServiceDomain(func(service string) string {
		if service == "grpc.testing.TestService" {
			return "tests.example.com"
		}
		return ""
	})
	other := interceptors.WithServiceDomain(func(string) string { return "" })
	unusable := interceptors.WithServiceDomain(func(string) string { return "a b" })
	backend := status.ServiceCode{Domain: "backend.example.com", Reason: "NO_USER"}
	tests := []struct {
		name string
		opts []interceptors.ServerOption
		err  *status.Error
		want status.ServiceCode
	}{
		{"none", nil, status.New(status.NotFound, ""), status.ServiceCode{}},
		{"none, but a reason", nil, status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Reason: "NO_SHELF"}),
			status.ServiceCode{Reason: "NO_SHELF"}},
		{"server's", []interceptors.ServerOption{interceptors.WithDomain(domain)}, status.New(status.NotFound, ""),
			status.ServiceCode{Domain: domain, Reason: "NOT_FOUND"}},
		{"server's for a reason", []interceptors.ServerOption{interceptors.WithDomain(domain)},
			status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Reason: "NO_SHELF"}),
			status.ServiceCode{Domain: domain, Reason: "NO_SHELF"}},
		{"service's", []interceptors.ServerOption{interceptors.WithDomain(domain), byService}, status.New(status.NotFound, ""),
			status.ServiceCode{Domain: "tests.example.com", Reason: "NOT_FOUND"}},
		{"another service's", []interceptors.ServerOption{other, interceptors.WithDomain(domain)}, status.New(status.Conflict, ""),
			status.ServiceCode{Domain: domain, Reason: "CONFLICT"}},
		{"unusable", []interceptors.ServerOption{unusable, interceptors.WithDomain(domain)}, status.New(status.NotFound, ""),
			status.ServiceCode{Domain: domain, Reason: "NOT_FOUND"}},
		{"handler's own", []interceptors.ServerOption{byService}, status.New(status.NotFound, "").WithServiceCode(shelfFull), shelfFull},
		{"handler's own domain", []interceptors.ServerOption{byService},
			status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Domain: domain}), status.ServiceCode{Domain: domain, Reason: "NOT_FOUND"}},
		{"backend's", []interceptors.ServerOption{byService},
			status.New(status.NotFound, "").WithServiceCode(backend).WithOrigin(status.OriginService), backend},
		{"backend's without a domain", []interceptors.ServerOption{byService},
			status.New(status.NotFound, "").WithServiceCode(status.ServiceCode{Reason: "NO_USER"}).WithOrigin(status.OriginService),
			status.ServiceCode{Reason: "NO_USER"}},
		{"backend's without either", []interceptors.ServerOption{byService},
			status.New(status.NotFound, "").WithOrigin(status.OriginService),
			status.ServiceCode{Domain: "tests.example.com", Reason: "NOT_FOUND"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := pb.NewTestServiceClient(dial(t, serve(t, fails(tt.err), interceptors.ServerOptions(tt.opts...)...)))
			for _, kind := range kinds {
				_, _, err := kind.call(t.Context(), client)
				assert.Equal(t, tt.want, status.ServiceCodeOf(err), kind.name)
				assert.Equal(t, tt.err.Code(), status.CodeOf(err), kind.name)
			}
		})
	}
}
