package interceptors

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/errwire/errwire/status"
)

// A Rule is one of AIP-193's that [WithStrict] checks.
type Rule string

// The rules, by what is wrong.
const (
	// RuleErrorInfo: there is no reason and no domain. [WithDomain] mends it.
	RuleErrorInfo Rule = "error_info"
	// RuleReason: the reason is not UPPER_SNAKE_CASE of 3 to 63 characters.
	RuleReason Rule = "reason"
	// RuleDomain: the reason has no domain, and means nothing elsewhere.
	RuleDomain Rule = "domain"
	// RuleMetadataKey: a metadata key is not lowerCamelCase of 2 to 64 characters.
	RuleMetadataKey Rule = "metadata_key"
	// RuleMetadata: a number or a quoted part of the message is not in the
	// metadata, or a key is missing that was sent with the same reason before.
	RuleMetadata Rule = "metadata"
	// RuleDetailOnce: there are two details of one type.
	RuleDetailOnce Rule = "detail_once"
	// RuleHelpLink: a link of Help is not an absolute URL.
	RuleHelpLink Rule = "help_link"
	// RuleLocalizedMessage: the locale or the message is missing.
	RuleLocalizedMessage Rule = "localized_message"
	// RuleFieldReason: the reason of a field violation is not as [RuleReason]
	// wants it.
	RuleFieldReason Rule = "field_reason"
)

// A Violation is a breach of AIP-193 by an error that a handler returned.
type Violation struct {
	Rule   Rule
	Method string        // the full method name, such as "/library.v1.Shelves/Get"
	Text   string        // what is wrong, in one line
	Error  *status.Error // the error, before anything was mended or trimmed
}

// String returns method, rule and text.
func (v Violation) String() string { return fmt.Sprintf("%s: %s: %s", v.Method, v.Rule, v.Text) }

// WithStrict reports every breach of AIP-193 by the errors of this server's own
// handlers, for tests and for staging; it changes nothing of what leaves.
// Errors that a backend's service made are the backend's business. The function
// may be called by several calls at once:
//
//	interceptors.WithStrict(func(v interceptors.Violation) { t.Error(v) })
func WithStrict(report func(Violation)) ServerOption {
	return func(s *server) error {
		if report == nil {
			return errors.New("WithStrict(nil): want a function")
		}
		s.strict = &strict{report: report, keys: map[status.ServiceCode]map[string]bool{}}
		return nil
	}
}

// A strict checks errors; it remembers the metadata keys that were sent with
// each service code.
type strict struct {
	report func(Violation)

	mu   sync.Mutex
	keys map[status.ServiceCode]map[string]bool
}

// maxStrictCodes bounds what is remembered.
const maxStrictCodes = 1 << 12

// check reports what is wrong with e, the complete status of a failed call.
func (c *strict) check(call *failedCall, e *status.Error) {
	if c == nil || e.Origin() == status.OriginService {
		return
	}
	for _, rule := range rules {
		for _, text := range rule.breaches(e) {
			c.report(Violation{rule.name, call.method, text, e})
		}
	}
	for _, key := range c.missingKeys(e) {
		c.report(Violation{RuleMetadata, call.method,
			fmt.Sprintf("metadata key %q was sent with %v before, and is missing", key, e.ServiceCode()), e})
	}
}

// missingKeys are the metadata keys that were sent with the service code of e
// before and are not in e: a client may have come to rely on them.
func (c *strict) missingKeys(e *status.Error) []string {
	code, metadata := e.ServiceCode(), e.Metadata()
	if code == (status.ServiceCode{}) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.keys[code]
	if known == nil && len(c.keys) < maxStrictCodes {
		known = map[string]bool{}
		c.keys[code] = known
	}
	var missing []string
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if _, sent := metadata[key]; !sent {
			missing = append(missing, key)
		}
	}
	for key := range metadata {
		if known != nil {
			known[key] = true
		}
	}
	return missing
}
