package status_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

// The errors of this file are those that a library meets only in production.

// uncomparable panics when compared with ==.
type uncomparable struct{ list []string }

func (uncomparable) Error() string { return "uncomparable" }

// panicking panics in every method that anybody may call.
type panicking struct{ value any }

func (p panicking) Error() string                  { panic(p.value) }
func (p panicking) Unwrap() error                  { panic(p.value) }
func (p panicking) Is(error) bool                  { panic(p.value) }
func (p panicking) As(any) bool                    { panic(p.value) }
func (p panicking) Timeout() bool                  { panic(p.value) }
func (p panicking) Temporary() bool                { panic(p.value) }
func (p panicking) GRPCStatus() *grpcstatus.Status { panic(p.value) }

type panickingJoin struct{ panicking }

func (p panickingJoin) Unwrap() []error { panic(p.value) }

// nilReceiver reads a field, in every method, of what is nil.
type nilReceiver struct {
	message string
	err     error
	st      *grpcstatus.Status
}

func (n *nilReceiver) Error() string                  { return n.message }
func (n *nilReceiver) Unwrap() error                  { return n.err }
func (n *nilReceiver) Is(error) bool                  { return n.message == "" }
func (n *nilReceiver) Timeout() bool                  { return n.message == "" }
func (n *nilReceiver) GRPCStatus() *grpcstatus.Status { return n.st }

// circular wraps itself.
type circular struct{ err error }

func (c *circular) Error() string { return "circular" }
func (c *circular) Unwrap() error { return c.err }

// circularJoin joins itself, twice.
type circularJoin struct{}

func (c *circularJoin) Error() string   { return "circular join" }
func (c *circularJoin) Unwrap() []error { return []error{c, nil, c} }

// A liar says yes to all that it is asked.
type liar struct{}

func (liar) Error() string { return "" }
func (liar) Is(error) bool { return true }
func (liar) Timeout() bool { return true }

// wrapped wraps without a text that grows with the depth.
type wrapped struct{ err error }

func (wrapped) Error() string   { return "wrapped" }
func (w wrapped) Unwrap() error { return w.err }

// wrapTimes wraps err n times.
func wrapTimes(err error, n int) error {
	for range n {
		err = wrapped{err}
	}
	return err
}

// joinDeep nests n joins, with err at the bottom.
func joinDeep(err error, n int) error {
	for range n {
		err = joined{err, errPlain}
	}
	return err
}

// joined is errors.Join, but for its text, as wrapped is.
type joined []error

func (j joined) Error() string   { return "joined" }
func (j joined) Unwrap() []error { return j }

var errPlain = errors.New("plain")

func joinWide(n int, last error) error {
	branches := make([]error, n)
	for i := range branches {
		branches[i] = fmt.Errorf("branch %d", i)
	}
	return errors.Join(append(branches, last)...)
}

// hostile are errors that no function of this package may panic on, nor take
// for something that they do not say.
func hostile() map[string]error {
	circle := &circular{}
	circle.err = circle
	var (
		nilPath *os.PathError
		nilURL  *url.Error
		nilOp   *net.OpError
		nilDNS  *net.DNSError
		nilCert *tls.CertificateVerificationError
		nilMine *nilReceiver
	)
	return map[string]error{
		"nil":                         nil,
		"typed nil":                   (*status.Error)(nil),
		"wrapped typed nil":           fmt.Errorf("a: %w", (*status.Error)(nil)),
		"joined typed nils":           errors.Join((*status.Error)(nil), nilMine),
		"zero Error":                  &status.Error{},
		"zero service code":           status.ServiceCode{},
		"nil *PathError":              nilPath,
		"nil *url.Error":              nilURL,
		"nil *net.OpError":            nilOp,
		"nil *net.DNSError":           nilDNS,
		"nil certificate error":       nilCert,
		"nil receiver":                nilMine,
		"url.Error of nothing":        &url.Error{},
		"net.OpError of nothing":      &net.OpError{},
		"dial of nothing":             &net.OpError{Op: "dial", Err: (*os.SyscallError)(nil)},
		"dial of half a system error": &net.OpError{Op: "dial", Err: &os.SyscallError{}},
		"uncomparable":                uncomparable{[]string{"a"}},
		"wrapped uncomparable":        fmt.Errorf("a: %w", uncomparable{}),
		"joined uncomparable":         joined{uncomparable{}, uncomparable{}},
		"url.Error of uncomparable":   &url.Error{Err: uncomparable{}},
		"net.OpError of uncomparable": &net.OpError{Op: "read", Err: uncomparable{}},
		"panicking":                   panicking{"boom"},
		"panicking with an error":     panicking{errPlain},
		"panicking with itself":       panicking{panicking{}},
		"wrapped panicking":           &pathError{"p", panicking{"boom"}},
		"panicking join":              panickingJoin{panicking{"boom"}},
		"url.Error of panicking":      &url.Error{Err: panicking{"boom"}},
		"liar":                        liar{},
		"circle":                      circle,
		"circular join":               &circularJoin{},
		"10,000 wraps":                wrapTimes(status.New(status.NotFound, "deep"), 10_000),
		"10,000 wraps of nothing":     wrapTimes(errPlain, 10_000),
		"10,000 joined":               joinWide(10_000, status.NotFound),
		"10,000 joins deep":           joinDeep(status.NotFound, 10_000),
		"10,000 joins of nothing":     joinDeep(errPlain, 10_000),
		"join of nothing":             joined{},
		"join of nils":                joined{nil, nil},
		"no gRPC status":              grpcError{nil},
		"gRPC OK":                     grpcError{grpcstatus.New(codes.OK, "fine")},
		"gRPC code 99":                grpcError{grpcstatus.New(99, "m")},
		"gRPC of nil details":         grpcError{grpcstatus.FromProto(&spb.Status{Code: 5, Details: []*anypb.Any{nil, {}, {TypeUrl: "/"}, {TypeUrl: "\xff"}}})},
		"gRPC of broken details":      grpcError{grpcstatus.FromProto(&spb.Status{Code: 10, Details: brokenDetails()})},
		"gRPC of broken text":         grpcError{grpcstatus.New(codes.NotFound, "a\xff\xfeb")},
		"empty gRPC status":           grpcError{&grpcstatus.Status{}},
		"context":                     context.Canceled,
		"nil certificate in a wrap":   &pathError{"p", nilCert},
	}
}

// brokenDetails are details of known types that cannot be read.
func brokenDetails() []*anypb.Any {
	var broken []*anypb.Any
	for _, name := range []string{"ErrorInfo", "RetryInfo", "DebugInfo", "BadRequest"} {
		broken = append(broken, &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc." + name, Value: []byte{0x0a, 0xff}})
	}
	return broken
}
