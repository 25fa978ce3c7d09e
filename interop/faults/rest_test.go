package faults_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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

// restMethods are the calls, in words.
var restMethods = []string{http.MethodGet, http.MethodPut, http.MethodPost, "POST, idempotent"}

// A restTrial is one call through one fault.
type restTrial struct {
	fault   string
	script  script
	version int // of HTTP
	method  string
	lie     bool // the fault says of a call that ran that it did not
}

func (f restTrial) String() string {
	return fmt.Sprintf("HTTP/%d, %s, %s %s, at %d", f.version, f.method, f.fault, f.script.direction, f.script.at)
}

// restAllowed2 is restAllowed where HTTP/2 has it otherwise: what answers in
// HTTP/1.1 is not HTTP, as a page is not over HTTP/1.1.
var restAllowed2 = map[string][]status.Code{
	"half-close": {status.Unavailable, status.DeadlineExceeded, status.InvalidArgument, status.Unknown},
	"HTML":       {status.Unknown},
}

func TestREST(t *testing.T) { //nolint:paralleltest // one crowd at a time
	var trials []restTrial
	for name, act := range acts {
		for _, version := range []int{1, 2} {
			for _, way := range []direction{toServer, toClient} {
				for _, at := range restOffsets {
					if name == "HTML" && (way == toServer || at > 0) {
						continue
					}
					trials = append(trials, restTrial{fault: name, script: script{way, at, act}, version: version})
				}
			}
		}
	}
	attemptREST(t, trials)
}

// attemptREST makes a call of each method for each trial.
func attemptREST(t *testing.T, trials []restTrial) {
	var count runs
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "half a request has not run", http.StatusBadRequest)
			return
		}
		count.add(r.Header.Get("X-Call"))
		_, _ = io.WriteString(w, reply)
	}))
	server.Config.Protocols = protocols(1, 2)
	server.Start()
	defer server.Close()
	var work []func()
	for _, f := range trials {
		for _, method := range restMethods {
			f := f
			f.method = method
			work = append(work, func() { f.run(t, &count, server.Listener.Addr().String()) })
		}
	}
	crowd(work)
}

func protocols(versions ...int) *http.Protocols {
	p := new(http.Protocols)
	for _, version := range versions {
		p.SetHTTP1(p.HTTP1() || version == 1)
		p.SetUnencryptedHTTP2(p.UnencryptedHTTP2() || version == 2)
	}
	return p
}

func (f restTrial) run(t *testing.T, count *runs, backend string) {
	id, fault := f.String(), f.fault
	p := newProxy(t, backend, f.script)
	defer p.close()
	transport := &http.Transport{Protocols: protocols(f.version)}
	var open ledger
	defer func() {
		transport.CloseIdleConnections()
		if f.version == 1 || fault != "stall" { // net/http waits for an answer to its PING
			p.gone(t, id, transport.CloseIdleConnections)
		}
		assert.True(t, open.settled(slack), "%s: a body is left open", id)
	}()
	client := httpbridge.NewClient(&http.Client{Transport: open.bodies(transport)}, httpbridge.WithRetryPolicy(policy(t)))
	ctx, cancel := context.WithTimeout(t.Context(), patience(fault))
	defer cancel()

	verb, idempotent := strings.CutSuffix(f.method, ", idempotent")
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
	answered, inBody := resp != nil, false
	var received []byte
	if err == nil {
		received, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			err, inBody = status.FromError(err), true
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
		codes, known := restAllowed[fault]
		assert.True(t, known, fault)
		if f.version == 2 && restAllowed2[fault] != nil {
			codes = restAllowed2[fault]
		}
		if f.version == 2 && inBody && codes != nil {
			codes = append(slices.Clone(codes), status.Unknown) // net/http's own words, which nobody has looked at
		}
		if assert.True(t, ok, "%s: %T %v", id, err, err) && codes != nil {
			assert.Contains(t, codes, e.Code(), "%s: %+v", id, e)
			assert.NotContains(t, e.Message(), secret, id)
		}
	}
	if fault == "corrupt" {
		return
	}
	if err == nil {
		assert.JSONEq(t, reply, string(received), id)
	}
	if most := map[bool]int{false: 1, true: 5}[idempotent || f.lie]; !assert.LessOrEqual(t, count.count(id), most, id) {
		return
	}
	if idempotent && !answered && (fault == "cut" || fault == "reset") {
		assert.NoError(t, err, id)
	}
}
