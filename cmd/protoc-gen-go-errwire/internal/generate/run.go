package generate

import (
	"fmt"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// What this plugin understands: nothing it does depends on an edition.
const (
	features       = uint64(pluginpb.CodeGeneratorResponse_FEATURE_PROTO3_OPTIONAL | pluginpb.CodeGeneratorResponse_FEATURE_SUPPORTS_EDITIONS)
	minimumEdition = descriptorpb.Edition_EDITION_PROTO2
	maximumEdition = descriptorpb.Edition_EDITION_2024
)

// Run answers a request. It never fails or panics: what is wrong with the
// request is in the response, each mistake on a line of its own, with file and
// line where the request tells them.
func Run(req *pluginpb.CodeGeneratorRequest) (resp *pluginpb.CodeGeneratorResponse) {
	// A request that no compiler made may trip the library that reads it.
	defer func() {
		if r := recover(); r != nil {
			resp = refuse(fmt.Errorf("the request cannot be read: %v", r))
		}
	}()
	gen, err := protogen.Options{ParamFunc: refuseParameter}.New(req)
	if err != nil {
		return refuse(err)
	}
	gen.SupportedFeatures = features
	gen.SupportedEditionsMinimum = minimumEdition
	gen.SupportedEditionsMaximum = maximumEdition
	packages, err := read(gen)
	if err != nil {
		return refuse(err)
	}
	for _, pkg := range packages {
		if err := emit(gen, pkg); err != nil {
			return refuse(err)
		}
	}
	return gen.Response()
}

// refuseParameter is asked about parameters that are not protogen's own
// (module, paths, M…). There are no others.
func refuseParameter(name, _ string) error {
	return fmt.Errorf("unknown parameter %q", name)
}

// refuse says what this plugin supports all the same: a compiler would blame
// the missing support instead.
func refuse(err error) *pluginpb.CodeGeneratorResponse {
	return &pluginpb.CodeGeneratorResponse{
		Error:             new(err.Error()),
		SupportedFeatures: new(features),
		MinimumEdition:    new(int32(minimumEdition)),
		MaximumEdition:    new(int32(maximumEdition)),
	}
}
