package status_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// A pathError wraps as *fs.PathError does: a pointer with a field.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// kinds are the ways in which an error says its code.
var kinds = []struct {
	name string
	make func(status.Code) error
}{
	{"bare code", func(code status.Code) error { return code }},
	{"error", func(code status.Code) error { return status.New(code, "m") }},
	{"rich error", func(code status.Code) error {
		return status.New(code, "m").WithServiceCode(status.ServiceCode{Domain: "d", Reason: "R_R"}).WithRetryDelay(1)
	}},
	{"gRPC status", func(code status.Code) error { return status.New(code, "m").GRPCStatus().Err() }},
}

// wraps are the ways in which errors carry others.
var wraps = []struct {
	name string
	wrap func(error) error
}{
	{"bare", func(err error) error { return err }},
	{"wrapped", func(err error) error { return fmt.Errorf("load: %w", err) }},
	{"wrapped as grpc-go does", func(err error) error {
		return fmt.Errorf("max retries exhausted: failed after %d attempts: %w", 4, err)
	}},
	{"wrapped twice", func(err error) error { return fmt.Errorf("a: %w", fmt.Errorf("b: %w", err)) }},
	{"pointer in struct", func(err error) error { return &pathError{"p", err} }},
	{"joined first", func(err error) error { return errors.Join(err, errors.New("x"), status.Internal, status.NotFound) }},
	{"joined last", func(err error) error { return errors.Join(errors.New("x"), fmt.Errorf("y: %w", errors.New("z")), err) }},
	{"joined alone", func(err error) error { return errors.Join(nil, err) }},
	{"wrapped among several", func(err error) error { return fmt.Errorf("%w and %w", errors.New("x"), err) }},
	{"joined and wrapped", func(err error) error { return fmt.Errorf("a: %w", errors.Join(&pathError{"p", err})) }},
	{"translated", func(err error) error { return status.FromError(err) }},
	{"translated and wrapped", func(err error) error { return fmt.Errorf("a: %w", status.FromError(&pathError{"p", err})) }},
}

func TestExactlyOnePredicateIsTrue(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, wrap := range wraps {
			t.Run(kind.name+"/"+wrap.name, func(t *testing.T) {
				t.Parallel()
				for _, made := range errorCodes {
					err := wrap.wrap(kind.make(made.code))
					assert.Equal(t, made.code, status.CodeOf(err), made.name)
					assert.Equal(t, made.code, status.FromError(err).Code(), made.name)
					for _, asked := range errorCodes {
						assert.Equal(t, asked.code == made.code, asked.is(err), "Is %s of %s", asked.name, made.name)
					}
				}
			})
		}
	}
}

func TestNoPredicateIsTrueForNilAndPlainErrors(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"nil":               nil,
		"plain":             errors.New("boom"),
		"wrapped plain":     fmt.Errorf("a: %w", errors.New("boom")),
		"joined plain":      errors.Join(errors.New("a"), errors.New("b")),
		"typed nil":         (*status.Error)(nil),
		"wrapped typed nil": fmt.Errorf("a: %w", (*status.Error)(nil)),
		"no service code":   status.ServiceCode{},
	} {
		for _, row := range errorCodes {
			assert.False(t, row.is(err), "Is %s of %s", row.name, name)
		}
		_, recognised := status.Recognize(err)
		assert.False(t, recognised, name)
	}
	assert.Equal(t, status.OK, status.CodeOf(nil))
	assert.Equal(t, status.Unknown, status.CodeOf(errors.New("boom")), "CodeOf has to answer something")
}

func TestOKInAnErrorIsUnknown(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"bare":        status.OK,
		"made":        status.New(status.OK, "m"),
		"zero Error":  &status.Error{},
		"gRPC":        grpcError{grpcstatus.New(codes.OK, "m")},
		"empty gRPC":  grpcError{&grpcstatus.Status{}},
		"gRPC number": grpcError{grpcstatus.New(99, "m")},
		"number":      status.Code(99),
		"negative":    status.Code(-1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrap := range wraps {
				err := wrap.wrap(err)
				assert.True(t, status.IsUnknown(err), wrap.name)
				assert.Equal(t, status.Unknown, status.CodeOf(err), wrap.name)
				e := status.FromError(err)
				assert.Equal(t, status.Unknown, e.Code(), wrap.name)
				assert.NotEmpty(t, e.Message(), wrap.name)
				assert.Equal(t, codes.Unknown, e.GRPCStatus().Code(), wrap.name)
				assert.Error(t, e.GRPCStatus().Err(), wrap.name)
			}
		})
	}
}

// A grpcError has a gRPC status, as the errors of many libraries do.
type grpcError struct{ st *grpcstatus.Status }

func (e grpcError) Error() string                  { return "an error with a gRPC status" }
func (e grpcError) GRPCStatus() *grpcstatus.Status { return e.st }

func TestAServiceCodeHasTheCodeOfItsCatalog(t *testing.T) {
	t.Parallel()
	domain := newDomain()
	catalog := &status.Catalog{Domain: domain, Source: "predicates_test.go"}
	for _, row := range errorCodes {
		catalog.Definitions = append(catalog.Definitions, status.Definition{Reason: "WHEN_" + row.name, Code: row.code})
	}
	if !assert.NoError(t, status.Register(catalog)) {
		return
	}
	for _, made := range errorCodes {
		for _, wrap := range wraps {
			service := status.ServiceCode{Domain: domain, Reason: "WHEN_" + made.name}
			err := wrap.wrap(service)
			assert.Equal(t, made.code, status.CodeOf(err), wrap.name)
			assert.Equal(t, service, status.ServiceCodeOf(err), wrap.name)
			assert.Equal(t, service, status.FromError(err).ServiceCode(), wrap.name)
			for _, asked := range errorCodes {
				assert.Equal(t, asked.code == made.code, asked.is(err), "Is %s of %s", asked.name, made.name)
			}
		}
	}
}
