package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
)

// Opened is a store with its end.
type Opened interface {
	Store
	io.Closer
}

// Open opens the store that an address names, and tries it, so that what is
// wrong is told at once:
//
//	path/to/a/folder
//	s3://key:secret@host:port/bucket/prefix?region=…&tls=off
//
// Without a key the credentials are taken from AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, or from the file that AWS_SHARED_CREDENTIALS_FILE
// names. What is returned as an error holds no secret.
func Open(ctx context.Context, address string) (Opened, error) {
	scheme, _, isURL := strings.Cut(address, "://")
	switch {
	case address == "":
		return nil, errors.New("a store needs a folder or an address like s3://host/bucket")
	case !isURL:
		folder, err := OpenFolder(address)
		if err != nil {
			return nil, err
		}
		return folder, nil
	case scheme != "s3":
		return nil, fmt.Errorf("there are no stores of the kind %q: name a folder, or s3://host/bucket", scheme)
	}
	bucket, err := parseBucket(address)
	if err != nil {
		return nil, fmt.Errorf("the store's address: %w", err)
	}
	return openS3(ctx, bucket)
}

// Shown is an address as it may be printed, without its secret.
func Shown(address string) string {
	u, err := url.Parse(address)
	switch {
	case !strings.Contains(address, "://"):
		return address
	case err != nil:
		return "an address that is not well-formed"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// bucket says where a store of S3 is.
type bucket struct {
	endpoint    string // host:port
	name        string
	prefix      string // "", or ends with a slash
	region      string
	plain       bool // without TLS
	key, secret string
}

func parseBucket(address string) (bucket, error) {
	u, err := url.Parse(address)
	if err != nil {
		// The error of url.Parse holds all of the address.
		return bucket{}, errors.New("it is no URL like s3://key:secret@host:port/bucket; write a / in a secret as %2F")
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	b := bucket{endpoint: u.Host, name: name, key: u.User.Username()}
	b.secret, _ = u.User.Password()
	switch {
	case u.Hostname() == "" || name == "":
		return bucket{}, errors.New("it needs a host and a bucket: s3://host:port/bucket")
	case (b.key == "") != (b.secret == ""):
		return bucket{}, errors.New("it needs both key and secret, or none: s3://key:secret@host/bucket")
	}
	if prefix != "" {
		if err := CheckKey(prefix); err != nil {
			return bucket{}, err
		}
		b.prefix = path.Clean(prefix) + "/"
	}
	return b, b.options(u.RawQuery)
}

func (b *bucket) options(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what comes after the ? is not like region=eu-1&tls=off")
	}
	for name := range values {
		switch value := values.Get(name); name {
		case "region":
			b.region = value
		case "tls":
			on, err := strconv.ParseBool(strings.NewReplacer("on", "true", "off", "false").Replace(value))
			if err != nil {
				return errors.New("tls is on or off")
			}
			b.plain = !on
		default:
			return fmt.Errorf("it has an option %q; there are region and tls", name)
		}
	}
	return nil
}
