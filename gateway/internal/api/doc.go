// Package api is generated from the gateway's openapi.yaml: the types on the
// wire, and the routes with their parameters parsed.
package api

//go:generate sh -c "cd ../.. && go tool oapi-codegen -config api.yaml openapi.yaml"
