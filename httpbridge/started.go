package httpbridge

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A watcher is a ResponseWriter that knows whether the response has started:
// net/http does not tell, and an error written after that would be appended to
// half an answer. Deadlines and full duplex are reached by
// [http.ResponseController]; what handlers find by type assertion is there if the
// writer below has it.
type watcher struct {
	http.ResponseWriter
	started  bool
	hijacked bool
}

// watch wraps w, unless it is watched already.
func watch(w http.ResponseWriter) (http.ResponseWriter, *watcher) {
	if known := watcherOf(w); known != nil {
		return w, known
	}
	base := &watcher{ResponseWriter: w}
	flusher, flushes := w.(http.Flusher)
	_, hijacks := w.(http.Hijacker)
	pusher, pushes := w.(http.Pusher)
	switch {
	case flushes && hijacks: // HTTP/1
		return &hijackWatcher{flushWatcher{base, flusher}}, base
	case flushes && pushes: // HTTP/2
		return &pushWatcher{flushWatcher{base, flusher}, pusher}, base
	case flushes:
		return &flushWatcher{base, flusher}, base
	default:
		return base, base
	}
}

// watcherOf finds the watcher that w wraps; nil if there is none.
func watcherOf(w http.ResponseWriter) *watcher {
	for range maxLinks {
		switch known := w.(type) {
		case interface{ watched() *watcher }:
			return known.watched()
		case interface{ Unwrap() http.ResponseWriter }:
			w = known.Unwrap()
		default:
			return nil
		}
	}
	return nil
}

func (w *watcher) watched() *watcher { return w }

// Unwrap is for [http.ResponseController].
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader starts the response, unless the status is informational.
func (w *watcher) WriteHeader(httpStatus int) {
	w.ResponseWriter.WriteHeader(httpStatus)
	if httpStatus >= http.StatusOK || httpStatus == http.StatusSwitchingProtocols {
		w.started = true
	}
}

func (w *watcher) Write(p []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps the way open to sendfile, which net/http's own writer has.
func (w *watcher) ReadFrom(r io.Reader) (int64, error) {
	w.started = true
	return io.Copy(w.ResponseWriter, r)
}

type flushWatcher struct {
	*watcher
	flusher http.Flusher
}

// Flush sends the header, if nothing else.
func (w *flushWatcher) Flush() {
	w.started = true
	w.flusher.Flush()
}

type hijackWatcher struct{ flushWatcher }

// Hijack hands the connection over; there is no more response to write.
func (w *hijackWatcher) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.started, w.hijacked = true, true
	}
	return conn, buffered, err
}

type pushWatcher struct {
	flushWatcher
	pusher http.Pusher
}

// Push is HTTP/2's; it does not start the response.
func (w *pushWatcher) Push(target string, opts *http.PushOptions) error {
	return w.pusher.Push(target, opts)
}
