package interop_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	experimental "google.golang.org/grpc/experimental/opentelemetry"
	"google.golang.org/grpc/stats/opentelemetry"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
)

// telemetry is what one side tells OpenTelemetry.
type telemetry struct {
	spans   *tracetest.InMemoryExporter
	metrics *metric.ManualReader
	options opentelemetry.Options
}

func newTelemetry() *telemetry {
	t := &telemetry{spans: tracetest.NewInMemoryExporter(), metrics: metric.NewManualReader()}
	t.options = opentelemetry.Options{
		MetricsOptions: opentelemetry.MetricsOptions{
			MeterProvider:         metric.NewMeterProvider(metric.WithReader(t.metrics)),
			MethodAttributeFilter: func(string) bool { return true },
		},
		TraceOptions: experimental.TraceOptions{
			TracerProvider:    trace.NewTracerProvider(trace.WithSyncer(t.spans)),
			TextMapPropagator: propagation.TraceContext{},
		},
	}
	return t
}

// named waits for n spans whose names begin so; the last of a call end after
// the call has returned.
func (tel *telemetry) named(t *testing.T, prefix string, n int) []tracetest.SpanStub {
	t.Helper()
	var found []tracetest.SpanStub
	require.Eventually(t, func() bool {
		found = slices.DeleteFunc(tel.spans.GetSpans(), func(s tracetest.SpanStub) bool { return !strings.HasPrefix(s.Name, prefix) })
		return len(found) >= n
	}, 10*time.Second, time.Millisecond, "%d spans %s…", n, prefix)
	require.Len(t, found, n, "spans %s…", prefix)
	return found
}

// expect waits for a metric to have been hit so often, by status.
func (tel *telemetry) expect(t *testing.T, name string, want map[string]uint64) {
	t.Helper()
	var got map[string]uint64
	if !assert.Eventually(t, func() bool { got = tel.count(t, name); return maps.Equal(want, got) }, 10*time.Second, time.Millisecond) {
		assert.Equal(t, want, got, name)
	}
}

// count is how often a histogram or counter was hit, by the status if it has
// one.
func (tel *telemetry) count(t *testing.T, name string) map[string]uint64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, tel.metrics.Collect(t.Context(), &all))
	counts := map[string]uint64{}
	add := func(set attribute.Set, n uint64) {
		code, _ := set.Value("grpc.status")
		counts[code.AsString()] += n
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, point := range data.DataPoints {
					add(point.Attributes, point.Count)
				}
			case metricdata.Sum[int64]:
				for _, point := range data.DataPoints {
					add(point.Attributes, uint64(point.Value))
				}
			}
		}
	}
	return counts
}

// Whatever the order, what the spans and metrics of a server see is the status
// that left.
func TestServerTelemetrySeesTheStatusThatLeaves(t *testing.T) {
	t.Parallel()
	quiet := interceptors.WithLogger(slog.New(slog.DiscardHandler))
	errwire := interceptors.ServerOptions(interceptors.WithDomain(domain), quiet)
	for _, kind := range kinds {
		for name, order := range map[string]func(otel grpc.ServerOption) []grpc.ServerOption{
			"otel first": func(otel grpc.ServerOption) []grpc.ServerOption { return append([]grpc.ServerOption{otel}, errwire...) },
			"otel last": func(otel grpc.ServerOption) []grpc.ServerOption {
				return append(slices.Clone(errwire), otel)
			},
		} {
			t.Run(kind.name+", "+name, func(t *testing.T) {
				t.Parallel()
				server, client := newTelemetry(), newTelemetry()
				address := serve(t, func(context.Context) error { return fmt.Errorf("dsn: %w", errors.New(secret)) },
					order(opentelemetry.ServerOption(server.options))...)
				_, err := kind.call(t.Context(), dial(t, address, opentelemetry.DialOption(client.options)))
				require.True(t, status.IsInternal(err))

				span := server.named(t, "Recv.", 1)[0]
				assert.Equal(t, status.Internal.DefaultMessage(), span.Status.Description)
				assert.NotContains(t, fmt.Sprint(span.Attributes, span.Events, span.Status), secret)
				server.expect(t, "grpc.server.call.duration", map[string]uint64{"INTERNAL": 1})
				info, _ := status.Detail[*errdetails.RequestInfo](err)
				assert.Equal(t, span.SpanContext.TraceID().String(), info.GetRequestId(), "the trace is the request's id")
			})
		}
	}
}

// With OpenTelemetry before errwire a call is one span, however many attempts it
// took, and each attempt is counted once.
func TestTheSpanOfACallHasEachAttemptOnce(t *testing.T) {
	t.Parallel()
	policy, err := retry.NewPolicy(retry.WithMaxAttempts(3), retry.WithBackoff(time.Millisecond, time.Millisecond))
	require.NoError(t, err)
	for _, kind := range kinds[:3] { // the bidi stream gets a message, and is committed
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			client := newTelemetry()
			var calls atomic.Int32
			address := serve(t, func(context.Context) error {
				calls.Add(1)
				return status.Unavailable
			}, interceptors.ServerOptions(interceptors.WithDomain(domain))...)
			conn := dial(t, address, append([]grpc.DialOption{opentelemetry.DialOption(client.options)},
				interceptors.DialOptions(interceptors.WithRetryPolicy(policy))...)...)
			_, err := kind.call(t.Context(), conn)
			assert.True(t, status.IsUnavailable(err), "%v", err)
			assert.Equal(t, 3, status.FromError(err).Attempts())
			assert.EqualValues(t, 3, calls.Load())

			attempts, call := client.named(t, "Attempt.", 3), client.named(t, "Sent.", 1)[0]
			assert.Equal(t, status.Unavailable.DefaultMessage(), call.Status.Description)
			for _, attempt := range attempts {
				assert.Equal(t, call.SpanContext.SpanID(), attempt.Parent.SpanID())
			}
			client.expect(t, "grpc.client.call.duration", map[string]uint64{"UNAVAILABLE": 1})
			client.expect(t, "grpc.client.attempt.started", map[string]uint64{"": 3})
			client.expect(t, "grpc.client.attempt.duration", map[string]uint64{"UNAVAILABLE": 3})
		})
	}
}
