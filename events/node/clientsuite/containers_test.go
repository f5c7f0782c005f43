// Package esdb_test stands in for the one file of the client's tests that
// starts Docker containers (esdb/containers_test.go of the same name): the
// databases are nodes that run already, named by the environment. All other
// files of the client's tests are compiled as they were published.
package esdb_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/goombaio/namegenerator"
)

// NAME_GENERATOR makes the names that the tests use.
var NAME_GENERATOR = namegenerator.NewNameGenerator(0)

// Container is a database.
type Container struct{ Endpoint string }

// Close leaves the node to whoever started it.
func (*Container) Close() {}

// GetEnvOrDefault is what a variable of the environment says.
func GetEnvOrDefault(key, otherwise string) string {
	if value, ok := os.LookupEnv(key); ok {
		return value
	}
	return otherwise
}

// IsESDBVersion20 asks for a version whose missing features the tests accept.
func IsESDBVersion20() bool { return false }

// CreateEmptyDatabase returns a node and a client to it.
func CreateEmptyDatabase(t *testing.T) (*Container, *esdb.Client) {
	container := &Container{Endpoint: os.Getenv("SUITE_ENDPOINT")}
	return container, GetClient(t, container)
}

// CreatePopulatedDatabase returns a node that holds the stream dataset20M-0
// of 6,000 events. What else the published image holds is not to be had
// without it.
func CreatePopulatedDatabase(t *testing.T) (*Container, *esdb.Client) {
	container := &Container{Endpoint: os.Getenv("SUITE_POPULATED_ENDPOINT")}
	client := GetClient(t, container)
	batch := make([]esdb.EventData, 6000)
	for i := range batch {
		id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "dataset20M-0/%d", i))
		batch[i] = esdb.EventData{EventID: id, EventType: "Populated", ContentType: esdb.ContentTypeJson, Data: []byte(`{}`)}
	}
	// Doing it again adds nothing: the ids are the same.
	options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
	if _, err := client.AppendToStream(t.Context(), "dataset20M-0", options, batch...); err != nil {
		t.Fatalf("populate: %v", err)
	}
	return container, client
}

// GetClient returns a client of the node.
func GetClient(t *testing.T, container *Container) *esdb.Client {
	if GetEnvOrDefault("EVENTSTORE_INSECURE", "true") == "true" {
		return CreateClient(fmt.Sprintf("esdb://%s?tls=false", container.Endpoint), t)
	}
	return CreateClient(fmt.Sprintf("esdb://admin:changeit@%s?tlsverifycert=false&tls=true", container.Endpoint), t)
}

// WaitForAdminToBeAvailable returns at once: a node that runs has its users.
func WaitForAdminToBeAvailable(*testing.T, *esdb.Client) {}

// CreateClient returns a client for a connection string.
func CreateClient(connection string, t *testing.T) *esdb.Client {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		t.Fatalf("connection string: %v", err)
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatalf("client: %v", err)
	}
	return client
}
