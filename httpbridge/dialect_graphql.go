package httpbridge

import "github.com/errwire/errwire/status"

// GraphQL: {"data": null, "errors": [{"message", "locations", "path",
// "extensions": {"code": "NOT_FOUND"}}]}, often with HTTP 200. With data that is
// not null the answer is a success in part, and no error.
// https://graphql.github.io/graphql-over-http

// graphQLCodes are names that servers use beside those of the platform.
var graphQLCodes = map[string]status.Code{
	"FORBIDDEN":                     status.PermissionDenied,
	"BAD_USER_INPUT":                status.InvalidArgument,
	"BAD_REQUEST":                   status.InvalidArgument,
	"GRAPHQL_PARSE_FAILED":          status.InvalidArgument,
	"GRAPHQL_VALIDATION_FAILED":     status.InvalidArgument,
	"PERSISTED_QUERY_NOT_FOUND":     status.NotFound,
	"PERSISTED_QUERY_NOT_SUPPORTED": status.Unimplemented,
	"INTERNAL_SERVER_ERROR":         status.Internal,
}

func readGraphQL(a *Answer, d *draft) bool {
	root := a.root()
	first := root.get("errors").element(0)
	extensions := first.get("extensions")
	if !first.get("message").isString() || root.get("message").exists() ||
		a.mediaType() != "application/graphql-response+json" && !extensions.isObject() && !first.get("path").isArray() && !first.get("locations").isArray() {
		return false
	}
	if data := root.get("data"); a.succeeded() && data.exists() && data.node().kind != 'n' {
		return false
	}
	d.message = first.get("message").string()
	d.metaRest(extensions, "code")
	name := extensions.get("code").string()
	if code, ok := graphQLCodes[name]; ok {
		d.code = code
	} else if code, ok := parseCode(name); ok {
		d.code = code
	}
	d.service.Reason = name
	return true
}

// GraphQL reads the first error of a GraphQL response that has no data.
func GraphQL(a *Answer) *status.Error { return a.as(readGraphQL) }
