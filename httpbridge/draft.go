package httpbridge

import (
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/errwire/errwire/status"
)

// maxDetails is the most details that one error keeps. More of them is not an
// error but an attack; a detail takes some hundred times its JSON.
const maxDetails = 256

// maxShared is the longest body that a message may keep from being freed.
const maxShared = 1 << 10

// A draft is an error that a reader is reading. What the body does not say is
// left zero, and filled in by finish.
type draft struct {
	code       status.Code // OK: the body names none
	httpStatus int         // the status that the body claims
	message    string
	service    status.ServiceCode
	metadata   []entry
	details    []*anypb.Any // without the ErrorInfo made of service and metadata
	infoAt     int          // where that ErrorInfo goes
	retryAt    int          // 1 + the place of the RetryInfo; 0: there is none
	exact      hint         // how long to wait, as RetryInfo and headers in milliseconds say
	rounded    hint         // the same in whole seconds, as Retry-After says
	proxy      bool         // the service did not say this
}

// An entry is one of the metadata. There are few, so a list of them is searched
// faster than a map is made.
type entry struct{ key, text string }

// maxEntries is the most metadata that one error keeps.
const maxEntries = 256

// begun reports whether a reader that did not take the answer left anything.
// Clearing a draft of all it can hold costs more than this.
func (d *draft) begun() bool {
	return d.message != "" || d.code != status.OK || d.httpStatus != 0 || d.hasInfo() ||
		len(d.details) > 0 || d.exact.ok || d.rounded.ok || d.proxy
}

// finish makes the error.
func (d *draft) finish(a *Answer) *status.Error {
	d.challenge(a)
	if d.service.Domain == "" && d.service.Reason != "" {
		d.service.Domain = a.domain
	}
	d.service = resolve(d.service)
	if d.code == status.OK {
		d.code = d.inferred(a)
	}
	if d.message == "" {
		d.message = statusText(a.HTTPStatus)
	}
	if len(a.Body) > maxShared {
		d.message = strings.Clone(d.message) // a part of the body, which it would keep
	}
	d.rounded.raise(retryAfter(a))
	d.exact.raise(retryAfterMillis(a.Header))
	d.setDelay()
	d.insertInfo()
	origin := status.OriginService
	if d.proxy {
		origin = status.OriginIntermediary
	}
	return status.FromWire(d.code, d.message, origin, d.details)
}

// inferred is the code of an error whose body names none: the catalog's, if the
// service code is in one, or that of the HTTP status.
func (d *draft) inferred(a *Answer) status.Code {
	if definition, ok := status.Lookup(d.service); ok {
		return definition.Code
	}
	return a.codeOfStatus(d.httpStatus)
}

// setDelay puts the delay that all sources together say into the RetryInfo.
func (d *draft) setDelay() {
	wait := combine(d.exact, d.rounded)
	if !wait.ok || d.retryAt > 0 && d.exact == wait && !d.exact.other {
		return
	}
	detail := pack(&errdetails.RetryInfo{RetryDelay: durationpb.New(wait.delay)})
	if d.retryAt > 0 {
		d.details[d.retryAt-1] = detail
		return
	}
	d.details = append(d.details, detail)
}

// insertInfo makes the service code and the metadata a detail.
func (d *draft) insertInfo() {
	if d.service == (status.ServiceCode{}) && len(d.metadata) == 0 {
		return
	}
	info := &anypb.Any{TypeUrl: typePrefix + errorInfoName, Value: encodeInfo(d.service, d.metadata)}
	d.details = slices.Insert(d.details, min(d.infoAt, len(d.details)), info)
}

// encodeInfo encodes an ErrorInfo. Nearly every error has one, and the proto
// package's reflection over the map would cost as much as all the rest of Parse.
func encodeInfo(service status.ServiceCode, metadata []entry) []byte {
	const reason, domain, entries, key, text = 1, 2, 3, 1, 2
	const overhead = 16 // tags and lengths, more than enough
	length := len(service.Reason) + len(service.Domain) + overhead
	for _, e := range metadata {
		length += len(e.key) + len(e.text) + overhead
	}
	b := make([]byte, 0, length)
	b = appendText(b, reason, service.Reason)
	b = appendText(b, domain, service.Domain)
	slices.SortFunc(metadata, func(x, y entry) int { return strings.Compare(x.key, y.key) })
	for _, e := range metadata {
		size := protowire.SizeTag(key) + protowire.SizeBytes(len(e.key)) + protowire.SizeTag(text) + protowire.SizeBytes(len(e.text))
		b = protowire.AppendTag(b, entries, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(size)) //nolint:gosec // a length
		b = protowire.AppendString(protowire.AppendTag(b, key, protowire.BytesType), e.key)
		b = protowire.AppendString(protowire.AppendTag(b, text, protowire.BytesType), e.text)
	}
	return b
}

// appendText appends a field, unless it is empty, and so the default.
func appendText(b []byte, field protowire.Number, text string) []byte {
	if text == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

// pack encodes a message of our own making, which can always be encoded: its
// texts are valid UTF-8.
func pack(m proto.Message) *anypb.Any {
	value, err := proto.MarshalOptions{Deterministic: true, AllowPartial: true}.Marshal(m)
	if err != nil {
		return nil // FromWire leaves it out
	}
	return &anypb.Any{TypeUrl: typePrefix + string(m.ProtoReflect().Descriptor().FullName()), Value: value}
}

// add adds a detail that is encoded already.
func (d *draft) add(detail *anypb.Any) {
	if len(d.details) < maxDetails {
		d.details = append(d.details, detail)
	}
}

// meta adds to the metadata, unless the key is there or there is no value.
func (d *draft) meta(key, text string) {
	if text != "" {
		d.setMeta(strings.ToValidUTF8(key, "\uFFFD"), strings.ToValidUTF8(text, "\uFFFD"))
	}
}

// setMeta is meta for texts that are valid UTF-8, or empty.
func (d *draft) setMeta(key, text string) {
	if len(d.metadata) == maxEntries || d.metaAt(key) >= 0 {
		return
	}
	d.metadata = append(d.metadata, entry{key, text})
}

// metaAt is the place of a key in the metadata, or -1.
func (d *draft) metaAt(key string) int {
	return slices.IndexFunc(d.metadata, func(e entry) bool { return e.key == key })
}

// takeMeta takes a key out of the metadata, and returns its value.
func (d *draft) takeMeta(key string) string {
	i := d.metaAt(key)
	if i < 0 {
		return ""
	}
	text := d.metadata[i].text
	d.metadata = slices.Delete(d.metadata, i, i+1)
	return text
}

// metaOf adds the named members of an object, where they are scalars.
func (d *draft) metaOf(object value, names ...string) {
	for _, name := range names {
		if text, ok := object.get(name).text(); ok {
			d.meta(name, text)
		}
	}
}

// metaRest adds all scalar members of an object but those named.
func (d *draft) metaRest(object value, except ...string) {
	for name, member := range object.members() {
		if text, ok := member.text(); ok && !slices.Contains(except, name) {
			d.setMeta(name, text)
		}
	}
}

// claim takes over the HTTP status that a body says it has.
func (d *draft) claim(httpStatus value) {
	code, _ := httpStatus.integer()
	d.httpStatus = int(max(0, min(code, 999)))
}

// setCode takes over the name of a code, in upper or lower case. A name that no code
// has is not lost: if it is not the reason of the error, it is kept under key.
func (d *draft) setCode(name, key string) {
	if code, ok := parseCode(name); ok {
		d.code = code
		return
	}
	d.meta(key, name)
}

// parseCode is [status.ParseCode] for names in lower case too, such as Connect's.
// "Conflict" is a name of some vendor's own. OK is not the code of an error.
func parseCode(name string) (status.Code, bool) {
	code, ok := status.ParseCode(name)
	if !ok && len(name) <= len("FAILED_PRECONDITION") && strings.ToLower(name) == name {
		code, ok = status.ParseCode(strings.ToUpper(name))
	}
	return code, ok && code != status.OK
}
