package main

import (
	"encoding/json"
	"strings"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// A detail as the dialects spell it that are JSON of protobuf messages.
type detail struct {
	Type                  string `json:"@type"`
	Reason, Domain, Value string
	Metadata              map[string]string
}

// The struct that fits each dialect; what it returns is the message. Google's own
// has a group with its peers; nobody else's has any in Go that read a reason.
var dialectStructs = []struct {
	name   string
	format httpbridge.Format
	decode func(body []byte) (string, error)
}{
	{"Problem Details", httpbridge.Problem, decoding(func(m *struct {
		Title, Detail, Code, Reason, Domain string
		Status                              int
		Metadata                            map[string]string
	}) string {
		return m.Detail
	})},
	{"grpc-gateway", httpbridge.Gateway, decoding(func(m *struct {
		Code    int
		Message string
		Details []detail
	}) string {
		return m.Message
	})},
	{"Connect", httpbridge.Connect, decoding(func(m *struct {
		Code, Message string
		Details       []detail
	}) string {
		return m.Message
	})},
	{"Twirp", httpbridge.Twirp, decoding(func(m *struct {
		Code, Msg string
		Meta      map[string]string
	}) string {
		return m.Msg
	})},
	{"OAuth", httpbridge.OAuth, decoding(func(m *struct {
		Error       string
		Description string `json:"error_description"`
	}) string {
		return m.Description
	})},
}

func decoding[T any](message func(*T) string) func(body []byte) (string, error) {
	return func(body []byte) (string, error) {
		var m T
		err := json.Unmarshal(body, &m)
		return message(&m), err
	}
}

// dialects are the groups of the dialects that are not Google's.
var dialects = func() (list []group) {
	sizes := []struct {
		name    string
		message string
	}{{"200 B", message}, {"8 KiB", strings.Repeat("There is no user 42, nor was there ever. ", 200)}}
	for _, d := range dialectStructs {
		for _, size := range sizes {
			e := status.New(status.NotFound, size.message).WithDetails(errorInfo())
			httpStatus, header, body := httpbridge.Encode(e, d.format)
			list = append(list, group{"dialect " + d.name + ": REST body of " + size.name + " → error", []contender{
				{"errwire Parse", func() (func() any, func()) {
					return func() any { return httpbridge.Parse(httpStatus, header, body).Message() }, no
				}},
				{"floor: encoding/json into a struct", func() (func() any, func()) {
					return func() any {
						text, err := d.decode(body)
						if err != nil {
							return err
						}
						return text
					}, no
				}},
			}})
		}
	}
	return list
}()
