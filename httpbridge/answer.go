package httpbridge

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/errwire/errwire/status"
)

// maxBody is the most bytes of an answer that are read. Error bodies are far
// shorter; go-github and moby draw the line at the same place.
const maxBody = 1 << 20

// An Answer is an HTTP answer as a [Dialect] sees it. It is for one goroutine.
type Answer struct {
	HTTPStatus int
	Header     http.Header // nil is no header
	Trailer    http.Header // what has arrived of it
	Method     string      // of the request; "" where it is not known
	Body       []byte      // the first MiB of it; do not change it

	domain string // of reasons whose body names none; see DefaultDomain

	media   string    // the media type, once asked for
	decoded bool      // doc, object and markup are set
	doc     *document // what object points into
	object  value     // the JSON object that the answer is about
	markup  *element  // the root of the XML
}

// release gives back what was decoded. Every exported reader does so at its end,
// when all that the error keeps is copied.
func (a *Answer) release() {
	a.doc.release()
	a.doc, a.object, a.markup, a.decoded = nil, value{}, nil, false
}

// mediaType is the Content-Type in lower case, without parameters. It is a hint:
// the readers look at the body first.
func (a *Answer) mediaType() string {
	if a.media == "" {
		media, _, _ := strings.Cut(field(a.Header, "Content-Type"), ";")
		a.media = strings.ToLower(strings.TrimSpace(media))
	}
	return a.media
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	jsonHijacking = []byte(")]}'") // a line of it stands before JSON that is not to be run as a script
)

// text is the body without what may stand before it.
func (a *Answer) text() []byte {
	body := a.Body
	if len(body) > maxBody {
		body = body[:maxBody]
	}
	body = bytes.TrimLeft(bytes.TrimPrefix(body, byteOrderMark), " \t\r\n")
	if after, ok := bytes.CutPrefix(body, jsonHijacking); ok {
		body = bytes.TrimLeft(after, ", \t\r\n")
	}
	return body
}

// root is the JSON object that the answer is about: the body, an element of it
// if it is an array, its last line or event if it is a stream. It is not there
// if the body is no such thing.
func (a *Answer) root() value {
	a.decode()
	return a.object
}

// xml is the root of an XML body; nil if the body is none, or is a page.
func (a *Answer) xml() *element {
	a.decode()
	return a.markup
}

func (a *Answer) decode() {
	if a.decoded {
		return
	}
	a.decoded = true
	body := a.text()
	switch {
	case len(body) == 0:
	case body[0] == '<':
		a.markup = decodeXML(body)
	case body[0] == '{' || body[0] == '[':
		a.doc, a.object = decodeObject(body)
	default:
		a.doc, a.object = decodeEvents(body)
	}
}

// now is the time that dates in the answer are measured from: the answer's own
// Date, so that the two clocks need not agree, or the clock.
func (a *Answer) now() time.Time {
	if date, err := http.ParseTime(field(a.Header, "Date")); err == nil {
		return date
	}
	return time.Now()
}

// statusText is what an HTTP status says in words.
func statusText(httpStatus int) string {
	if httpStatus == statusClientClosedRequest {
		return "Client Closed Request"
	}
	return http.StatusText(httpStatus)
}

// statusClientClosedRequest is nginx's, for which net/http has no name;
// google.rpc.Code gives it to CANCELLED.
const statusClientClosedRequest = 499

// codeOfStatus is what the HTTP status means, or else the status that the body
// claims: an error may come with a 200.
func (a *Answer) codeOfStatus(claimed int) status.Code {
	if a.HTTPStatus < http.StatusBadRequest && claimed >= http.StatusBadRequest {
		return status.FromHTTPStatus(claimed)
	}
	return status.FromHTTPStatus(a.HTTPStatus)
}

// succeeded reports whether the HTTP status is that of a success. Such an answer
// needs more to be taken for an error than a member called "message".
func (a *Answer) succeeded() bool {
	return a.HTTPStatus >= http.StatusOK && a.HTTPStatus < http.StatusMultipleChoices
}

// field is [http.Header.Get] for names in canonical form, which all those in this
// package are: making them so again for every look-up is most of its cost.
func field(header http.Header, name string) string {
	if texts := header[name]; len(texts) > 0 {
		return texts[0]
	}
	return ""
}
