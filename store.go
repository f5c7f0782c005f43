package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/playcast/playcast/events/node"
)

// watchFile holds, in the data directory, where the running node is watched.
const watchFile = "eventstore-watch"

// storeCommand looks after the embedded event store: of a playcast that is
// stopped in its files, of one that runs through the page that --metrics-listen
// opens.
type storeCommand struct {
	Data string `default:"./data" type:"path" help:"The data directory of playcast." env:"PLAYCAST_DATA"`
	At   string `placeholder:"http://…" help:"The page of a running node (playcast up --metrics-listen), with user:password@ where it has users. Default: the one that the data directory names." env:"PLAYCAST_STORE_AT"`
	CA   string `name:"ca" type:"path" help:"The certificate authority of that page, where the system does not know it."`

	Backup   storeBackupCommand   `cmd:"" help:"Copy the store as it is now, running or not, into a directory or a tar stream."`
	Restore  storeRestoreCommand  `cmd:"" help:"Make a store of a backup, and verify it."`
	Verify   storeVerifyCommand   `cmd:"" help:"Read all of a stopped store, or of a backup, and say what is damaged."`
	Scavenge storeScavengeCommand `cmd:"" help:"Give back the disk space of events that nobody can see any more."`
	Export   storeExportCommand   `cmd:"" help:"Write the events as lines of JSON."`
	Import   storeImportCommand   `cmd:"" help:"Append the events of such lines."`
	Stats    storeStatsCommand    `cmd:"" help:"Say what the running store has done since its start."`
	User     storeUserCommand     `cmd:"" help:"Print a line for a file of users; the password is read from the standard input."`
}

func (c *storeCommand) dir() string { return filepath.Join(c.Data, "events") }

// stopped opens the files of a store that does not run; nil where it runs, or
// where the running one is named.
func (c *storeCommand) stopped(t *terminal) (*node.Directory, error) {
	if c.At != "" {
		return nil, nil
	}
	if err := c.exists(); err != nil {
		return nil, err
	}
	d, err := node.OpenDirectory(c.dir(), t.log.With("part", "node"))
	if errors.Is(err, node.ErrInUse) {
		return nil, nil
	}
	return d, err
}

func (c *storeCommand) exists() error {
	_, err := os.Stat(filepath.Join(c.dir(), "VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no event store in %s: name the data directory of playcast with --data", c.dir())
	}
	return err
}

// ask sends a request to the running node. The caller closes the body.
func (c *storeCommand) ask(ctx context.Context, method, page string) (*http.Response, error) {
	at, err := c.page()
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, at.JoinPath(page).String(), nil)
	if err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the running store: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
		return nil, errors.Join(fmt.Errorf("the running store answers %s: %s (--at names it, with user:password@ where it has users)",
			answer.Status, strings.TrimSpace(string(said))), answer.Body.Close())
	}
	return answer, nil
}

func (c *storeCommand) page() (*url.URL, error) {
	at := c.At
	if at == "" {
		named, err := os.ReadFile(filepath.Join(c.Data, watchFile))
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("the playcast on %s runs without a page for this: stop it, or start it with --metrics-listen 127.0.0.1:9113", c.Data)
		}
		if err != nil {
			return nil, err
		}
		at = strings.TrimSpace(string(named))
	}
	u, err := url.Parse(at)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--at %q is not like http://127.0.0.1:9113", at)
	}
	return u, nil
}

func (c *storeCommand) client() (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		read, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(read) {
			return nil, fmt.Errorf("--ca %s holds no certificate in PEM", c.CA)
		}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}, nil
}

type storeStatsCommand struct{}

// Run prints the stats as JSON.
func (*storeStatsCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	answer, err := c.ask(ctx, http.MethodGet, "stats")
	if err != nil {
		return err
	}
	_, err = io.Copy(t.out, answer.Body)
	return errors.Join(err, answer.Body.Close())
}

type storeScavengeCommand struct{}

// Run scavenges the files of a stopped store, or has the running one do it.
func (*storeScavengeCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	var done node.Scavenged
	d, err := c.stopped(t)
	if err != nil {
		return err
	}
	if d == nil {
		answer, err := c.ask(ctx, http.MethodPost, "scavenge")
		if err != nil {
			return err
		}
		if err := errors.Join(json.NewDecoder(answer.Body).Decode(&done), answer.Body.Close()); err != nil {
			return fmt.Errorf("read what the scavenge did: %w", err)
		}
	} else {
		done, err = d.Scavenge(ctx)
		if err := errors.Join(err, d.Close()); err != nil {
			return fmt.Errorf("scavenge: %w", err)
		}
	}
	_, err = fmt.Fprintf(t.out, "scavenged %d events and %d links\n", done.Events, done.Links)
	return err
}

type storeUserCommand struct {
	Name  string   `arg:"" help:"The user's name."`
	Roles []string `arg:"" optional:"" help:"$$admins, $$ops, reader, appender, or others for the ACLs of streams."`
}

// Run reads a password and prints the user's line.
func (s *storeUserCommand) Run(t *terminal) error {
	read, err := io.ReadAll(io.LimitReader(os.Stdin, 1000))
	if err != nil {
		return err
	}
	hash, err := node.HashPassword(strings.TrimRight(string(read), "\r\n"))
	if err != nil {
		return fmt.Errorf("the password on the standard input: %w", err)
	}
	line := node.User{Name: s.Name, Hash: hash, Roles: s.Roles}.String()
	if _, err := node.ReadUsers(strings.NewReader(line)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, line)
	return err
}
