package httpbridge

// readAPIGateway takes the answers that Amazon's API Gateway gives itself, in
// JSON: they look as if the service had said them.
func readAPIGateway(a *Answer, d *draft) bool {
	kind := field(a.Header, "X-Amzn-Errortype")
	if kind != "ForbiddenException" && kind != "MissingAuthenticationTokenException" &&
		(kind == "" || field(a.Header, "X-Amz-Apigw-Id") == "") {
		return false
	}
	root := a.root()
	if !root.get("message").isString() || !hasOnly(root, "message", "Message") {
		return false
	}
	d.proxy = true
	d.message = root.get("message").string()
	d.meta("intermediary", "apigateway")
	return true
}
