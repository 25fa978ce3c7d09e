package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/api/googleapi"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

var (
	smallBody = restBody(message)
	largeBody = restBody(strings.Repeat("There is no user 42, nor was there ever. ", 200))
)

func restBody(message string) []byte {
	body, err := json.Marshal(map[string]any{"error": map[string]any{
		"code": 404, "message": message, "status": "NOT_FOUND",
		"details": []any{map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain, "metadata": metadata,
		}},
	}})
	if err != nil {
		return nil
	}
	return body
}

func restReaders(body []byte) []contender {
	header := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	return []contender{
		{"errwire Parse", func() (func() any, func()) {
			return func() any { return httpbridge.Parse(404, header, body).Reason() }, no
		}},
		{"errwire CheckResponse", func() (func() any, func()) {
			return func() any { return status.FromError(httpbridge.CheckResponse(response(header, body))).Reason() }, no
		}},
		{"googleapi + gax apierror", func() (func() any, func()) {
			return func() any {
				e, ok := apierror.FromError(googleapi.CheckResponse(response(header, body)))
				if !ok {
					return ""
				}
				return e.Reason()
			}, no
		}},
		{"floor: encoding/json into a struct", func() (func() any, func()) {
			return func() any {
				var reply struct {
					Error struct {
						Code            int
						Message, Status string
						Details         []struct {
							Type           string `json:"@type"`
							Reason, Domain string
							Metadata       map[string]string
						}
					}
				}
				if err := json.Unmarshal(body, &reply); err != nil {
					return err
				}
				return reply.Error.Details[0].Reason
			}, no
		}},
	}
}

func response(header http.Header, body []byte) *http.Response {
	return &http.Response{StatusCode: 404, Header: header, Body: io.NopCloser(bytes.NewReader(body))}
}

var (
	restIn      = restReaders(smallBody)
	restInLarge = restReaders(largeBody)
)
