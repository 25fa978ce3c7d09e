package main

import (
	"context"
	"sync"

	"google.golang.org/grpc"

	"github.com/errwire/errwire/examples/catalog/library"
	"github.com/errwire/errwire/interceptors"
)

// shelves is a library with everything in memory.
type shelves struct {
	library.UnimplementedLibraryServiceServer

	mu       sync.Mutex
	capacity int64
	shelves  map[string]int64 // books on each shelf
	books    map[string]*book // by title
}

type book struct {
	shelf       string
	reservedFor string
	lentTo      string
	daysLeft    int64
}

func newShelves(capacity int64, names ...string) *shelves {
	s := &shelves{capacity: capacity, shelves: map[string]int64{}, books: map[string]*book{}}
	for _, name := range names {
		s.shelves[name] = 0
	}
	return s
}

// PutBook returns the errors that have parameters with their constructors: the
// compiler sees to it that none is forgotten.
func (s *shelves) PutBook(_ context.Context, req *library.PutBookRequest) (*library.PutBookResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	books, ok := s.shelves[req.GetShelf()]
	if !ok {
		return nil, library.NewShelfNotFound(req.GetShelf())
	}
	if books >= s.capacity {
		return nil, library.NewShelfFull(req.GetShelf(), s.capacity)
	}
	s.shelves[req.GetShelf()]++
	s.books[req.GetTitle()] = &book{shelf: req.GetShelf()}
	return &library.PutBookResponse{}, nil
}

// BorrowBook returns the others as they are: a service code is an error, and the
// catalog knows its platform code and its message.
func (s *shelves) BorrowBook(_ context.Context, req *library.BorrowBookRequest) (*library.BorrowBookResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[req.GetTitle()]
	switch {
	case !ok:
		return nil, library.BookNotFound
	case b.lentTo != "":
		return nil, library.NewBookOnLoan(req.GetTitle(), b.daysLeft)
	case b.reservedFor != "" && b.reservedFor != req.GetReader():
		return nil, library.BookReserved
	}
	b.lentTo, b.daysLeft = req.GetReader(), 14
	return &library.BorrowBookResponse{Shelf: b.shelf}, nil
}

// newServer is a gRPC server whose errors all leave as status.Public says.
func newServer(impl library.LibraryServiceServer) *grpc.Server {
	server := grpc.NewServer(interceptors.ServerOptions()...)
	library.RegisterLibraryServiceServer(server, impl)
	return server
}
