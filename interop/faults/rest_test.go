package faults_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/errwire/errwire/httpbridge"
	"github.com/errwire/errwire/status"
)

// restOffsets are in the request's line, its header and its body, and the same of
// the answer.
var restOffsets = []int{0, 1, 9, 20, 40, 80, 120, 160, 200, 240, 300}

const reply = `{"reply": "it is done, and this is a body long enough to be cut in more than one place"}`

// restAllowed are the codes of a fault where they are not those of gRPC: cut in
// the middle, an answer is as good as none.
var restAllowed = map[string][]status.Code{
	"cut":        {status.Unavailable},
	"reset":      {status.Unavailable},
	"half-close": {status.Unavailable, status.DeadlineExceeded, status.InvalidArgument}, // the server's word for half a request
	"delay":      {},
	"stall":      {status.DeadlineExceeded},
	"HTML":       {status.Unavailable},
	"corrupt":    nil,
}

func TestREST(t *testing.T) { //nolint:paralleltest // one crowd at a time
	var count runs
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return // half a request has not run
		}
		count.add(r.Header.Get("X-Call"))
		_, _ = io.WriteString(w, reply)
	}))
	defer server.Close()
	backend := server.Listener.Addr().String()

	var work []func()
	for name, act := range acts {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, "POST, idempotent"} {
			for _, way := range []direction{toServer, toClient} {
				for _, at := range restOffsets {
					if name == "HTML" && (way == toServer || at > 0) {
						continue
					}
					id := fmt.Sprintf("%s; %s %s; at %d", method, name, way, at)
					work = append(work, func() { restTrial(t, &count, backend, id, name, method, script{way, at, act}) })
				}
			}
		}
	}
	crowd(work)
}

func restTrial(t *testing.T, count *runs, backend, id, fault, method string, s script) {
	p := newProxy(t, backend, s)
	defer p.close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := httpbridge.NewClient(&http.Client{Transport: transport}, httpbridge.WithRetryPolicy(policy(t)))
	ctx, cancel := context.WithTimeout(t.Context(), patience(fault))
	defer cancel()

	verb, idempotent := strings.CutSuffix(method, ", idempotent")
	var body io.Reader
	if verb != http.MethodGet {
		body = strings.NewReader(`{"request": "do it"}`)
	}
	req, err := http.NewRequestWithContext(ctx, verb, "http://"+p.address+"/v1/things", body)
	require.NoError(t, err)
	req.Header.Set("X-Call", id)
	if idempotent {
		req.Header.Set("Idempotency-Key", "k")
	}
	idempotent = idempotent || verb != http.MethodPost

	begin := time.Now()
	resp, err := client.Do(req)
	answered := resp != nil
	var received []byte
	if err == nil {
		received, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			err = status.FromError(err)
		}
	} else if resp != nil {
		_ = resp.Body.Close()
	}
	assert.Less(t, time.Since(begin), patience(fault)+slack, id)
	if p.acted.Load() {
		survived.Add(1)
	}
	if err != nil {
		e, ok := err.(*status.Error)
		if assert.True(t, ok, "%s: %T %v", id, err, err) && restAllowed[fault] != nil {
			assert.Contains(t, restAllowed[fault], e.Code(), "%s: %+v", id, e)
			assert.NotContains(t, e.Message(), secret, id)
		}
	}
	if fault == "corrupt" {
		return
	}
	if err == nil {
		assert.JSONEq(t, reply, string(received), id)
	}
	if most := map[bool]int{false: 1, true: 5}[idempotent]; !assert.LessOrEqual(t, count.count(id), most, id) {
		return
	}
	if idempotent && !answered && (fault == "cut" || fault == "reset") {
		assert.NoError(t, err, id)
	}
}
