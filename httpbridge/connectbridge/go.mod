module github.com/errwire/errwire/httpbridge/connectbridge

go 1.26.0

require (
	connectrpc.com/connect v1.21.1
	github.com/errwire/errwire v0.0.0
	github.com/stretchr/testify v1.12.1
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261026165753-2ffab32bce7e
	google.golang.org/protobuf v1.36.12
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.48.0 // indirect
	google.golang.org/grpc v1.85.0 // indirect
)

replace github.com/errwire/errwire => ../..
