package status

import (
	"reflect"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	grpcstatus "google.golang.org/grpc/status"
)

// messageField is the place of the message in grpc-go's Status, or -1 if it has
// none.
var messageField = func() int {
	if t := reflect.TypeFor[grpcstatus.Status](); t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if t.Field(i).Type == reflect.TypeFor[*spb.Status]() {
				return i
			}
		}
	}
	return -1
}()

// peek returns the message in st, which nobody may change. grpc-go gives it out
// as a deep copy only, and that costs twice as much as all else that is done to
// read the reason of an error; a retry loop asks every failed attempt for its
// delay. It is safe because a Status never changes, as its documentation says,
// and because a grpc-go that is built otherwise gets the deep copy.
func peek(st *grpcstatus.Status) *spb.Status {
	if st == nil || messageField < 0 {
		return st.Proto()
	}
	return (*spb.Status)(reflect.ValueOf(st).Elem().Field(messageField).UnsafePointer())
}
