package interceptors_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// An identity is a certificate for loopback that is its own authority.
type identity struct {
	certificate tls.Certificate
	authority   *x509.CertPool
}

func newIdentity(tb testing.TB) *identity {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(tb, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(tb, err)
	authority := x509.NewCertPool()
	authority.AddCert(parsed)
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority}
}

// server is a server that shows this identity and, unless clients is nil, asks
// its clients for one that clients vouches for.
func (i *identity) server(clients *identity) []grpc.ServerOption {
	config := &tls.Config{Certificates: []tls.Certificate{i.certificate}, MinVersion: tls.VersionTLS13}
	if clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, clients.authority
	}
	return []grpc.ServerOption{grpc.Creds(credentials.NewTLS(config))}
}

// client trusts servers of this identity and shows another, unless it is nil.
func (i *identity) client(shown *identity) credentials.TransportCredentials {
	config := &tls.Config{RootCAs: i.authority, MinVersion: tls.VersionTLS13}
	if shown != nil {
		config.Certificates = []tls.Certificate{shown.certificate}
	}
	return credentials.NewTLS(config)
}
