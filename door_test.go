//go:build !nolibav

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	client "github.com/playcast/playcast/bench/player"
)

// door is a gateway as a regular knows it: its address, and their account there.
type door struct {
	config client.Config
	http   *http.Client

	account *client.Account // nil: not signed in
}

// do asks one gateway. The status is 0 where there was no answer. What a gateway
// can't do at the moment has to say so in full.
func (d *door) do(ctx context.Context, method, path, key string, body any) (status int, answer []byte) {
	if d.account == nil {
		account, err := client.SignIn(ctx, d.config)
		if err != nil {
			return 0, nil
		}
		d.account = account
	}
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return -1, []byte(err.Error())
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.config.URL+path, content)
	if err != nil {
		return -1, []byte(err.Error())
	}
	request.Header.Set("Authorization", "Bearer "+d.account.Token())
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Command-Id", key)
	}
	response, err := d.http.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		return 0, nil
	}
	switch response.StatusCode {
	case http.StatusUnauthorized: // the token's time is up
		d.account.Close()
		d.account = nil
		return 0, nil
	case http.StatusServiceUnavailable:
		var problem struct{ Code, Title string }
		if err := json.Unmarshal(answer, &problem); err != nil || problem.Code == "" || problem.Title == "" || response.Header.Get("Retry-After") == "" {
			return -1, fmt.Appendf(nil, "an answer of 503 that does not say when to ask again, or why: %v: %s", response.Header, answer)
		}
	}
	return response.StatusCode, answer
}
