package httpbridge_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// vendors are answers in forms of their own, or almost in a form that is known.
var vendors = []struct {
	name       string
	httpStatus int
	header     http.Header
	body       string
	code       status.Code
	message    string
	reason     string
	metadata   map[string]string
}{
	{name: "connect without message", httpStatus: 400, body: `{"code":"failed_precondition"}`, code: status.FailedPrecondition, message: "Bad Request"},
	{name: "connect without message, no details", httpStatus: 503, body: `{"code":"aborted","details":[]}`, code: status.Aborted, message: "Service Unavailable"},
	{name: "gateway without message", httpStatus: 400, body: `{"code":9}`, code: status.FailedPrecondition, message: "Bad Request"},
	{name: "numeric status as text", httpStatus: 404, body: `{"error":{"code":"NoUser","message":"m","status":"404"}}`, code: status.NotFound, message: "m", reason: "NoUser"},
	{name: "code beside a status", httpStatus: 400, body: `{"error":{"code":"NO_USER","message":"m","status":"NOT_FOUND"}}`, code: status.NotFound, message: "m", reason: "NO_USER"},
	{name: "number of nobody", httpStatus: 404, body: `{"success":false,"error":{"code":1234,"message":"m"}}`, code: status.NotFound, message: "m", metadata: map[string]string{"code": "1234"}},
	{name: "gRPC number beside a status", httpStatus: 400, body: `{"error":{"code":5,"message":"m","status":"NOT_FOUND"}}`, code: status.NotFound, message: "m"},
	{name: "reason in an error", httpStatus: 400, body: `{"error":{"message":"m","reason":"NO_USER"}}`, code: status.InvalidArgument, message: "m", reason: "NO_USER"},
	{name: "sentence in an error", httpStatus: 400, body: `{"error":{"message":"m","reason":"Check the id."}}`, code: status.InvalidArgument, message: "m"},
	{name: "azure Conflict", httpStatus: 409, body: `{"error":{"code":"Conflict","message":"m"}}`, code: status.Conflict, message: "m", reason: "Conflict"},
	{name: "azure without error", httpStatus: 404, header: http.Header{"X-Ms-Error-Code": {"NoUser"}}, body: `{"code":"NoUser","message":"m"}`, code: status.NotFound, message: "m", reason: "NoUser"},
	{name: "meta", httpStatus: 400, body: `{"error":{"message":"m","type":"OAuthException","code":190,"error_subcode":460}}`, code: status.InvalidArgument, message: "m", reason: "OAuthException", metadata: map[string]string{"type": "OAuthException", "code": "190", "error_subcode": "460"}},
	{name: "aws members", httpStatus: 400, body: `{"__type":"a#ThrottlingException","message":"m","resourceId":"r","causes":[1]}`, code: status.ResourceExhausted, message: "m", reason: "ThrottlingException", metadata: map[string]string{"resourceId": "r"}},
	{name: "code beside violations", httpStatus: 400, body: `{"code":"INVALID","message":"m","errors":[{"field":"age","message":"n"}]}`, code: status.InvalidArgument, message: "m", reason: "INVALID"},
	{name: "number beside violations", httpStatus: 400, body: `{"code":42,"message":"m","errors":[{"field":"age","message":"n"}]}`, code: status.InvalidArgument, message: "m", metadata: map[string]string{"code": "42"}},
	{name: "violations only", httpStatus: 400, body: `{"errors":[{"field":"age","message":"n"}]}`, code: status.InvalidArgument, message: "Bad Request"},
	{name: "errors of no field", httpStatus: 404, body: `{"success":false,"errors":[{"code":7003,"message":"m"}]}`, code: status.NotFound, message: "m", metadata: map[string]string{"code": "7003"}},
	{name: "django", httpStatus: 401, body: `{"detail":"m","code":"token_not_valid"}`, code: status.Unauthenticated, message: "m", reason: "token_not_valid"},
	{name: "nest", httpStatus: 400, body: `{"statusCode":400,"error":"Bad Request","message":["a is bad","b is bad"]}`, code: status.InvalidArgument, message: "a is bad; b is bad"},
	{name: "nest, one word", httpStatus: 401, body: `{"statusCode":401,"error":"Unauthorized","message":"m"}`, code: status.Unauthenticated, message: "m"},
	{name: "a word and a message", httpStatus: 404, body: `{"error":"no_user","message":"m"}`, code: status.NotFound, message: "m", reason: "no_user"},
	{name: "a word for the code", httpStatus: 400, body: `{"error":"not_found","message":"m"}`, code: status.NotFound, message: "m"},
	{name: "error and code", httpStatus: 404, body: `{"error":"m","code":"NO_USER"}`, code: status.NotFound, message: "m", reason: "NO_USER"},
	{name: "null code", httpStatus: 404, body: `{"code":null,"error_code":"NO_USER","message":"m"}`, code: status.NotFound, message: "m", reason: "NO_USER"},
	{name: "errorMessage", httpStatus: 404, body: `{"errorCode":"NO_USER","errorMessage":"m"}`, code: status.NotFound, message: "m", reason: "NO_USER"},
	{name: "errmsg", httpStatus: 400, body: `{"errcode":40013,"errmsg":"m"}`, code: status.InvalidArgument, message: "m", metadata: map[string]string{"code": "40013"}},
	{name: "description", httpStatus: 400, body: `{"ok":false,"error_code":400,"description":"m"}`, code: status.InvalidArgument, message: "m", metadata: map[string]string{"code": "400"}},
	{name: "capitals", httpStatus: 404, body: `{"Code":"NO_USER","Message":"m","RequestId":"r"}`, code: status.NotFound, message: "m", reason: "NO_USER"},
	{name: "oauth with a message", httpStatus: 400, body: `{"error":"invalid_request","message":"m"}`, code: status.InvalidArgument, message: "m", reason: "invalid_request"},
	{name: "title", httpStatus: 404, body: `{"title":"m","status":404}`, code: status.NotFound, message: "m"},
	{name: "events that begin with retry", httpStatus: 200, body: "retry: 10\r\ndata: {\"error\":{\"code\":14,\"message\":\"m\"}}\r\n\r\n", code: status.Unavailable, message: "m"},
	{name: "events that end with a word", httpStatus: 200, body: ": hello\n\ndata: {\"error\":{\"code\":14,\"message\":\"m\"}}\n\ndata: [DONE]\n\n", code: status.Unavailable, message: "m"},
}

// What they say is not lost.
func TestReadsWhatVendorsSay(t *testing.T) {
	t.Parallel()
	for _, test := range vendors {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := httpbridge.Parse(test.httpStatus, test.header, []byte(test.body))
			assert.Equal(t, test.code, e.Code())
			assert.Equal(t, test.message, e.Message())
			assert.Equal(t, test.reason, e.Reason())
			assert.Equal(t, test.metadata, e.Metadata())
			assert.Equal(t, status.OriginService, e.Origin())
			for _, format := range lossless {
				assertRoundTrip(t, e.WithOrigin(status.OriginUnspecified), format)
			}
		})
	}
}

// Azure's further errors are details, and those that name no target are none of
// a field.
func TestFurtherErrorsWithoutATargetAreKept(t *testing.T) {
	t.Parallel()
	e := httpbridge.Parse(400, nil, []byte(`{"error":{"code":"Bad","message":"m","details":[{"code":"NullValue","message":"required"},{"code":"Long","target":"name","message":"n"}]}}`))
	list, ok := status.Detail[*errdetails.BadRequest](e)
	require.True(t, ok)
	require.Len(t, list.GetFieldViolations(), 1)
	assert.Equal(t, "name", list.GetFieldViolations()[0].GetField())
	_, _, body := httpbridge.Encode(e, httpbridge.AIP193)
	assert.Contains(t, string(body), `{"code":"NullValue","message":"required"}`)
}

const aliasDomain = "alias.httpbridge.example"

// aliases is a catalog in which a reason is the alias of another one.
var aliases = sync.OnceValue(func() error {
	return status.Register(&status.Catalog{Domain: aliasDomain, Definitions: []status.Definition{
		{Reason: "LOCKED", Code: status.FailedPrecondition},
		{Reason: "LOCKED_OUT", Code: status.PermissionDenied, Aliases: []string{"LOCKED", "BARRED"}},
	}})
})

func registerAliases(t *testing.T) {
	t.Helper()
	require.NoError(t, aliases())
}

// The lists of field errors in problems, and what else they are called.
func TestReadsViolationsOfProblems(t *testing.T) {
	t.Parallel()
	for _, list := range []string{
		`"errors":[{"detail":"must be positive","pointer":"#/age"}]`,
		`"invalid-params":[{"name":"age","reason":"must be positive"}]`,
		`"violations":[{"field":"age","message":"must be positive"}]`,
	} {
		e := httpbridge.Parse(400, nil, []byte(`{"type":"about:blank","title":"t","status":400,`+list+`}`))
		bad, ok := status.Detail[*errdetails.BadRequest](e)
		require.True(t, ok, list)
		require.Len(t, bad.GetFieldViolations(), 1)
		assert.Equal(t, "age", bad.GetFieldViolations()[0].GetField())
		assert.Equal(t, "must be positive", bad.GetFieldViolations()[0].GetDescription())
		assert.Nil(t, e.Metadata())
	}
}

// A reason of the domain stands for itself, though it is the name that REST
// bodies have for another one.
func TestReasonBeatsAlias(t *testing.T) {
	t.Parallel()
	const domain = aliasDomain
	registerAliases(t)
	read := func(reason string) *status.Error {
		return httpbridge.ParseAs(400, nil, []byte(`{"code":400,"reason":"`+reason+`","message":"m"}`), httpbridge.DefaultDomain(httpbridge.Kratos, domain))
	}
	assert.Equal(t, "LOCKED", read("LOCKED").Reason())
	assert.Equal(t, status.FailedPrecondition, read("LOCKED").Code())
	assert.Equal(t, "LOCKED_OUT", read("BARRED").Reason())
	for _, format := range lossless {
		assertRoundTrip(t, status.New(status.FailedPrecondition, "m").WithServiceCode(status.ServiceCode{Domain: domain, Reason: "LOCKED"}), format)
	}
}

// What a catalog knows of a problem's reason beats the HTTP status.
func TestProblemTypesAreLookedUp(t *testing.T) {
	t.Parallel()
	const domain = aliasDomain
	registerAliases(t)
	dialect := httpbridge.ProblemTypes("https://" + domain + "/errors/")
	for _, name := range []string{"LOCKED_OUT", "BARRED"} {
		e := httpbridge.ParseAs(400, nil, []byte(`{"type":"https://`+domain+`/errors/`+name+`","title":"t","status":400}`), dialect)
		assert.Equal(t, status.PermissionDenied, e.Code())
		assert.Equal(t, status.ServiceCode{Domain: domain, Reason: "LOCKED_OUT"}, e.ServiceCode())
	}
	assert.Nil(t, dialect(&httpbridge.Answer{HTTPStatus: 400, Body: []byte(`{}`)}))
	assert.Nil(t, dialect(nil))
}
