package interceptors_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
)

type (
	// A listRequest says after which book the list is to go on; at first there is
	// none.
	listRequest = testpb.StreamingOutputCallRequest
	// A book is one message of the stream.
	book = testpb.StreamingOutputCallResponse
)

// A stream of books whose server is restarted in the middle of it. The caller
// reads all of them, each once, and sees no error.
func ExampleResume() {
	server, addr := serveBooks("127.0.0.1:0", 2)
	conn, err := grpc.NewClient(addr, append(
		interceptors.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()

	// How the stream goes on when it breaks: after the last book that we have.
	afterLast := interceptors.ResumeAfter(func(req *listRequest, last *book) *listRequest {
		req.Payload = last.GetPayload()
		return req
	})
	stream, err := testpb.NewTestServiceClient(conn).StreamingOutputCall(
		context.Background(), &listRequest{}, interceptors.Resume(afterLast))
	if err != nil {
		log.Fatal(err)
	}
	for {
		next, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		title := string(next.GetPayload().GetBody())
		fmt.Println(title)

		if title == "Emma" {
			server.Stop()
			server, _ = serveBooks(addr, len(titles))
			fmt.Println("-- the server was restarted --")
		}
	}
	server.Stop()
	// Output:
	// Dracula
	// Emma
	// -- the server was restarted --
	// Ivanhoe
	// Middlemarch
	// Ulysses
}

var titles = []string{"Dracula", "Emma", "Ivanhoe", "Middlemarch", "Ulysses"}

// A library lists its books.
type library struct {
	testpb.UnimplementedTestServiceServer
	atMost int // of them on one stream, which then is silent
}

func (l library) StreamingOutputCall(req *listRequest, stream grpc.ServerStreamingServer[book]) error {
	after := slices.Index(titles, string(req.GetPayload().GetBody())) // -1 if there is none
	for i, title := range titles[after+1:] {
		if i == l.atMost {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		if err := stream.Send(&book{Payload: &testpb.Payload{Body: []byte(title)}}); err != nil {
			return err
		}
	}
	return nil
}

func serveBooks(addr string, atMost int) (*grpc.Server, string) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, library{atMost: atMost})
	go func() { _ = server.Serve(listener) }()
	return server, listener.Addr().String()
}
