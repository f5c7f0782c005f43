package main_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/node"
)

// TestANodeThatWantsPasswords plays on a worker that comes to the embedded node
// from outside, with a name of its own.
func TestANodeThatWantsPasswords(t *testing.T) {
	t.Parallel() // it waits most of the time
	certificate, key := certify(t)
	hash, err := node.HashPassword("the worker's own")
	if err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "users")
	line := node.User{Name: "worker", Hash: hash, Roles: []string{node.RoleReader, node.RoleAppender}}.String()
	if err := os.WriteFile(users, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := up(t, dataIn(t), "--role", "node,gateway,projections,policies", "--worker-secret", sharedSecret,
		"--store-cert", certificate, "--store-key", key, "--store-users", users)
	for name, refused := range map[string]string{
		"without a password": p.store, "with a wrong one": strings.Replace(p.store, "://", "://worker:wrong@", 1),
	} {
		r := launch(t, "workers", "--eventstore", refused+"&tlsCaFile="+url.QueryEscape(certificate), "list")
		if code := r.exit(); code != 1 {
			t.Errorf("%s it ended with %d: %s", name, code, r.stderr.tail(3))
		}
	}
	ours := "://" + url.UserPassword("worker", "the worker's own").String() + "@"
	p.store = strings.Replace(strings.ReplaceAll(p.store, "&tlsVerifyCert=false", ""), "://", ours, 1) + "&tlsCaFile=" + url.QueryEscape(certificate)
	b := p.work(dataIn(t), "b", withGames(t)...)
	one := p.signIn("player1")
	id := one.playOn(p)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	b.stop()
	p.stop()
}

// certify writes a certificate for this machine, which is its own authority,
// and its key.
func certify(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, form, form, public, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: certificate}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}
