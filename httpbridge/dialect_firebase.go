package httpbridge

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/status"
)

// Firebase's services speak Google's dialects, and say their own codes in places
// of their own: Identity Toolkit at the start of the message, "EMAIL_EXISTS :
// The email address …", Cloud Messaging in a detail. The catalogs of
// status/firebase know what the names stand for; they register themselves, and
// are not imported here. A body tells its domain by having such a code in such a
// place.
const (
	authDomain      = "identitytoolkit.googleapis.com"
	messagingDomain = "fcm.googleapis.com"
	messagingType   = "google.firebase.fcm.v1.FcmError"

	oldMessagingType = "google.firebase.fcm.v1.FcmErrorCode"
)

// authError reads the server code of Identity Toolkit. One that the catalog
// knows beats the body's status and the HTTP status, as in Firebase's own SDKs.
// The message is the catalog's, with what the server added.
//
// An empty "errors", which no service of Firebase sends, is Encode's way to say
// that the message is of somebody else, and only begins like one of these. So is
// the form of grpc-gateway.
func (d *draft) authError(object value) {
	name, text := splitServerCode(d.message)
	if name == "" || d.service.Domain != "" && d.service.Domain != authDomain {
		return
	}
	if items := object.get("errors"); items.isArray() && !items.element(0).exists() || !object.isMember() {
		return
	}
	code, ok := status.LookupAlias(authDomain, name)
	if !ok {
		code = status.ServiceCode{Domain: authDomain, Reason: name}
	}
	ours := d.service == code // an ErrorInfo says so too: Encode wrote this, and the message is whole
	if !ok && !ours {
		return
	}
	definition, known := status.Lookup(code)
	if known {
		d.code = definition.Code
	}
	d.service = code
	switch canned := strings.TrimSuffix(definition.Message, "."); {
	case text == "":
		d.message = definition.Message
	case ours || canned == "":
		d.message = text
	default:
		d.message = canned + ": " + text
	}
}

// looksLikeServerCode reports whether authError would take the message for one of
// Identity Toolkit, though nothing else speaks for that.
func looksLikeServerCode(e *status.Error, message string) bool {
	name, _ := splitServerCode(message)
	return name != "" && e.Domain() == ""
}

// splitServerCode cuts a message at its first colon; name is "" if what stands
// before is no code.
func splitServerCode(message string) (name, text string) {
	name, text, _ = strings.Cut(message, ":")
	if name = strings.TrimSpace(name); !isReason(name) {
		return "", ""
	}
	return name, strings.TrimSpace(text)
}

// messagingError reads the FcmError among the details of an error. The detail
// stays; an ErrorInfo of another domain stays too, behind the code that the
// messaging service gave.
func (d *draft) messagingError(object value) {
	for detail := range object.get("details").elements() {
		name := detail.get("errorCode").string()
		if name == "" || name == "UNSPECIFIED_ERROR" {
			continue
		}
		if of := typeName(detail.get("@type").string()); of != messagingType && of != oldMessagingType {
			continue
		}
		code := resolve(status.ServiceCode{Domain: messagingDomain, Reason: name})
		if d.service != code && d.hasInfo() {
			d.keepInfo()
		}
		d.service = code
		return
	}
}

// messagingStruct is the FcmError of a code: JSON of a type that is not known
// here.
func messagingStruct(name string) *structpb.Struct {
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"@type":     structpb.NewStringValue(typePrefix + messagingType),
		"errorCode": structpb.NewStringValue(name),
	}}
}

// writeFirebase adds to AIP-193's form what the Admin SDKs look for.
func writeFirebase(o *output, e *status.Error) {
	message, details, service := e.Message(), e.Details(), e.ServiceCode()
	switch service.Domain {
	case authDomain:
		name := wireName(service)
		if definition, _ := status.Lookup(service); message == definition.Message {
			message = name
		} else {
			message = name + " : " + message
		}
		o.aip193(e, message, details, name)
	case messagingDomain:
		if !hasMessagingError(details) {
			details = append(details, messagingStruct(wireName(service)))
		}
		o.aip193(e, message, details, "")
	default:
		o.aip193(e, message, details, "")
	}
}

// legacyErrors writes the "errors" that Identity Toolkit has.
func (w *jsonWriter) legacyErrors(serverCode string) {
	w.name("errors")
	w.open('[')
	w.open('{')
	w.member("message", serverCode)
	w.member("domain", "global")
	w.member("reason", "invalid")
	w.end('}')
	w.end(']')
}

// hasMessagingError reports whether an FcmError is among the details.
func hasMessagingError(details []proto.Message) bool {
	return slices.ContainsFunc(details, func(detail proto.Message) bool {
		object, ok := detail.(*structpb.Struct)
		return ok && typeName(object.GetFields()["@type"].GetStringValue()) == messagingType
	})
}

// wireName is the name that REST bodies use for a service code.
func wireName(service status.ServiceCode) string {
	if definition, ok := status.Lookup(service); ok && len(definition.Aliases) > 0 {
		return definition.Aliases[0]
	}
	return service.Reason
}
