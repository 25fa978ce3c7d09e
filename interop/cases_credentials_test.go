package interop_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/oauth"
	"google.golang.org/grpc/interop"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/errwire/errwire/interceptors"
)

const (
	account     = "library@example.com"
	oauthScope  = "https://www.googleapis.com/auth/xapi.zoo"
	accessToken = "t-1"
)

// credentialCases are gRPC's interop cases with credentials for calls: those of a
// service account whose key is in a file, or of a machine in a cloud. All tokens
// come from loopback.
var credentialCases = []struct {
	name  string
	creds func(keyFile string) (credentials.PerRPCCredentials, error) // nil: the case brings its own
	run   func(ctx context.Context, client pb.TestServiceClient, keyFile string)
}{
	{
		"service_account_creds", func(keyFile string) (credentials.PerRPCCredentials, error) {
			return oauth.NewServiceAccountFromFile(keyFile, oauthScope)
		},
		func(ctx context.Context, client pb.TestServiceClient, keyFile string) {
			interop.DoServiceAccountCreds(ctx, client, keyFile, oauthScope)
		},
	},
	{"jwt_token_creds", oauth.NewJWTAccessFromFile, interop.DoJWTTokenCreds},
	{
		"oauth2_auth_token", func(keyFile string) (credentials.PerRPCCredentials, error) {
			return oauth.TokenSource{TokenSource: oauth2.StaticTokenSource(interop.GetToken(context.Background(), keyFile, oauthScope))}, nil
		},
		func(ctx context.Context, client pb.TestServiceClient, keyFile string) {
			interop.DoOauth2TokenCreds(ctx, client, keyFile, oauthScope)
		},
	},
	{"per_rpc_creds", nil, func(ctx context.Context, client pb.TestServiceClient, keyFile string) {
		interop.DoPerRPCCreds(ctx, client, keyFile, oauthScope)
	}},
	{
		"compute_engine_creds", func(string) (credentials.PerRPCCredentials, error) { return oauth.NewComputeEngine(), nil },
		func(ctx context.Context, client pb.TestServiceClient, _ string) {
			interop.DoComputeEngineCreds(ctx, client, account, oauthScope)
		},
	},
}

func TestCredentialCasesOfGRPC(t *testing.T) {
	tokens := httptest.NewTLSServer(http.NotFoundHandler())
	defer tokens.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token": "`+accessToken+`", "token_type": "Bearer", "expires_in": 3600}`)
	}))
	defer plain.Close()
	t.Setenv("GCE_METADATA_HOST", plain.Listener.Addr().String())
	key := privateKey(t)
	keyFile := filepath.Join(t.TempDir(), "key.json")
	content, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": account, "private_key": string(key), "private_key_id": "k-1", "token_uri": plain.URL,
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(keyFile, content, 0o600))

	address := caseServer(t, credentials.NewServerTLSFromCert(&tokens.TLS.Certificates[0]), func(authorization string) (string, string) {
		token := strings.TrimPrefix(authorization, "Bearer ")
		if token == accessToken {
			return account, "xapi.zoo"
		}
		return issuer(t, token, key), ""
	})
	roots := x509.NewCertPool()
	roots.AddCert(tokens.Certificate())
	for _, c := range credentialCases {
		t.Run(c.name, func(t *testing.T) {
			options := append(interceptors.DialOptions(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))
			if c.creds != nil {
				creds, err := c.creds(keyFile)
				require.NoError(t, err)
				options = append(options, grpc.WithPerRPCCredentials(creds))
			}
			conn, err := grpc.NewClient(address, options...)
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			c.run(t.Context(), pb.NewTestServiceClient(conn), keyFile)
		})
	}
}

// issuer is who signed a JWT, if it was with the key.
func issuer(t *testing.T, token string, key []byte) string {
	parts := strings.Split(token, ".")
	if !assert.Len(t, parts, 3, "JWT") {
		return ""
	}
	block, _ := pem.Decode(key)
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	assert.NoError(t, err)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	assert.NoError(t, err)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	assert.NoError(t, rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, sum[:], signature))
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	assert.NoError(t, err)
	var said struct {
		Issuer string `json:"iss"`
	}
	assert.NoError(t, json.Unmarshal(claims, &said))
	return said.Issuer
}
