package conformance_test

import "encoding/json"

// What of the runner's messages is used here, in the form of their JSON.

type header struct {
	Name  string   `json:"name"`
	Value []string `json:"value"`
}

// An order is one call that a client is to make.
type order struct {
	TestName, Host, HTTPVersion, Protocol, Codec, Compression string
	Port                                                      int
	Method, StreamType                                        string
	RequestHeaders                                            []header
	RequestMessages                                           []json.RawMessage // Any
	RequestDelayMs                                            int
	TimeoutMs                                                 *int
	Cancel                                                    struct {
		BeforeCloseSend                     *struct{}
		AfterCloseSendMs, AfterNumResponses *int
	}
}

// A report is what became of it.
type report struct {
	TestName string  `json:"testName"`
	Response *result `json:"response,omitempty"`
	Error    *mishap `json:"error,omitempty"` // there was no call
}

type result struct {
	ResponseHeaders   []header          `json:"responseHeaders,omitempty"`
	ResponseTrailers  []header          `json:"responseTrailers,omitempty"`
	Payloads          []json.RawMessage `json:"payloads,omitempty"`
	Error             *received         `json:"error,omitempty"`
	NumUnsentRequests int               `json:"numUnsentRequests,omitempty"`
}

type received struct {
	Code    int32             `json:"code"`
	Message string            `json:"message"`
	Details []json.RawMessage `json:"details,omitempty"` // Any
}

type mishap struct {
	Message string `json:"message"`
}

// A wish is what the client's first message wants of a server.
type wish struct {
	ResponseDefinition struct {
		ResponseHeaders, ResponseTrailers []header
		ResponseData                      json.RawMessage // one, or a list
		ResponseDelayMs                   int
		Error                             *struct {
			Code, Message string
			Details       []json.RawMessage // Any
		}
	}
	FullDuplex bool
}

type response struct {
	Payload payload `json:"payload"`
}

type payload struct {
	Data        []byte       `json:"data,omitempty"`
	RequestInfo *requestInfo `json:"requestInfo,omitempty"`
}

// A requestInfo is what a server has seen of the call, as a payload has it, or an
// error's detail where there is none.
type requestInfo struct {
	Type           string            `json:"@type,omitempty"`
	RequestHeaders []header          `json:"requestHeaders,omitempty"`
	TimeoutMs      *int64            `json:"timeoutMs,omitempty"`
	Requests       []json.RawMessage `json:"requests,omitempty"` // Any
	ConnectGetInfo *getInfo          `json:"connectGetInfo,omitempty"`
}

type getInfo struct {
	QueryParams []header `json:"queryParams"`
}

// A place is where a server under test is.
type place struct {
	Host string `json:"host"`
	Port int    `json:"port"`
}
