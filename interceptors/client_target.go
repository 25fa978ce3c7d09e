package interceptors

import (
	"net"
	"net/url"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

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

// conn returns what is known of cc, without an allocation but the first time.
func (c *client) conn(cc *grpc.ClientConn) *conn {
	if last := c.lastConn.Load(); last != nil && last.cc == cc {
		return last
	}
	if cc == nil {
		return noConn
	}
	to := c.knownConn(cc)
	c.lastConn.Store(to)
	return to
}

func (c *client) knownConn(cc *grpc.ClientConn) *conn {
	if known, ok := c.conns.Load(cc); ok {
		return known.(*conn) //nolint:forcetypeassert // nothing else is stored
	}
	c.forgetClosed()
	known, _ := c.conns.LoadOrStore(cc, c.newConn(cc))
	return known.(*conn) //nolint:forcetypeassert // as above
}

// forgetClosed keeps interceptors that are shared by many channels, each dialled
// and closed again, from remembering them all. Whoever still calls on a closed
// one makes it known again, to be forgotten with the next.
func (c *client) forgetClosed() {
	c.conns.Range(func(cc, _ any) bool {
		if stateOf(cc.(*grpc.ClientConn)) == connectivity.Shutdown { //nolint:forcetypeassert // as above
			c.conns.Delete(cc)
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
