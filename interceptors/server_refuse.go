package interceptors

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// A serverMisuse is a programming error. In the process it is a plain Go error that
// says what is wrong; should it leave the process, it is INTERNAL and says
// nothing.
type serverMisuse struct{ error }

// GRPCStatus is what grpc sends in the place of m.
func (m *serverMisuse) GRPCStatus() *grpcstatus.Status {
	return grpcstatus.New(codes.Internal, status.Internal.DefaultMessage())
}

var errNilServerArgument = &serverMisuse{errors.New("interceptors: nil context, stream or handler")}

// refuse answers a call of a server that has been given a bad option.
func (s *server) refuse(ctx context.Context) error {
	s.logAttrs(ctx, slog.LevelError, "call refused because of a bad server option", slog.String("error", s.err.Error()))
	return s.err
}
