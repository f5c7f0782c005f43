// Package web holds the built web client, for the gateway to serve.
//
// The client is built by `npm run build` into dist, which is not committed: a
// checkout holds only a marker there, so that the package always compiles, and
// Built says whether there is a client to serve.
//
// The client is a single page: a path that names no file is to be answered
// with index.html, except below /v1. Files below assets/ have their content's
// hash in their name and may be kept for ever; the others may not. The client
// needs this content security policy, where ISSUER is the origin of the OIDC
// issuer if that is not the client's own:
//
//	default-src 'self'; connect-src 'self' ISSUER; img-src 'self' data:;
//	style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none';
//	frame-ancestors 'none'; form-action 'self'
//
// (Mantine writes its theme as a style element, hence 'unsafe-inline' for
// styles; there are no inline scripts) and this permissions policy:
//
//	fullscreen=(self), gamepad=(self), autoplay=(self)
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built client, index.html at its root.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist // not reached: "dist" is a valid path
	}
	return files
}

// Built says whether the client was built before the program was.
func Built() bool {
	_, err := fs.Stat(Files(), "index.html")
	return err == nil
}
