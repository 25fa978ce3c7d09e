package connectbridge

import (
	"maps"

	"connectrpc.com/connect"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// ToConnect returns err as a *connect.Error for a handler to return: what
// status.Public lets leave of it, with all details, those of unknown types too. A
// *connect.Error that a handler made leaves as it is, metadata included; one that
// says that a connection failed loses its text. Where there is a delay the
// metadata has Retry-After, and WWW-Authenticate for the errors of RFC 6750. It is
// nil for nil.
func ToConnect(err error) *connect.Error {
	if err == nil {
		return nil
	}
	return write(status.Public(known(err)), err)
}

// known is err in a form that package status understands.
func known(err error) error {
	if e, ok := fromConnect(err); ok {
		return e
	}
	return err
}

// fromEncode are the fields of httpbridge.Encode's header that Connect's metadata
// have room for; the rest are of a body that connect-go writes itself.
var fromEncode = [...]string{"Retry-After", "Www-Authenticate"}

// write makes of what may leave the error that connect-go sends. cause is what
// the handler returned.
func write(public *status.Error, cause error) *connect.Error {
	sent := connect.NewError(connect.Code(public.Code().GRPC()), public)
	for _, packed := range public.GRPCStatus().Proto().GetDetails() {
		if detail, err := connect.NewErrorDetail(packed); err == nil {
			sent.AddDetail(detail)
		}
	}
	if made := nearest(cause); made != nil && !connect.IsWireError(made) {
		maps.Copy(sent.Meta(), metaOf(made))
	}
	_, header, _ := httpbridge.Encode(public, httpbridge.Connect)
	for _, name := range fromEncode {
		if header[name] != nil && sent.Meta()[name] == nil {
			sent.Meta()[name] = header[name]
		}
	}
	return sent
}
