package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps objects in a bucket. The service takes an object that is put only
// when all of it has come, also one of several parts.
type S3 struct {
	client *minio.Client
	bucket bucket
	direct *http.Transport
}

var _ Store = (*S3)(nil)

const (
	partSize = 8 << 20 // held in memory for content that can't be read twice
	// Nothing waits longer than this for the service: to be connected, to
	// answer, to take the next part.
	connectWithin = 5 * time.Second
	answerWithin  = 30 * time.Second
	stalledAfter  = 2 * time.Minute
	checkWithin   = 20 * time.Second
	attempts      = 4 // of each request, with pauses between
)

func openS3(ctx context.Context, b bucket) (*S3, error) {
	provider := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})
	if b.key != "" {
		provider = credentials.NewStaticV4(b.key, b.secret, "")
	}
	dialer := net.Dialer{Timeout: connectWithin}
	s := &S3{bucket: b, direct: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext,
		TLSHandshakeTimeout: connectWithin, ResponseHeaderTimeout: answerWithin, IdleConnTimeout: time.Minute,
		MaxIdleConnsPerHost: 8, DisableCompression: true,
	}}
	var err error
	s.client, err = minio.New(b.endpoint, &minio.Options{
		Creds: provider, Secure: !b.plain, Region: b.region, Transport: s.direct, MaxRetries: attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("the store's address: %w", err)
	}
	if err := s.check(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// check lists, writes and deletes, and says in words of the operator's what is
// wrong.
func (s *S3) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	for found := range s.client.ListObjectsIter(ctx, s.bucket.name, minio.ListObjectsOptions{Prefix: s.bucket.prefix, MaxKeys: 1}) {
		if found.Err != nil {
			return s.explain(found.Err)
		}
		break
	}
	// Its name is no key, so that no list ever shows it.
	probe := s.bucket.prefix + ".probe-" + uuid.NewString()
	if _, err := s.client.PutObject(ctx, s.bucket.name, probe, strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
		return fmt.Errorf("write to the bucket: %w", s.explain(err))
	}
	if err := s.client.RemoveObject(ctx, s.bucket.name, probe, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete from the bucket: %w", s.explain(err))
	}
	return nil
}

// explain says what to do about an error of the service.
func (s *S3) explain(err error) error {
	where := fmt.Sprintf("bucket %s at %s", s.bucket.name, s.bucket.endpoint)
	switch code := minio.ToErrorResponse(err).Code; code {
	case minio.NoSuchBucket:
		return fmt.Errorf("there is no %s: make it, or name another", where)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", minio.AccessDenied, "InvalidToken", "ExpiredToken":
		return fmt.Errorf("%s lets us not in (%s): look at key and secret, and what they may do", where, code)
	case "AuthorizationHeaderMalformed":
		return fmt.Errorf("%s is in another region: name it with ?region=… (%w)", where, err)
	case "":
		return fmt.Errorf("%s can't be reached: %w", where, err)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// Close ends the connections.
func (s *S3) Close() error {
	s.direct.CloseIdleConnections()
	return nil
}

// Put implements Store. Content that is an io.Seeker is sent as it is; of other
// content one part is held in memory.
func (s *S3) Put(ctx context.Context, key string, content io.Reader) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	size, err := sizeOf(content)
	if err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := newWatched(content, func() { cancel(fmt.Errorf("the service takes nothing for %s", stalledAfter)) })
	defer watched.stop()
	_, err = s.client.PutObject(ctx, s.bucket.name, s.bucket.prefix+key, watched.reader(), size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", PartSize: partSize,
	})
	switch {
	case err == nil:
		return nil
	case watched.err != nil:
		err = watched.err // the content's own, which comes wrapped otherwise or not
	case context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	default:
		err = s.explain(err)
	}
	return fmt.Errorf("store %s: %w", key, err)
}

// sizeOf is the length of content that can be read again, else -1.
func sizeOf(content io.Reader) (int64, error) {
	seeker, ok := content.(io.Seeker)
	if !ok {
		return -1, nil
	}
	at, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	if at != 0 {
		return -1, nil // its start is not where the client would look for it
	}
	size, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	_, err = seeker.Seek(0, io.SeekStart)
	return size, err
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, Object, error) {
	if err := CheckKey(key); err != nil {
		return nil, Object{}, err
	}
	object, err := s.client.GetObject(ctx, s.bucket.name, s.bucket.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Object{}, fmt.Errorf("open %s: %w", key, s.explain(err))
	}
	info, err := object.Stat()
	if err != nil {
		object.Close() // it says again what Stat said
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			return nil, Object{}, fmt.Errorf("open %s: %w", key, ErrNotFound)
		}
		return nil, Object{}, fmt.Errorf("open %s: %w", key, s.explain(err))
	}
	return object, Object{Key: key, Size: info.Size, Modified: info.LastModified}, nil
}

// List implements Store.
func (s *S3) List(ctx context.Context, prefix string) ([]Object, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	var found []Object
	options := minio.ListObjectsOptions{Prefix: s.bucket.prefix + prefix, Recursive: true}
	for info := range s.client.ListObjectsIter(ctx, s.bucket.name, options) {
		if info.Err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, s.explain(info.Err))
		}
		key := strings.TrimPrefix(info.Key, s.bucket.prefix)
		if CheckKey(key) == nil {
			found = append(found, Object{Key: key, Size: info.Size, Modified: info.LastModified})
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	return found, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.bucket.name, s.bucket.prefix+key, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		return fmt.Errorf("delete %s: %w", key, s.explain(err))
	}
	return nil
}
