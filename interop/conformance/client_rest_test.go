package conformance_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// restClient is a client of Connect's unary calls that somebody wrote with
// httpbridge.Client alone, which reads the errors.
func restClient() dialer {
	clients := map[string]*httpbridge.Client{}
	for version, number := range map[string]int{"HTTP_VERSION_1": 1, "HTTP_VERSION_2": 2} {
		clients[version] = httpbridge.NewClient(httpClient(number), httpbridge.WithoutRetry())
	}
	return func(ctx context.Context, o *order, method protoreflect.MethodDescriptor) (call, error) {
		return &restUnary{ctx: ctx, o: o, client: clients[o.HTTPVersion], method: method}, nil
	}
}

type restUnary struct {
	single
	ctx    context.Context
	o      *order
	client *httpbridge.Client
	method protoreflect.MethodDescriptor
	header http.Header
	done   bool
}

func (c *restUnary) receive() (*dynamicpb.Message, error) {
	if c.done {
		return nil, io.EOF
	}
	c.done = true
	contentType, encode, decode := "application/proto", proto.Marshal, proto.Unmarshal
	if c.o.Codec == "CODEC_JSON" {
		contentType, encode, decode = "application/json", protojson.Marshal, protojson.Unmarshal
	}
	body, err := encode(c.request)
	if err != nil {
		return nil, err
	}
	url := "http://" + net.JoinHostPort(c.o.Host, strconv.Itoa(c.o.Port)) + "/" + serviceName + "/" + string(c.method.Name())
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	merge(req.Header, toHTTP(c.o.RequestHeaders))
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Connect-Protocol-Version", "1")
	if c.o.TimeoutMs != nil {
		req.Header.Set("Connect-Timeout-Ms", strconv.Itoa(*c.o.TimeoutMs))
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	c.header = resp.Header
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	m := dynamicpb.NewMessage(c.method.Output())
	return m, decode(answer, m)
}

// metadata is that of the answer, or of the one that the error keeps. Connect's
// unary trailers are headers with a prefix.
func (c *restUnary) metadata(err error) (headers, trailers []header) {
	if resp := status.HTTPResponse(err); resp != nil {
		c.header = resp.Header
	}
	for _, h := range fromHTTP(c.header) {
		if name, trailer := strings.CutPrefix(h.Name, "Trailer-"); trailer {
			trailers = append(trailers, header{name, h.Value})
		} else {
			headers = append(headers, h)
		}
	}
	return headers, trailers
}
