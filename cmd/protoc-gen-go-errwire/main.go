package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/errwire/errwire/cmd/protoc-gen-go-errwire/internal/generate"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protoc-gen-go-errwire:", err)
		os.Exit(1)
	}
}

// run answers the request on stdin. Its error is for what is no request at all;
// what is wrong with a request is in the answer.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 1 && args[0] == "--version" {
		_, err := fmt.Fprintln(stdout, "protoc-gen-go-errwire", version())
		return err
	}
	if len(args) > 0 {
		return fmt.Errorf("unknown argument %q: this program is run by buf or protoc", args[0])
	}
	in, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	req := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(in, req); err != nil {
		return fmt.Errorf("standard input is not a request of a protobuf compiler: %w", err)
	}
	out, err := proto.Marshal(generate.Run(req))
	if err != nil {
		return err
	}
	_, err = stdout.Write(out)
	return err
}

// version is that of the module that the program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
