package httpbridge

import (
	"strings"

	"github.com/errwire/errwire/status"
)

// Connect's streams are HTTP 200 whatever happens; the last frame, marked by a
// flag, has the error: {"error": {…}, "metadata": {…}}. The metadata is the
// trailer of the stream, and none of the error's.

const (
	connectCompressed  = 0x01
	connectEndOfStream = 0x02
)

func isConnectStream(media string) bool { return strings.HasPrefix(media, "application/connect+") }

func readConnectStream(a *Answer, d *draft) bool {
	if !isConnectStream(a.mediaType()) {
		return false
	}
	for flags, content := range frames(a.Body) {
		if flags&connectEndOfStream == 0 {
			continue
		}
		if flags&connectCompressed != 0 {
			return false
		}
		doc, err := decodeJSON(content)
		if err != nil {
			return false
		}
		defer doc.release()
		object := doc.root().get("error")
		if !object.isObject() {
			return false
		}
		d.connectError(a, object)
		return true
	}
	return false
}

// ConnectStream reads the end-of-stream frame of a Connect stream.
func ConnectStream(a *Answer) *status.Error { return a.as(readConnectStream) }
