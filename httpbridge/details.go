package httpbridge

import (
	"encoding/base64"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/errwire/errwire/status"
)

const (
	typePrefix    = "type.googleapis.com/"
	errorInfoName = "google.rpc.ErrorInfo"
	retryInfoName = "google.rpc.RetryInfo"
)

// typeName is the message name in a type URL: all after the last slash.
func typeName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// readDetails reads the details of a google.rpc.Status in JSON, each for itself:
// what is wrong in one costs that one only.
func (d *draft) readDetails(details value) {
	if !details.isArray() {
		d.readDetail(details)
		return
	}
	for detail := range details.elements() {
		if len(d.details) >= maxDetails {
			return
		}
		d.readDetail(detail)
	}
}

func (d *draft) readDetail(detail value) {
	kind := detail.get("@type")
	if kind.is(typePrefix+errorInfoName) && d.readErrorInfo(detail) {
		return
	}
	url := kind.string()
	switch {
	case url == "":
		d.addRaw(detail)
	case d.addBinary(url, detail):
	case typeName(url) == errorInfoName && d.readErrorInfo(detail):
	case typeName(url) == retryInfoName && d.readRetryInfo(url, detail):
	default:
		d.addMessage(url, detail)
	}
}

// addRaw keeps JSON that is no known message: an object as a
// google.protobuf.Struct, other values as a google.protobuf.Value. A type that
// this program does not know stays in it, under "@type".
func (d *draft) addRaw(detail value) {
	if m := rawMessage(detail); m != nil {
		d.add(pack(m))
	}
}

// addBinary reads what Encode writes for a message whose type is not known:
// {"@type": url, "value": base64}. A message that has a field of that name, and
// is known, is not of this form.
func (d *draft) addBinary(url string, detail value) bool {
	content := detail.get("value")
	if !content.isString() || !hasOnly(detail, "@type", "value") || hasJSONValue(url) {
		return false
	}
	bytes, ok := decodeBase64(content.string())
	if ok {
		d.addAny(&anypb.Any{TypeUrl: url, Value: bytes})
	}
	return ok
}

// hasOnly reports whether an object has no members but these.
func hasOnly(object value, names ...string) bool {
	for name := range object.members() {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// decodeBase64 takes every form in use: with or without padding, URL-safe or not.
func decodeBase64(text string) ([]byte, bool) {
	text = strings.TrimRight(text, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	bytes, err := encoding.DecodeString(text)
	return bytes, err == nil
}

// addAny adds a detail that came in binary form. The first ErrorInfo and
// RetryInfo are looked into.
func (d *draft) addAny(detail *anypb.Any) {
	switch typeName(detail.GetTypeUrl()) {
	case errorInfoName:
		info := &errdetails.ErrorInfo{}
		// One with fields that are newer than this program stays as it came.
		if !d.hasInfo() && proto.Unmarshal(detail.GetValue(), info) == nil && len(info.ProtoReflect().GetUnknown()) == 0 {
			if d.setInfo(info); d.hasInfo() {
				return
			}
		}
	case retryInfoName:
		info := &errdetails.RetryInfo{}
		if proto.Unmarshal(detail.GetValue(), info) == nil {
			d.setRetryInfo(detail, info)
			return
		}
	}
	d.add(detail)
}

// hasInfo reports whether an ErrorInfo was read, or something like it.
func (d *draft) hasInfo() bool {
	return d.service != (status.ServiceCode{}) || len(d.metadata) > 0
}

func (d *draft) setInfo(info *errdetails.ErrorInfo) {
	d.service = status.ServiceCode{Domain: info.GetDomain(), Reason: info.GetReason()}
	for key, text := range info.GetMetadata() {
		d.setMeta(key, text)
	}
	d.infoAt = len(d.details)
}

// keepInfo makes the ErrorInfo that was read a detail like any other, so that
// another may take its place as the one that counts.
func (d *draft) keepInfo() {
	d.insertInfo()
	d.service, d.metadata, d.infoAt = status.ServiceCode{}, nil, 0
	if d.retryAt > 0 {
		d.retryAt = d.findRetryInfo()
	}
}

func (d *draft) findRetryInfo() int {
	for i, detail := range d.details {
		if typeName(detail.GetTypeUrl()) == retryInfoName {
			return i + 1
		}
	}
	return 0
}

// readErrorInfo reads the one detail that nearly every error has, without the
// reflection that the others take. One in which nothing can be read is left to
// be kept as it is.
func (d *draft) readErrorInfo(detail value) bool {
	if d.hasInfo() {
		return false
	}
	d.service = status.ServiceCode{Reason: detail.get("reason").string(), Domain: detail.get("domain").string()}
	for key, member := range detail.get("metadata").members() {
		if text, ok := member.text(); ok {
			d.setMeta(key, text)
		}
	}
	d.infoAt = len(d.details)
	return d.hasInfo()
}

// readRetryInfo reads a RetryInfo, also one written by an encoder that knows
// nothing of protobuf's JSON: retry_delay, {"seconds": 1, "nanos": 500000000}.
func (d *draft) readRetryInfo(url string, detail value) bool {
	delay, ok := readDuration(detail.first("retryDelay", "retry_delay"))
	if !ok {
		return false
	}
	info := &errdetails.RetryInfo{RetryDelay: delay}
	packed := pack(info)
	packed.TypeUrl = url
	d.setRetryInfo(packed, info)
	return true
}

func (d *draft) setRetryInfo(detail *anypb.Any, info *errdetails.RetryInfo) {
	if d.add(detail); d.retryAt > 0 || info.GetRetryDelay() == nil {
		return
	}
	d.retryAt = len(d.details)
	if delay, ok := clampDelay(info.GetRetryDelay()); ok {
		d.exact.raise(hint{delay: delay, ok: true})
	}
}
