package interceptors

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/errwire/errwire/retry"
)

// callSettings are the call options of one call, sorted: those of ours, those
// that must speak of one attempt only, and the rest.
type callSettings struct {
	any        bool // the caller gave some
	policy     *retry.Policy
	nilPolicy  bool
	idempotent bool
	standBack  bool
	resume     ResumeFunc
	resumeSet  bool // the caller gave one, and be it nil

	headers  []*metadata.MD
	trailers []*metadata.MD
	peers    []*peer.Peer
	finishes []func(error)

	rest []grpc.CallOption // what every attempt gets as it is
}

// sort takes the options of a call apart. What grpc would fill in per attempt is
// kept back, for the caller is to see the attempt whose result it gets.
func (s *callSettings) sort(opts []grpc.CallOption) {
	s.any = len(opts) > 0
	for _, opt := range opts {
		switch opt := opt.(type) {
		case callSetting:
			s.set(opt)
		case grpc.HeaderCallOption:
			s.headers = append(s.headers, opt.HeaderAddr)
		case grpc.TrailerCallOption:
			s.trailers = append(s.trailers, opt.TrailerAddr)
		case grpc.PeerCallOption:
			s.peers = append(s.peers, opt.PeerAddr)
		case grpc.OnFinishCallOption:
			s.finishes = append(s.finishes, opt.OnFinish)
		case nil:
		default:
			s.rest = append(s.rest, opt)
		}
	}
}

func (s *callSettings) set(opt callSetting) {
	switch opt.change {
	case withoutRetries:
		s.policy, s.nilPolicy = noRetry, false
	case withPolicy:
		s.policy, s.nilPolicy = opt.policy, opt.policy == nil
	case asIdempotent:
		s.idempotent = true
	case asResumed:
		s.resume, s.resumeSet = opt.resume, true
	case standBack:
		s.standBack = true
	}
}

// publish gives the caller the header, trailer and peer of the attempt whose
// result it gets.
func (s *callSettings) publish(a *attempt) {
	if !s.any {
		return
	}
	for _, header := range s.headers {
		if header != nil {
			*header = a.header
		}
	}
	for _, trailer := range s.trailers {
		if trailer != nil {
			*trailer = a.trailer
		}
	}
	for _, p := range s.peers {
		if p != nil {
			*p = a.peer
		}
	}
}

// finish runs the caller's OnFinish functions, in order.
func (s *callSettings) finish(err error) {
	for _, f := range s.finishes {
		if f != nil {
			f(err)
		}
	}
}

// reset empties s and keeps its memory. Most calls have no options.
func (s *callSettings) reset() {
	if !s.any {
		return
	}
	clear(s.rest)
	clear(s.headers)
	clear(s.trailers)
	clear(s.peers)
	clear(s.finishes)
	*s = callSettings{
		headers:  s.headers[:0],
		trailers: s.trailers[:0],
		peers:    s.peers[:0],
		finishes: s.finishes[:0],
		rest:     s.rest[:0],
	}
}
