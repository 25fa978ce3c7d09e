package interceptors_test

import (
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
)

// A phoenix is a grpc.Server that counts for each stream, from the number after
// the one that is the request up to upTo. After perLife numbers on one stream it
// is silent until it dies. It rises on the same port.
type phoenix struct {
	addr          string
	perLife, upTo int

	life  *talkServer
	dying chan struct{} // closed when its handlers are to end by themselves
	mu    sync.Mutex
	conns []net.Conn // of this life
}

// A keepingListener knows the connections of a life.
type keepingListener struct {
	net.Listener
	p *phoenix
}

func (l keepingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.p.mu.Lock()
		l.p.conns = append(l.p.conns, conn)
		l.p.mu.Unlock()
	}
	return conn, err
}

func (p *phoenix) rise(tb testing.TB, listener net.Listener) {
	tb.Helper()
	dying, perLife := make(chan struct{}), p.perLife
	p.addr, p.dying = listener.Addr().String(), dying
	p.life = startTalkOn(tb, keepingListener{listener, p}, func(_ int, s talk) error {
		after, err := s.read()
		if err != nil {
			return err
		}
		last, _ := strconv.Atoi(after)
		for n := 1; last+n <= p.upTo; n++ {
			if err := s.say(strconv.Itoa(last + n)); err != nil {
				return err
			}
			if n == perLife && last+n < p.upTo {
				select {
				case <-s.Context().Done():
				case <-dying:
				}
				return errDown
			}
		}
		return nil
	})
}

// restart ends a life, and begins the next.
func (p *phoenix) restart(tb testing.TB, die func(*phoenix)) {
	tb.Helper()
	die(p)
	p.mu.Lock()
	p.conns = nil
	p.mu.Unlock()
	var listener net.Listener
	for give := time.Now().Add(eventually); listener == nil && time.Now().Before(give); {
		listener, _ = net.Listen("tcp", p.addr) // until the port is free
	}
	if assert.NotNil(tb, listener, "no port %s", p.addr) {
		p.rise(tb, listener)
	}
}

func stopped(p *phoenix) { p.life.server.Stop() }

func killed(p *phoenix) {
	p.mu.Lock()
	for _, conn := range p.conns {
		reset(conn)
	}
	p.mu.Unlock()
	p.life.server.Stop()
}

func stoppedGracefully(p *phoenix) {
	close(p.dying)
	p.life.server.GracefulStop()
}

// reconnecting is a channel that loses no time, so that tests don't, on which a
// stream is resumed after the last message.
func reconnecting(tb testing.TB, addr string, opts ...interceptors.ClientOption) *grpc.ClientConn {
	tb.Helper()
	opts = append([]interceptors.ClientOption{
		interceptors.WithRetryPolicy(fast(tb, retry.WithMaxAttempts(100))),
		interceptors.WithResume(func(string) interceptors.ResumeFunc { return afterLast }),
	}, opts...)
	atOnce := backoff.Config{BaseDelay: time.Millisecond, Multiplier: 1, MaxDelay: time.Millisecond}
	return plainConn(tb, addr, append(interceptors.DialOptions(opts...), grpc.WithConnectParams(
		grpc.ConnectParams{Backoff: atOnce, MinConnectTimeout: eventually}))...)
}

// The server of a stream is restarted in the middle of it, again and again,
// whether somebody waits for a message meanwhile or not, and whether all that was
// sent was received by then or not: the stream goes on without a gap or a repeat.
//
//nolint:paralleltest // it counts the goroutines that are left
func TestResumeSurvivesRestarts(t *testing.T) {
	const perLife, lives = 3, 4
	for _, die := range []struct {
		name string
		how  func(*phoenix)
	}{{"stopped", stopped}, {"killed", killed}, {"stopped gracefully", stoppedGracefully}} {
		for _, read := range []struct {
			name    string
			ofLife  int // how many of its numbers are read before it ends
			waiting bool
		}{{"all read", perLife, false}, {"one read", 1, false}, {"in RecvMsg", perLife, true}} {
			t.Run(die.name+", "+read.name, func(t *testing.T) {
				before := streamGoroutines()
				p := &phoenix{perLife: perLife, upTo: perLife * lives}
				p.rise(t, newListener(t))
				conn := reconnecting(t, p.addr)
				var finished []error
				stream := openStream(t.Context(), t, conn, serverStream,
					grpc.OnFinish(func(err error) { finished = append(finished, err) }))
				sendAll(t, stream, "0")
				var got []string
				for life := range lives - 1 {
					got = append(got, readTo(t, stream, life*perLife+read.ofLife-len(got))...)
					if life == lives-2 {
						p.perLife = p.upTo // the last life says all that was lost on the way
					}
					restarted := make(chan struct{})
					go func() {
						defer close(restarted)
						p.restart(t, die.how)
					}()
					if read.waiting { // for the number that this life never says
						got = append(got, readTo(t, stream, 1)...)
					}
					<-restarted
				}
				rest, err := receiveAll(stream)
				require.NoError(t, err)
				assert.Equal(t, numbers(perLife*lives), append(got, rest...))
				assert.Equal(t, []error{nil}, finished)
				require.NoError(t, conn.Close())
				assertNoStreams(t, before)
			})
		}
	}
}

// numbers are those from 1 to upTo.
func numbers(upTo int) (all []string) {
	for n := range upTo {
		all = append(all, strconv.Itoa(n+1))
	}
	return all
}
