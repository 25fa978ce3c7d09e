package httpbridge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

// What a body names beats the HTTP status, and what it does not know how to name
// does not.
func TestCodeOfTheBodyBeatsTheHTTPStatus(t *testing.T) {
	t.Parallel()
	for _, code := range allCodes() {
		name := code.String()
		bodies := map[string]string{
			"aip193":  fmt.Sprintf(`{"error":{"code":418,"message":"m","status":%q}}`, name),
			"problem": fmt.Sprintf(`{"title":"t","status":418,"detail":"m","code":%q}`, name),
			"encore":  fmt.Sprintf(`{"code":%q,"message":"m","details":{}}`, strings.ToLower(name)),
		}
		if code != status.Conflict {
			bodies["gateway"] = fmt.Sprintf(`{"code":%d,"message":"m"}`, code)
			bodies["stream"] = fmt.Sprintf(`{"error":{"code":%d,"message":"m"}}`, code)
			bodies["connect"] = fmt.Sprintf(`{"code":%q,"message":"m"}`, strings.ToLower(name))
			bodies["twirp"] = fmt.Sprintf(`{"code":%q,"msg":"m"}`, strings.ToLower(name))
		}
		for dialect, body := range bodies {
			for _, httpStatus := range []int{200, 400, 404, 418, 500, 599} {
				e := httpbridge.Parse(httpStatus, nil, []byte(body))
				assert.Equal(t, code, e.Code(), "%s, HTTP %d", dialect, httpStatus)
				assert.Equal(t, "m", e.Message(), dialect)
				assert.Equal(t, status.OriginService, e.Origin(), dialect)
			}
		}
	}
	for _, name := range []string{"", "OK", "ok", "NOPE", "404", "\u0000"} {
		for _, body := range []string{`{"error":{"code":404,"message":"m","status":%q}}`, `{"code":%q,"message":"m"}`, `{"code":%q,"msg":"m"}`} {
			e := httpbridge.Parse(404, nil, fmt.Appendf(nil, body, name))
			assert.Equal(t, status.NotFound, e.Code(), body, name)
		}
	}
}

// Every HTTP status that says something, with a body that does not.
func TestHTTPStatusDecidesWhereTheBodyIsSilent(t *testing.T) {
	t.Parallel()
	for httpStatus := range 1000 {
		want := status.FromHTTPStatus(httpStatus)
		if want == status.OK {
			want = status.Unknown
		}
		for _, body := range []string{"", "text", "<html></html>", `{"message":"m"}`, `{"error":"m"}`, `{"error":{"message":"m"}}`, `{}`, `[]`, `7`} {
			e := httpbridge.Parse(httpStatus, nil, []byte(body))
			assert.Equal(t, want, e.Code(), "HTTP %d, %s", httpStatus, body)
		}
	}
	// A 200 that has an error in it means the status that the error claims.
	assert.True(t, status.IsNotFound(httpbridge.Parse(200, nil, []byte(`{"error":{"code":404,"message":"m"}}`))))
}

func TestTwirpOAuthAndConnectTables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]status.Code{
		"malformed": status.InvalidArgument, "bad_route": status.Unimplemented, "dataloss": status.DataLoss, "canceled": status.Cancelled,
	} {
		assert.Equal(t, want, httpbridge.Parse(404, nil, fmt.Appendf(nil, `{"code":%q,"msg":"m"}`, name)).Code(), name)
	}
	for name, want := range map[string]status.Code{
		"invalid_grant": status.Unauthenticated, "invalid_client": status.Unauthenticated, "invalid_request": status.InvalidArgument,
		"unsupported_grant_type": status.InvalidArgument, "invalid_scope": status.InvalidArgument, "unauthorized_client": status.PermissionDenied,
		"temporarily_unavailable": status.Unavailable, "server_error": status.Internal, "slow_down": status.Unavailable,
		"authorization_pending": status.FailedPrecondition,
	} {
		e := httpbridge.Parse(400, nil, fmt.Appendf(nil, `{"error":%q}`, name))
		assert.Equal(t, want, e.Code(), name)
		assert.Equal(t, name, e.Reason())
	}
	for httpStatus, want := range map[int]status.Code{
		400: status.Internal, 401: status.Unauthenticated, 403: status.PermissionDenied, 404: status.Unimplemented,
		429: status.Unavailable, 502: status.Unavailable, 503: status.Unavailable, 504: status.Unavailable, 409: status.Unknown, 500: status.Unknown,
	} {
		e := httpbridge.ParseAs(httpStatus, nil, []byte(`{"message":"m"}`), httpbridge.Connect.Read)
		assert.Equal(t, want, e.Code(), "HTTP %d from a Connect server", httpStatus)
	}
}

func TestVendorsCodes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]status.Code{
		"ThrottlingException": status.ResourceExhausted, "TooManyRequestsException": status.ResourceExhausted,
		"AccessDeniedException": status.PermissionDenied, "ValidationException": status.InvalidArgument,
		"ResourceNotFoundException": status.NotFound, "ConditionalCheckFailedException": status.FailedPrecondition,
		"SomethingElse": status.InvalidArgument,
	} {
		e := httpbridge.Parse(400, http.Header{"X-Amzn-Errortype": {name}}, []byte(`{"message":"m"}`))
		assert.Equal(t, want, e.Code(), name)
	}
	for _, test := range []struct {
		name       string
		httpStatus int
		want       status.Code
	}{
		{"NoSuchKey", 404, status.NotFound},
		{"NoSuchBucket", 404, status.NotFound},
		{"BucketAlreadyExists", 409, status.AlreadyExists},
		{"BucketAlreadyOwnedByYou", 409, status.AlreadyExists},
		{"BucketNameUnavailable", 409, status.AlreadyExists},
		{"OperationAborted", 409, status.Conflict},
		{"AccessDenied", 403, status.PermissionDenied},
		{"SlowDown", 503, status.Unavailable},
	} {
		body := fmt.Sprintf(`<Error><Code>%s</Code><Message>m</Message></Error>`, test.name)
		assert.Equal(t, test.want, httpbridge.Parse(test.httpStatus, nil, []byte(body)).Code(), test.name)
	}
	for reason, want := range map[string]status.Code{
		"AlreadyExists": status.AlreadyExists, "Conflict": status.Aborted, "Timeout": status.DeadlineExceeded, "New": status.Conflict, "": status.Conflict,
	} {
		body := fmt.Sprintf(`{"kind":"Status","status":"Failure","reason":%q,"code":409}`, reason)
		assert.Equal(t, want, httpbridge.Parse(409, nil, []byte(body)).Code(), reason)
	}
	e := httpbridge.Parse(422, nil, []byte(`{"message":"m","errors":[{"field":"f","title":"t"}]}`))
	assert.Equal(t, "m", e.Message(), "not JSON:API")
	stripe := func(httpStatus int, kind, code string) status.Code {
		body := fmt.Sprintf(`{"error":{"type":%q,"code":%q,"message":"m"}}`, kind, code)
		return httpbridge.Parse(httpStatus, nil, []byte(body)).Code()
	}
	assert.Equal(t, status.NotFound, stripe(404, "invalid_request_error", "resource_missing"))
	assert.Equal(t, status.InvalidArgument, stripe(402, "invalid_request_error", "x"))
	assert.Equal(t, status.Aborted, stripe(400, "idempotency_error", ""))
	assert.Equal(t, status.ResourceExhausted, stripe(400, "invalid_request_error", "rate_limit"))
	assert.Equal(t, status.Internal, stripe(500, "api_error", ""))
	assert.Equal(t, status.Unavailable, stripe(529, "overloaded_error", ""))
}

// A conflict of Kubernetes is about what was to be created, if something was.
func TestKubernetesConflictByMethod(t *testing.T) {
	t.Parallel()
	body := []byte(`{"kind":"Status","status":"Failure","code":409}`)
	for method, want := range map[string]status.Code{"POST": status.AlreadyExists, "PUT": status.Conflict, "": status.Conflict} {
		assert.Equal(t, want, httpbridge.Kubernetes(&httpbridge.Answer{HTTPStatus: 409, Method: method, Body: body}).Code(), method)
	}
	body = []byte(`{"kind":"Status","status":"Failure","code":409,"reason":"Conflict"}`)
	assert.True(t, status.IsAborted(httpbridge.Kubernetes(&httpbridge.Answer{HTTPStatus: 409, Method: "POST", Body: body})), "a reason says more")
}

func TestFirebaseErrorsAnswerTheirPredicates(t *testing.T) {
	t.Parallel()
	e := httpbridge.Parse(400, nil, []byte(`{"error":{"code":400,"message":"EMAIL_EXISTS : taken","status":"INVALID_ARGUMENT"}}`))
	assert.True(t, auth.IsEmailAlreadyExists(e))
	assert.True(t, status.IsAlreadyExists(e), "the server code beats error.status")
	e = httpbridge.Parse(404, nil, []byte(`{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}`))
	assert.True(t, messaging.IsUnregistered(e))
	e = httpbridge.Parse(401, nil, []byte(`{"error":{"code":401,"status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"APNS_AUTH_ERROR"},{"@type":"type.googleapis.com/google.firebase.fcm.v1.ApnsError","statusCode":403,"reason":"BadDeviceToken"}]}}`))
	assert.True(t, messaging.IsThirdPartyAuthError(e))
	var apns *structpb.Struct
	for _, detail := range e.Details() {
		if s, ok := detail.(*structpb.Struct); ok && strings.HasSuffix(s.GetFields()["@type"].GetStringValue(), "ApnsError") {
			apns = s
		}
	}
	assert.Equal(t, "BadDeviceToken", apns.GetFields()["reason"].GetStringValue())

	// An ErrorInfo of another service is not Identity Toolkit, whatever the message.
	e = httpbridge.Parse(400, nil, []byte(`{"error":{"code":400,"message":"EMAIL_EXISTS","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TAKEN","domain":"users.example.com"}]}}`))
	assert.False(t, auth.IsEmailAlreadyExists(e))
	assert.True(t, status.IsInvalidArgument(e))
	e = httpbridge.Parse(500, nil, []byte(`{"error":{"code":500,"details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNSPECIFIED_ERROR"}]}}`))
	assert.Equal(t, status.ServiceCode{}, e.ServiceCode())
	e = httpbridge.Parse(400, nil, []byte(`{"error":{"code":400,"details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"BRAND_NEW"}]}}`))
	assert.Equal(t, status.ServiceCode{Domain: "fcm.googleapis.com", Reason: "BRAND_NEW"}, e.ServiceCode())
}

// All of the catalogs, in Firebase's own form and back.
func TestFirebaseFormatForEveryServiceCode(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{auth.UserNotFound.Domain, messaging.Unregistered.Domain} {
		for _, reason := range []string{
			"EMAIL_ALREADY_EXISTS", "USER_NOT_FOUND", "EXPIRED_ID_TOKEN", "CERTIFICATE_FETCH_FAILED", "PHONE_NUMBER_ALREADY_EXISTS", "QUOTA_EXCEEDED",
			"UNREGISTERED", "SENDER_ID_MISMATCH", "THIRD_PARTY_AUTH_ERROR", "UNAVAILABLE", "INTERNAL", "INVALID_ARGUMENT",
		} {
			service := status.ServiceCode{Domain: domain, Reason: reason}
			definition, ok := status.Lookup(service)
			if !ok {
				continue
			}
			for _, message := range []string{"", "with detail", "EMAIL_EXISTS", "a : b"} {
				e := status.New(definition.Code, message).WithServiceCode(service)
				if message == "" {
					e = status.FromError(service)
				}
				httpStatus, header, body := httpbridge.Encode(e, httpbridge.Firebase)
				got := httpbridge.Parse(httpStatus, header, body)
				assert.Equal(t, service, got.ServiceCode(), "%s", body)
				assert.Equal(t, e.Code(), got.Code(), "%s", body)
				assert.Equal(t, e.Message(), got.Message(), "%s", body)
			}
		}
	}
}

func TestPinnedDialect(t *testing.T) {
	t.Parallel()
	connect := []byte(`{"code":"not_found","message":"m"}`)
	assert.True(t, status.IsNotFound(httpbridge.ParseAs(500, nil, connect, httpbridge.Connect.Read)))
	e := httpbridge.ParseAs(500, nil, connect, httpbridge.Kubernetes)
	assert.True(t, status.IsInternal(e), "what the dialect cannot read is not read by another")
	assert.Equal(t, status.OriginIntermediary, e.Origin())
	assert.True(t, status.IsNotFound(httpbridge.ParseAs(500, nil, connect, httpbridge.Kubernetes, nil, httpbridge.Auto)))
	assert.True(t, status.IsNotFound(httpbridge.ParseAs(500, nil, connect)), "without a dialect, all")

	kratos := httpbridge.DefaultDomain(httpbridge.Kratos, "identitytoolkit.googleapis.com")
	e = httpbridge.ParseAs(400, nil, []byte(`{"code":400,"reason":"EMAIL_EXISTS","message":"m"}`), kratos)
	assert.True(t, auth.IsEmailAlreadyExists(e), "aliases of the domain's catalog are known: %+v", e)
	assert.True(t, status.IsAlreadyExists(e), "and its codes")
	assert.Nil(t, httpbridge.DefaultDomain(nil, "x")(&httpbridge.Answer{}))

	problem := []byte(`{"type":"https://users.example.com/errors/USER_NOT_FOUND","title":"t"}`)
	header := http.Header{"Content-Type": {"application/problem+json"}}
	e = httpbridge.ParseAs(404, header, problem, httpbridge.ProblemTypes("https://users.example.com/errors/"))
	assert.Equal(t, status.ServiceCode{Domain: "users.example.com", Reason: "USER_NOT_FOUND"}, e.ServiceCode())
	e = httpbridge.ParseAs(404, header, problem, httpbridge.ProblemTypes("https://other.example.com/"))
	assert.Equal(t, "https://users.example.com/errors/USER_NOT_FOUND", e.Reason())
	assert.Nil(t, httpbridge.ProblemTypes("x")(&httpbridge.Answer{Body: []byte("text")}))
}

func TestOwnDialect(t *testing.T) {
	t.Parallel()
	acme := func(a *httpbridge.Answer) *status.Error {
		if text, ok := strings.CutPrefix(string(a.Body), "ACME "); ok {
			return status.New(status.Aborted, text)
		}
		return nil
	}
	header := http.Header{"Retry-After": {"3"}}
	e := httpbridge.ParseAs(500, header, []byte("ACME no luck"), acme, httpbridge.Auto)
	assert.Equal(t, "no luck", e.Message())
	assert.Equal(t, status.Aborted, e.Code())
	assert.Equal(t, status.OriginService, e.Origin())
	delay, ok := e.RetryDelay()
	assert.True(t, ok)
	assert.Equal(t, 3*time.Second, delay)
	assert.True(t, status.IsNotFound(httpbridge.ParseAs(500, nil, []byte(`{"code":5,"message":"m"}`), acme, httpbridge.Auto)))

	zero := func(*httpbridge.Answer) *status.Error {
		return status.New(status.Unavailable, "x").WithOrigin(status.OriginIntermediary)
	}
	e = httpbridge.ParseAs(500, http.Header{"Retry-After": {"0"}}, nil, zero)
	delay, ok = e.RetryDelay()
	assert.True(t, ok)
	assert.Zero(t, delay)
	assert.Equal(t, status.OriginIntermediary, e.Origin(), "the dialect knows better")

	panics := func(*httpbridge.Answer) *status.Error { panic("oops") }
	assert.True(t, status.IsNotFound(httpbridge.ParseAs(404, nil, nil, panics)))
}

// Every exported dialect answers nil to what is not of its form, and to nil.
func TestDialectsOfNothing(t *testing.T) {
	t.Parallel()
	dialects := map[string]httpbridge.Dialect{
		"GRPC": httpbridge.GRPC, "GRPCWeb": httpbridge.GRPCWeb, "ConnectStream": httpbridge.ConnectStream, "PRPC": httpbridge.PRPC,
		"GatewayStream": httpbridge.GatewayStream, "GoogleLegacy": httpbridge.GoogleLegacy, "JSONAPI": httpbridge.JSONAPI,
		"GraphQL": httpbridge.GraphQL, "AWSJSON": httpbridge.AWSJSON, "AWSXML": httpbridge.AWSXML, "Herodot": httpbridge.Herodot,
		"Azure": httpbridge.Azure, "Stripe": httpbridge.Stripe, "Elasticsearch": httpbridge.Elasticsearch, "JSONRPC": httpbridge.JSONRPC,
		"Kubernetes": httpbridge.Kubernetes, "Dapr": httpbridge.Dapr, "Encore": httpbridge.Encore, "Kratos": httpbridge.Kratos,
		"GoMicro": httpbridge.GoMicro, "Goa": httpbridge.Goa, "GitHub": httpbridge.GitHub, "Registry": httpbridge.Registry,
		"Spring": httpbridge.Spring, "Vault": httpbridge.Vault, "Docker": httpbridge.Docker, "RealtimeDatabase": httpbridge.RealtimeDatabase,
		"Bearer": httpbridge.Bearer, "Auto": httpbridge.Auto,
	}
	for _, format := range allFormats {
		dialects[format.String()] = format.Read
	}
	for name, dialect := range dialects {
		assert.Nil(t, dialect(nil), name)
		for _, body := range []string{"", "text", "{}", "[]", "null", "7", `""`, "<html>", "<Error/>", `{"error":{}}`, `{"error":null}`, `{"errors":[]}`, `{"errors":[7]}`, `{"code":{}}`} {
			assert.Nil(t, dialect(&httpbridge.Answer{HTTPStatus: 500, Body: []byte(body)}), "%s of %s", name, body)
		}
	}
}

// A success that happens to have a member of a telling name is no error.
func TestAutoIsCarefulWithSuccesses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"message":"hello"}`, `{"error":""}`, `{"errors":["a"]}`, `{"code":"x","message":"y"}`, `{"detail":"x"}`, `{"errors":{"a":["b"]}}`,
		`{"data":{"a":1},"errors":[{"message":"m","path":["a"]}]}`, `{"status":"OK","code":200}`, `{"result":{}}`, `<Error></Error>`, `<html></html>`, "text",
	} {
		assert.Nil(t, httpbridge.Auto(&httpbridge.Answer{HTTPStatus: 200, Body: []byte(body)}), body)
	}
	for _, body := range []string{
		`{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}`, `{"error":{"code":14,"message":"m"}}`, `{"data":null,"errors":[{"message":"m","path":["a"]}]}`,
		`{"jsonrpc":"2.0","error":{"code":-32601,"message":"m"}}`, `{"kind":"Status","status":"Failure"}`, `<Error><Code>InternalError</Code></Error>`,
	} {
		assert.NotNil(t, httpbridge.Auto(&httpbridge.Answer{HTTPStatus: 200, Body: []byte(body)}), body)
	}
}

// One detail that is wrong costs itself; a list's element or a map's entry too.
func TestDetailsAreReadOneByOne(t *testing.T) {
	t.Parallel()
	const good = `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"GOOD","domain":"d.example"}`
	for _, bad := range []string{
		`{"@type":"type.googleapis.com/acme.Unknown"}`, `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":["x"]}`,
		`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"soon"}`, `{"@type":"type.googleapis.com/google.rpc.Help","links":7}`,
		`{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"never"}`, `{"@type":"nonsense"}`, `{"@type":""}`, `7`, `"x"`, `[]`, `{}`, `true`,
	} {
		body := fmt.Sprintf(`{"error":{"code":404,"message":"m","status":"NOT_FOUND","details":[%s,%s]}}`, bad, good)
		e := httpbridge.Parse(404, nil, []byte(body))
		assert.Equal(t, "GOOD", e.Reason(), bad)
		assert.Len(t, e.Details(), 2, "what cannot be read is kept: %s", bad)
		for _, format := range lossless {
			assertRoundTrip(t, e, format)
		}
	}
	body := `{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[
		{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[7,{"subject":"a","subject":"b","quotaValue":"x","quotaDimensions":{"k":"v","n":[]},"futureQuotaValue":"5","api_service":"s"}]}]}}`
	quota, ok := status.Detail[*errdetails.QuotaFailure](httpbridge.Parse(400, nil, []byte(body)))
	require.True(t, ok)
	require.Len(t, quota.GetViolations(), 1)
	violation := quota.GetViolations()[0]
	assert.Equal(t, "a", violation.GetSubject(), "of a member given twice the first counts")
	assert.Equal(t, map[string]string{"k": "v"}, violation.GetQuotaDimensions())
	assert.Equal(t, int64(5), violation.GetFutureQuotaValue())
	assert.Equal(t, "s", violation.GetApiService())
}

// A challenge adds to what a body says, unless that is the service's full word.
func TestChallengeBesideABody(t *testing.T) {
	t.Parallel()
	header := http.Header{"Www-Authenticate": {`Bearer realm="users", error="invalid_token", error_description="expired"`}}
	full := `{"error":{"code":401,"message":"m","status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"CREDENTIALS_MISSING","domain":"googleapis.com"}]}}`
	e := httpbridge.Parse(401, header, []byte(full))
	assert.Equal(t, "CREDENTIALS_MISSING", e.Reason())
	assert.Empty(t, e.Metadata())
	e = httpbridge.Parse(401, header, []byte(`{"message":"m"}`))
	assert.Equal(t, "m", e.Message())
	assert.Equal(t, "invalid_token", e.Reason())
	assert.Equal(t, map[string]string{"realm": "users"}, e.Metadata())
	e = httpbridge.Parse(400, http.Header{"Www-Authenticate": {`Bearer error="insufficient_scope"`}}, []byte(`{"message":"m"}`))
	assert.True(t, status.IsPermissionDenied(e))
	e = httpbridge.Parse(401, http.Header{"Www-Authenticate": {`Bearer error="a", Error="b"`}}, nil)
	assert.Equal(t, "a", e.Reason(), "of a parameter given twice the first counts")
	e = httpbridge.Parse(401, http.Header{"Www-Authenticate": {`Basic realm="users"`}}, []byte(`{"message":"m"}`))
	assert.Empty(t, e.Metadata())
}
