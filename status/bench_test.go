package status_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

var (
	benchInfo = &errdetails.ErrorInfo{
		Domain: "library.example.com", Reason: "SHELF_NOT_FOUND",
		Metadata: map[string]string{"shelf": "42", "hall": "north"},
	}
	benchDelay   = &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}
	benchRequest = &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "shelf", Description: "no such shelf"}}}
)

// benchStatuses are what servers send: one ErrorInfo, as AIP-193 wants it, alone
// and with two more details.
func benchStatuses(b *testing.B) map[string]*grpcstatus.Status {
	b.Helper()
	lone, err := grpcstatus.New(codes.NotFound, "There is no shelf 42.").WithDetails(benchInfo)
	if err != nil {
		b.Fatal(err)
	}
	three, err := lone.WithDetails(benchDelay, benchRequest)
	if err != nil {
		b.Fatal(err)
	}
	return map[string]*grpcstatus.Status{"ErrorInfo": lone, "3details": three}
}

func BenchmarkPredicate(b *testing.B) {
	err := benchStatuses(b)["ErrorInfo"].Err()
	b.ReportAllocs()
	for b.Loop() {
		if !status.IsNotFound(err) {
			b.Fatal("not found")
		}
	}
}

func BenchmarkFromErrorCode(b *testing.B) {
	err := benchStatuses(b)["ErrorInfo"].Err()
	b.ReportAllocs()
	for b.Loop() {
		if status.FromError(err).Code() != status.NotFound {
			b.Fatal("code")
		}
	}
}

// BenchmarkFromErrorReason measures reading the reason beside the deep copy that
// grpc-go's Proto makes, turn by turn, so that a busy machine slows both. Their
// ratio is the number to look at.
func BenchmarkFromErrorReason(b *testing.B) {
	for name, st := range benchStatuses(b) {
		b.Run(name, func(b *testing.B) {
			err := st.Err()
			const turn = 50
			var copies, reasons []time.Duration
			for b.Loop() {
				start := time.Now()
				for range turn {
					if st.Proto() == nil {
						b.Fatal("nil")
					}
				}
				middle := time.Now()
				for range turn {
					if status.FromError(err).Reason() == "" {
						b.Fatal("reason")
					}
				}
				copies, reasons = append(copies, middle.Sub(start)), append(reasons, time.Since(middle))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(copies)/turn, "ns/copy")
			b.ReportMetric(median(reasons)/turn, "ns/reason")
			b.ReportMetric(median(reasons)/median(copies), "reason/copy")
		})
	}
}

// median is less moved by a busy machine than a mean.
func median(durations []time.Duration) float64 {
	slices.Sort(durations)
	return float64(durations[len(durations)/2])
}

func BenchmarkFromErrorDetails(b *testing.B) {
	st := benchStatuses(b)["3details"]
	err := st.Err()
	b.Run("errwire", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(status.FromError(err).Details()) != 3 {
				b.Fatal("details")
			}
		}
	})
	b.Run("one of them", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := status.Detail[*errdetails.BadRequest](err); !ok {
				b.Fatal("detail")
			}
		}
	})
	b.Run("delay", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := status.RetryDelay(err); !ok {
				b.Fatal("delay")
			}
		}
	})
	b.Run("grpc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(st.Details()) != 3 {
				b.Fatal("details")
			}
		}
	})
}

// BenchmarkMake is a handler's error until grpc-go can send it.
func BenchmarkMake(b *testing.B) {
	b.Run("errwire", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if status.New(status.NotFound, "There is no shelf 42.").WithDetails(benchInfo, benchDelay, benchRequest).GRPCStatus() == nil {
				b.Fatal("nil")
			}
		}
	})
	b.Run("errwire in steps", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e := status.New(status.NotFound, "There is no shelf 42.").
				WithServiceCode(status.ServiceCode{Domain: "library.example.com", Reason: "SHELF_NOT_FOUND"}).
				WithMetadata(map[string]string{"shelf": "42", "hall": "north"}).
				WithRetryDelay(time.Second).
				WithDetails(benchRequest)
			if e.GRPCStatus() == nil {
				b.Fatal("nil")
			}
		}
	})
	b.Run("grpc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if st, err := grpcstatus.New(codes.NotFound, "There is no shelf 42.").WithDetails(benchInfo, benchDelay, benchRequest); err != nil || st == nil {
				b.Fatal(err)
			}
		}
	})
}
