package status_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/errwire/errwire/status"
)

// A tree is an error of any shape with what the package comment says of it,
// worked out in the simplest way: of all its links from the outside in, the
// first that says its code or, if there is none, the first that shows a failure
// on this side.
type tree struct {
	err  error
	said status.Code // of the first link that says it; OK if there is none
	sign status.Code // of the first sign of a local failure; OK if there is none
}

// code is the answer that CodeOf has to give.
func (t tree) code() status.Code {
	switch {
	case t.err == nil:
		return status.OK
	case t.said != status.OK:
		return t.said
	case t.sign != status.OK:
		return t.sign
	default:
		return status.Unknown
	}
}

func (t tree) recognised() bool { return t.said != status.OK || t.sign != status.OK }

var leaves = []tree{
	{err: errPlain},
	{err: io.EOF},
	{err: os.ErrNotExist},
	{err: uncomparable{}},
	{err: panicking{"boom"}},
	{err: (*status.Error)(nil)},
	{err: (*nilReceiver)(nil)},
	{err: status.ServiceCode{}},
	{err: grpcError{nil}},
	{err: status.OK, said: status.Unknown},
	{err: status.NotFound, said: status.NotFound},
	{err: status.Conflict, said: status.Conflict},
	{err: status.New(status.Aborted, "busy"), said: status.Aborted},
	{err: status.New(status.Internal, "m").WithCause(status.NotFound), said: status.Internal},
	{err: &status.Error{}, said: status.Unknown},
	{err: status.ServiceCode{Domain: "tree.test", Reason: "UNDECLARED"}, said: status.Unknown},
	{err: grpcstatus.Error(codes.DataLoss, "m"), said: status.DataLoss},
	{err: grpcError{grpcstatus.New(codes.OK, "m")}, said: status.Unknown},
	{err: status.New(status.Conflict, "m").GRPCStatus().Err(), said: status.Conflict},
	{err: context.Canceled, sign: status.Cancelled},
	{err: context.DeadlineExceeded, sign: status.DeadlineExceeded},
	{err: os.ErrDeadlineExceeded, sign: status.DeadlineExceeded},
	{err: io.ErrUnexpectedEOF, sign: status.Unavailable},
	{err: syscall.ECONNREFUSED, sign: status.Unavailable},
	{err: syscall.ETIMEDOUT, sign: status.DeadlineExceeded},
	{err: &net.DNSError{Err: "no such host", Name: "x.invalid"}, sign: status.Unavailable},
	{err: liar{}, sign: status.Cancelled},
}

// A shape is read off bytes, so that a fuzzer can grow it.
type shape struct {
	bytes []byte
	links int
}

func (s *shape) next() int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b)
}

// grow makes a tree: a leaf when the bytes run out.
func (s *shape) grow() tree {
	if s.links++; s.links > 1000 || len(s.bytes) < 2 {
		return leaves[s.next()%len(leaves)]
	}
	switch s.next() % 8 {
	case 0:
		return s.wrap(func(err error) error { return fmt.Errorf("wrap: %w", err) })
	case 1:
		return s.wrap(func(err error) error { return wrapped{err} })
	case 2:
		return s.wrap(func(err error) error { return errors.Join(err) })
	case 3:
		return s.join(func(a, b error) error { return errors.Join(a, b) })
	case 4:
		return s.join(func(a, b error) error { return fmt.Errorf("%w, %w", a, b) })
	case 5:
		return s.join(func(a, b error) error { return joined{nil, a, nil, b} })
	case 6: // the nearest code decides, whatever is further in
		code := errorCodes[s.next()%len(errorCodes)].code
		return tree{err: status.New(code, "nearer").WithCause(s.grow().err), said: code}
	default:
		return leaves[s.next()%len(leaves)]
	}
}

func (s *shape) wrap(wrap func(error) error) tree {
	inner := s.grow()
	inner.err = wrap(inner.err)
	return inner
}

func (s *shape) join(join func(a, b error) error) tree {
	a, b := s.grow(), s.grow()
	a.err = join(a.err, b.err)
	if a.said == status.OK {
		a.said = b.said
	}
	if a.sign == status.OK {
		a.sign = b.sign
	}
	return a
}

// checkLaws holds every function that names a code to the same answer.
func checkLaws(t *testing.T, tree tree) {
	t.Helper()
	err, want := tree.err, tree.code()
	e, recognised := status.Recognize(err)
	assert.Equal(t, want, status.CodeOf(err))
	assert.Equal(t, want, status.FromError(err).Code())
	assert.Equal(t, tree.recognised(), recognised)
	for _, row := range errorCodes {
		assert.Equal(t, recognised && row.code == want, row.is(err), row.name)
	}
	assert.Equal(t, status.ServiceCodeOf(err), e.ServiceCode())
	if !assert.NotNil(t, e) {
		return
	}
	assert.NotEmpty(t, e.Message())
	assert.Same(t, e, status.FromError(e), "once translated it stays as it is")
	assert.True(t, status.Equal(e, err))
	assert.True(t, status.Equal(e, e.GRPCStatus().Err()), "nothing is lost over gRPC")
	assert.Equal(t, want.GRPC(), e.GRPCStatus().Code())
	if public := status.Public(err); tree.said != status.OK {
		assert.Equal(t, want, public.Code())
	} else {
		assert.Contains(t, []status.Code{status.Internal, status.Cancelled, status.DeadlineExceeded}, public.Code())
	}
}

func TestLawsOnRandomTrees(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		bytes := make([]byte, random.IntN(40))
		for i := range bytes {
			bytes[i] = byte(random.UintN(256))
		}
		checkLaws(t, (&shape{bytes: bytes}).grow())
		if t.Failed() {
			t.Fatalf("shape %x", bytes)
		}
	}
	checkLaws(t, tree{err: leaves[0].err})
}

func FuzzTree(f *testing.F) {
	for i := range leaves {
		f.Add([]byte{7, byte(i)})
	}
	f.Add([]byte{3, 0, 7, 10, 4, 7, 16, 7, 20})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		checkLaws(t, (&shape{bytes: bytes}).grow())
	})
}

func TestErrorsInTheTreeStayReachable(t *testing.T) {
	t.Parallel()
	for _, leaf := range leaves {
		if _, ok := leaf.err.(uncomparable); ok {
			continue // errors.Is finds it nowhere
		}
		for _, wrap := range wraps {
			if _, ok := leaf.err.(panicking); ok {
				continue // errors.Is asks it, and panics
			}
			err := wrap.wrap(fmt.Errorf("a: %w", leaf.err))
			assert.ErrorIs(t, status.FromError(err), leaf.err, wrap.name)
			assert.ErrorIs(t, status.FromError(err), err, wrap.name)
		}
	}
}
