package interceptors

import (
	"io"

	"google.golang.org/protobuf/proto"
)

// SendMsg sends m. As grpc-go's, it answers io.EOF when the stream is over, or
// nil if there is but one message to send: the error is RecvMsg's to tell. The
// caller may change m afterwards.
func (s *clientStream) SendMsg(m any) error {
	err := s.send(m)
	if err == io.EOF && !s.desc.ClientStreams { //nolint:errorlint // grpc's promise is the very same value
		return nil
	}
	return err
}

func (s *clientStream) send(m any) error {
	a, remembered := s.live.Load(), false
	if a == nil || a.behind.Load() {
		if a, remembered = s.startSending(m); a == nil {
			return io.EOF
		}
		if !remembered {
			a.seal()
		}
	}
	sealed := a.sealed
	err := a.stream.SendMsg(m)
	switch {
	case err == nil:
		return nil
	case err != io.EOF: //nolint:errorlint // as in SendMsg
		return s.conclude(a, err)
	case !remembered:
		return err
	case !sealed:
		a.seal() // perhaps it goes on, and has m; if not, the next SendMsg is told the truth
		return nil
	case s.awaitVerdict(a):
		return nil // who has taken its place was sent m as well
	default:
		return err
	}
}

// startSending waits until the current attempt was sent all that was sent
// before, and keeps a copy of m for the next one. Without room for it, the stream
// commits. It returns nil when the stream is over.
func (s *clientStream) startSending(m any) (a *streamAttempt, remembered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.final == nil && s.unsettled() {
		s.cond.Wait()
	}
	if s.final != nil {
		return nil, false
	}
	if s.live.Load() == nil {
		remembered = s.remember(m)
		if !remembered {
			s.commitLocked(s.current)
		}
	}
	return s.current, remembered
}

// unsettled reports whether the current attempt may be replaced, or was not sent
// yet all that was sent before.
func (s *clientStream) unsettled() bool { return s.deciding || s.current.behind.Load() }

// remember keeps a copy of m for a replay; it reports false when there is no
// room, or m is not a proto message.
func (s *clientStream) remember(m any) bool {
	const frame = 5 // bytes that gRPC puts before each message
	message := reflected(m)
	if message == nil {
		return false
	}
	if s.resume != nil {
		s.request = proto.Clone(message.Interface())
	}
	size := proto.Size(message.Interface()) + frame
	if size > s.c.streamBuffer-s.size {
		return false
	}
	s.size += size
	s.sent = append(s.sent, proto.Clone(message.Interface()))
	return true
}

// CloseSend ends the sending side. It answers nil, as grpc-go's does.
func (s *clientStream) CloseSend() error {
	s.mu.Lock()
	s.closed = true
	a, replayed := s.current, s.unsettled()
	s.mu.Unlock()
	if replayed {
		return nil // the replay closes
	}
	return a.stream.CloseSend()
}
