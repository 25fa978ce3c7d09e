package interceptors

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/errwire/errwire/retry"
)

// A conn is what is known of one ClientConn.
type conn struct {
	cc     *grpc.ClientConn
	target string
	budget *retry.Budget
}

// noConn is for callers, such as tests, that have no ClientConn.
var noConn = &conn{}

// conns are the channels that a pair of interceptors serves.
type conns struct {
	first atomic.Pointer[conn] // most interceptors have one channel
	known sync.Map             // *grpc.ClientConn to *conn; read without a lock

	mu    sync.Mutex // for what follows, and for adding to known
	count int        // of known
	limit int        // of count, at which closed channels are looked for
}

// conn returns what is known of cc, without an allocation or a lock but the
// first time.
func (c *client) conn(cc *grpc.ClientConn) *conn {
	if first := c.conns.first.Load(); first != nil && first.cc == cc {
		return first
	}
	if cc == nil {
		return noConn
	}
	if known, ok := c.conns.known.Load(cc); ok {
		return known.(*conn) //nolint:forcetypeassert // nothing else is stored
	}
	return c.conns.add(c.newConn(cc))
}

func (cs *conns) add(to *conn) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if known, ok := cs.known.Load(to.cc); ok { // somebody else was quicker
		return known.(*conn) //nolint:forcetypeassert // as above
	}
	if cs.count >= cs.limit {
		cs.forgetClosed()
		cs.limit = 2 * cs.count
	}
	cs.first.CompareAndSwap(nil, to)
	cs.known.Store(to.cc, to)
	cs.count++
	return to
}

// forgetClosed keeps interceptors that are shared by many channels, each dialled
// and closed again, from remembering them all. As it is called whenever their
// number has doubled, a new channel costs the same however many there are.
// Whoever still calls on a closed one makes it known again, to be forgotten later.
func (cs *conns) forgetClosed() {
	cs.count = 0
	cs.known.Range(func(cc, to any) bool {
		if state, _ := stateOf(cc.(*grpc.ClientConn)); closed(state) { //nolint:forcetypeassert // as above
			cs.known.Delete(cc)
			cs.first.CompareAndSwap(to.(*conn), nil) //nolint:forcetypeassert // as above
		} else {
			cs.count++
		}
		return true
	})
}

// newConn finds the budget that cc shares with all connections to its target.
// In-process and Unix-socket targets have no name that is the same elsewhere,
// and an address may be used again by another server: each connection to one has
// a budget of its own.
func (c *client) newConn(cc *grpc.ClientConn) *conn {
	if c.budgetTarget != "" {
		return &conn{cc: cc, target: c.budgetTarget, budget: retry.TargetBudget(c.budgetTarget)}
	}
	canonical := cc.CanonicalTarget()
	if key := targetKey(canonical); key != "" {
		return &conn{cc: cc, target: key, budget: retry.TargetBudget(key)}
	}
	return &conn{cc: cc, target: canonical, budget: &retry.Budget{}}
}

// targetKey is the host:port of a canonical target; "" where there is none.
func targetKey(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "passthrough", "unix", "unix-abstract":
		return ""
	}
	endpoint := strings.TrimPrefix(u.Path, "/")
	if endpoint == "" {
		return ""
	}
	return hostPort(endpoint)
}

// hostPort is the lower-case host:port, the port 443 if absent.
func hostPort(endpoint string) string {
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		host, port = strings.Trim(endpoint, "[]"), "443"
	}
	return strings.ToLower(net.JoinHostPort(host, port))
}
