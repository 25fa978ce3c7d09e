package interceptors

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"google.golang.org/grpc"

	"github.com/errwire/errwire/retry"
)

// A conn is what is known of one ClientConn.
type conn struct {
	cc     *grpc.ClientConn
	target string
	budget *retry.Budget
}

// maxConns bounds what one pair of interceptors remembers. A channel usually has
// a pair of its own; past the bound everything is forgotten and found again.
const maxConns = 128

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
	if known, ok := c.conns.Load(cc); ok {
		c.lastConn.Store(known.(*conn)) //nolint:forcetypeassert // nothing else is stored
		return known.(*conn)            //nolint:forcetypeassert // as above
	}
	target := c.budgetTarget
	if target == "" {
		target = targetKey(cc)
	}
	known := &conn{cc: cc, target: target, budget: retry.TargetBudget(target)}
	if c.nConns.Add(1) > maxConns {
		c.conns.Clear()
		c.nConns.Store(1)
	}
	c.conns.Store(cc, known)
	return known
}

// targetKey names the budget that cc shares with all connections to its target.
// In-process and Unix-socket targets have no name that is the same elsewhere:
// each connection has a budget of its own.
func targetKey(cc *grpc.ClientConn) string {
	u, err := url.Parse(cc.CanonicalTarget())
	if err != nil {
		return ownKey(cc)
	}
	switch u.Scheme {
	case "passthrough", "unix", "unix-abstract":
		return ownKey(cc)
	}
	endpoint := u.Path
	if endpoint == "" {
		endpoint = u.Opaque
	}
	return hostPort(strings.TrimPrefix(endpoint, "/"))
}

func ownKey(cc *grpc.ClientConn) string { return fmt.Sprintf("%s#%p", cc.Target(), cc) }

// hostPort is the lower-case host:port, the port 443 if absent.
func hostPort(endpoint string) string {
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		host, port = strings.Trim(endpoint, "[]"), "443"
	}
	return strings.ToLower(net.JoinHostPort(host, port))
}
