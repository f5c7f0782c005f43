package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"golang.org/x/crypto/bcrypt"
	"google.golang.org/grpc/codes"

	"github.com/playcast/playcast/events/node"
)

// certificate writes a certificate for this machine, which is its own
// authority, and its key.
func certificate(t testing.TB) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "node"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// user is one whose password is "pw-" and the name.
func user(t testing.TB, name string, roles ...string) node.User {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("pw-"+name), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return node.User{Name: name, Hash: string(hash), Roles: roles}
}

// guarded is a node with TLS and users, and what connects to it as one of them.
func guarded(t *testing.T) (*node.Node, func(name string) *esdb.Client) {
	t.Helper()
	cert, key := certificate(t)
	n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Access: node.Access{CertFile: cert, KeyFile: key, Users: []node.User{
		user(t, "root", node.RoleAdmins), user(t, "ops", node.RoleOps), user(t, "ops-reader", node.RoleOps, node.RoleReader),
		user(t, "reader", node.RoleReader), user(t, "writer", node.RoleAppender),
		user(t, "both", node.RoleReader, node.RoleAppender), user(t, "guest"), user(t, "auditor", "audit"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n, func(name string) *esdb.Client {
		return connect(t, asUser(n.ConnectionString(), name, "pw-"+name)+"&tlsCaFile="+url.QueryEscape(cert))
	}
}

func asUser(connection, name, password string) string {
	return strings.Replace(connection, "://", "://"+name+":"+password+"@", 1)
}

// do is one operation on a stream.
type do func(c *esdb.Client, stream string) error

var (
	doAppend do = func(c *esdb.Client, stream string) error {
		_, err := c.AppendToStream(context.Background(), stream, esdb.AppendToStreamOptions{}, event("Tried"))
		return err
	}
	doRead do = func(c *esdb.Client, stream string) error {
		_, err := collect(c.ReadStream(context.Background(), stream, esdb.ReadStreamOptions{}, 10))
		return err
	}
	doReadAll do = func(c *esdb.Client, _ string) error {
		_, err := collect(c.ReadAll(context.Background(), esdb.ReadAllOptions{}, 10))
		return err
	}
	doSubscribe do = func(c *esdb.Client, stream string) error {
		s, err := c.SubscribeToStream(context.Background(), stream, esdb.SubscribeToStreamOptions{})
		if err != nil {
			return err
		}
		defer s.Close()
		if e := s.Recv(); e.SubscriptionDropped != nil {
			return e.SubscriptionDropped.Error
		}
		return nil
	}
	doReadMeta do = func(c *esdb.Client, stream string) error {
		return doRead(c, "$$"+stream)
	}
	doWriteMeta do = func(c *esdb.Client, stream string) error {
		_, err := c.AppendToStream(context.Background(), "$$"+stream, esdb.AppendToStreamOptions{}, event("$metadata"))
		return err
	}
	doDelete do = func(c *esdb.Client, stream string) error {
		_, err := c.DeleteStream(context.Background(), stream, esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
		return err
	}
	doTombstone do = func(c *esdb.Client, stream string) error {
		_, err := c.TombstoneStream(context.Background(), stream, esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		return err
	}
)

// TestRights is the table of who may do what to which stream.
func TestRights(t *testing.T) {
	t.Parallel()
	_, as := guarded(t)
	clients := map[string]*esdb.Client{}
	for _, name := range []string{"root", "ops", "reader", "writer", "both", "guest", "auditor"} {
		clients[name] = as(name)
	}
	set := func(stream, acl string) {
		e := event("$metadata")
		e.Data = []byte(acl)
		appendEvents(t, clients["root"], "$$"+stream, esdb.Any{}, e)
	}
	const audited = `{"$acl":{"$r":"audit","$w":["guest","$ops"],"$d":[],"$mr":"$all","$mw":"auditor"}}`
	set("audited", audited)
	set("$opened", `{"$acl":{"$r":"$all"}}`)
	set("strange", `{"$acl":7}`)
	set("stranger", `{"$acl":{"$r":{"x":1},"$w":[1,2]}}`)
	for _, stream := range []string{"plain", "audited", "$system", "$opened", "strange", "stranger"} {
		appendEvents(t, clients["root"], stream, esdb.Any{}, event("Given"))
	}
	for _, c := range []struct {
		what    string
		do      do
		stream  string
		allowed string
	}{
		{"read", doRead, "plain", "root reader both"},
		{"subscribe to", doSubscribe, "plain", "root reader both"},
		{"append to", doAppend, "plain", "root writer both"},
		{"read metadata of", doReadMeta, "plain", "root reader both"},
		{"write metadata of", doWriteMeta, "plain-meta", "root writer both"},
		{"read all", doReadAll, "$all", "root reader both"},
		{"read", doRead, "$system", "root"},
		{"subscribe to", doSubscribe, "$system", "root"},
		{"append to", doAppend, "$system", "root"},
		{"read metadata of", doReadMeta, "$system", "root"},
		{"write metadata of", doWriteMeta, "$system", "root"},
		{"write metadata of", doWriteMeta, "$all", "root"},
		{"read", doRead, "$opened", "root ops reader writer both guest auditor"},
		{"append to", doAppend, "$opened", "root"},
		{"read", doRead, "audited", "root auditor"},
		{"subscribe to", doSubscribe, "audited", "root auditor"},
		{"append to", doAppend, "audited", "root guest ops"},
		{"delete", doDelete, "audited", "root"},
		{"read", doRead, "strange", "root"},
		{"append to", doAppend, "strange", "root"},
		{"read", doRead, "stranger", "root"},
		{"append to", doAppend, "stranger", "root"},
		{"delete", doDelete, "new-a", "root writer both"},
		{"tombstone", doTombstone, "new-b", "root writer both"},
	} {
		for name, client := range clients {
			stream := c.stream
			if strings.HasPrefix(stream, "new-") {
				stream = unique("new")
				appendEvents(t, clients["root"], stream, esdb.Any{}, event("Given"))
			}
			set("audited", audited)
			err := c.do(client, stream)
			want := strings.Contains(" "+c.allowed+" ", " "+name+" ")
			switch {
			case want && err != nil && codeOf(err) != esdb.ErrorCodeStreamDeleted && codeOf(err) != esdb.ErrorCodeResourceNotFound:
				t.Errorf("%s may not %s %s: %v", name, c.what, c.stream, err)
			case !want && codeOf(err) != esdb.ErrorCodeAccessDenied:
				t.Errorf("%s tries to %s %s: %v, want access denied", name, c.what, c.stream, err)
			}
		}
	}
	set("audited", audited)
	for name, client := range clients {
		if err := doReadMeta(client, "audited"); err != nil {
			t.Errorf("%s may not read the metadata that is for all: %v", name, err)
		}
	}
	if err := doWriteMeta(clients["writer"], "audited"); codeOf(err) != esdb.ErrorCodeAccessDenied {
		t.Errorf("an appender changes the metadata of a stream that is auditor's: %v", err)
	}
}

// TestLinkIsNoWayAround: a link to a stream that the reader may not read is
// delivered without what it links to.
func TestLinkIsNoWayAround(t *testing.T) {
	t.Parallel()
	_, as := guarded(t)
	root := as("root")
	appendEvents(t, root, "$secret", esdb.Any{}, event("Secret"))
	link := event("$>")
	link.Data = []byte("0@$secret")
	appendEvents(t, root, "links", esdb.Any{}, link)
	for name, want := range map[string]bool{"root": true, "reader": false} {
		read := readStream(t, as(name), "links", esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
		if len(read) != 1 || read[0].Link == nil || (read[0].Event != nil) != want {
			t.Errorf("%s reads %+v", name, read)
		}
	}
}

// TestSignIn: whoever has no password, or a wrong one, is told so, by every call.
func TestSignIn(t *testing.T) {
	t.Parallel()
	n, as := guarded(t)
	good := as("both")
	if err := doAppend(good, "s"); err != nil {
		t.Fatal(err)
	}
	for what, connection := range map[string]string{
		"nobody":              n.ConnectionString() + "&tlsVerifyCert=false",
		"an unknown user":     asUser(n.ConnectionString(), "stranger", "pw-both") + "&tlsVerifyCert=false",
		"a wrong password":    asUser(n.ConnectionString(), "both", "pw-reader") + "&tlsVerifyCert=false",
		"a password cut off":  asUser(n.ConnectionString(), "both", "pw-bot") + "&tlsVerifyCert=false",
		"a password too long": asUser(n.ConnectionString(), "both", strings.Repeat("x", 200)) + "&tlsVerifyCert=false",
	} {
		client := connect(t, connection)
		for i, try := range []do{doAppend, doRead, doReadAll, doSubscribe, doDelete, doTombstone} {
			if err := try(client, "s"); codeOf(err) != esdb.ErrorCodeUnauthenticated && grpcCode(err) != codes.Unauthenticated {
				t.Errorf("%s, call %d: %v, want unauthenticated", what, i, err)
			}
		}
	}
	if got := revisions(readStream(t, good, "s", esdb.ReadStreamOptions{}, 10)); len(got) != 1 {
		t.Errorf("the stream has %v", got)
	}
	if err := doRead(connect(t, strings.Replace(n.ConnectionString(), "tls=true", "tls=false", 1)), "s"); err == nil {
		t.Error("a client without TLS reads")
	}
}

// TestAccessRefuses: what an Access can't be.
func TestAccessRefuses(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	someone := user(t, "someone", node.RoleReader)
	write := func(content string) string {
		name := filepath.Join(t.TempDir(), "users")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct {
		what   string
		listen string
		access node.Access
		want   error
		says   string
	}{
		{"TLS alone, for others", "0.0.0.0:0", node.Access{CertFile: cert, KeyFile: key}, node.ErrExposed, "users"},
		{"users without TLS", "127.0.0.1:0", node.Access{Users: []node.User{someone}}, nil, "TLS"},
		{"a certificate without key", "127.0.0.1:0", node.Access{CertFile: cert}, nil, "key"},
		{"no certificate there", "127.0.0.1:0", node.Access{CertFile: cert + "x", KeyFile: key}, nil, cert + "x"},
		{"the key of another", "127.0.0.1:0", node.Access{CertFile: key, KeyFile: cert}, nil, "certificate"},
		{"no users file", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, UsersFile: "/does/not/exist"}, nil, "/does/not/exist"},
		{"an empty users file", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, UsersFile: write("# none\n\n")}, nil, "no user"},
		{"a bad line", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, UsersFile: write("# one\nalice\n")}, nil, "line 2"},
		{"a password in clear", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, UsersFile: write("alice:secret:reader\n")}, nil, "bcrypt"},
		{"a user named as a role", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, Users: []node.User{{Name: "$admins", Hash: someone.Hash}}}, nil, "$admins"},
		{"a user twice", "127.0.0.1:0", node.Access{CertFile: cert, KeyFile: key, Users: []node.User{someone, someone}}, nil, "two users"},
	} {
		n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: c.listen, Access: c.access})
		if n != nil {
			n.Close()
		}
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v that says %q", c.what, err, c.want, c.says)
		}
	}
	everywhere, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "0.0.0.0:0", Access: node.Access{
		CertFile: cert, KeyFile: key, UsersFile: write("# who\n" + someone.String() + "\n")}})
	if err != nil {
		t.Fatalf("with TLS and users the node listens anywhere: %v", err)
	}
	defer everywhere.Close()
	if err := doRead(connect(t, asUser(everywhere.ConnectionString(), "someone", "pw-someone")+"&tlsVerifyCert=false"), "none"); codeOf(err) != esdb.ErrorCodeResourceNotFound {
		t.Errorf("read: %v, want that there is no such stream", err)
	}
}
