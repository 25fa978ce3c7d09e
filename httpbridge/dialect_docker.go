package httpbridge

import "github.com/errwire/errwire/status"

// Docker: {"message": "No such container: web"}, and nothing else. The code is that
// of the HTTP status. By itself it is recognised as any vendor's.
// https://github.com/moby/moby, client/request.go

func readDocker(a *Answer, d *draft) bool {
	d.message = a.root().first("message", "Message").string()
	return d.message != "" && !a.succeeded()
}

// Docker reads a bare message, as the Docker Engine sends it.
func Docker(a *Answer) *status.Error { return a.as(readDocker) }
