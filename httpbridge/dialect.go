package httpbridge

import "github.com/errwire/errwire/status"

// A Dialect reads one form of error body. It returns nil for an answer that is
// not of its form, and must not keep the [Answer].
//
// The functions of this type in this package, and the Read method of each
// [Format], are given to [ParseAs] to name the dialect that a service speaks,
// when recognition is not wanted or would guess wrong. A dialect of one's own is
// any function; put [Auto] behind it to keep the rest:
//
//	err := httpbridge.ParseAs(resp.StatusCode, resp.Header, body, acme, httpbridge.Auto)
//
// What a Dialect need not do: read Retry-After, which is added to what it says,
// and set the origin, which is [status.OriginService] unless it says otherwise.
type Dialect func(a *Answer) *status.Error

// A reader is a dialect of this package: it fills in a draft, and reports whether
// the answer was of its form. After false the draft is thrown away.
type reader func(a *Answer, d *draft) bool

// readers are all dialects, in the order in which they are asked: what headers
// say, then media types, then the shape of the body from the most to the least
// particular. What one of them takes, those below do not see.
var readers = [...]reader{
	// Headers and media types that name the form.
	readGRPC,
	readGRPCWeb,
	readConnectStream,
	readPRPC,
	readAIP193, // no more than its own form, and the most frequent
	readProblem,
	readJSONAPI,
	readGraphQL,
	readAPIGateway,
	readAWSJSON,

	// JSON with an "error" object.
	readHerodot,
	readAzure,
	readStripe,
	readElasticsearch,
	readJSONRPC,
	readGatewayStream,
	readGoogleLegacy,

	// Other JSON objects.
	readKubernetes,
	readDapr,
	readTwirp,
	readGateway,
	readConnect,
	readEncore,
	readKratos,
	readGoMicro,
	readGoa,
	readOAuth,
	readGitHub,
	readRegistry,
	readSpring,
	readVault,
	readVendor,

	// XML.
	readAWSXML,

	// No body that says anything.
	readBearerChallenge,
}

// Auto recognises every dialect that this package knows. It returns nil for an
// answer that is none of them, such as a proxy's page.
func Auto(a *Answer) *status.Error {
	if a == nil {
		return nil
	}
	defer a.release()
	var d draft
	for _, read := range readers {
		if read(a, &d) {
			return d.finish(a)
		}
		if d.begun() {
			d = draft{}
		}
	}
	return nil
}

// as reads a by one reader.
func (a *Answer) as(read reader) *status.Error {
	if a == nil {
		return nil
	}
	defer a.release()
	var d draft
	if !read(a, &d) {
		return nil
	}
	return d.finish(a)
}

// DefaultDomain returns a dialect that reads as d does, and takes domain to be
// that of a reason whose body names none: Kratos, Stripe and Azure send bare
// reasons, and a reason without its domain is nobody's service code. The codes
// of a catalog registered for the domain are recognised.
func DefaultDomain(d Dialect, domain string) Dialect {
	return func(a *Answer) *status.Error {
		if a == nil || d == nil {
			return nil
		}
		within := *a
		within.domain = domain
		within.doc, within.object, within.markup, within.decoded = nil, value{}, nil, false
		e := d(&within)
		if e.Reason() != "" && e.Domain() == "" {
			e = e.WithServiceCode(resolve(status.ServiceCode{Domain: domain, Reason: e.Reason()}))
		}
		return e
	}
}

// resolve replaces a name that REST bodies use by the reason it stands for. What
// is a reason of the domain stands for itself, also where another reason has the
// same name for an alias: it is what Encode writes.
func resolve(code status.ServiceCode) status.ServiceCode {
	if _, ok := status.Lookup(code); ok {
		return code
	}
	if known, ok := status.LookupAlias(code.Domain, code.Reason); ok {
		return known
	}
	return code
}
