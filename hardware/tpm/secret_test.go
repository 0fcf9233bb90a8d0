package tpm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/tpm"
)

// TestSecretIsNotPrinted: by no verb, in no holder, in no log.
func TestSecretIsNotPrinted(t *testing.T) {
	const text = "QuietSecretOfTheStation"
	s, err := tpm.NewSecret([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	held := struct{ secret tpm.Secret }{s} // an unexported field skips Format
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
		for _, v := range []any{s, &s, held, &held, []tpm.Secret{s}, map[string]tpm.Secret{"a": s}, s.Export} {
			fmt.Fprintf(&said, verb+"\n", v)
		}
	}
	slog.New(slog.NewTextHandler(&said, nil)).Info("sealing", "secret", s, "held", held)
	slog.New(slog.NewJSONHandler(&said, nil)).Info("sealing", "secret", s, "held", held)
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), strings.Trim(fmt.Sprint([]byte(text)), "[]")} {
		if strings.Contains(said.String(), form) {
			t.Errorf("the secret was printed as %q", form)
		}
	}
	for _, v := range []any{s, &s, map[string]any{"a": s}} {
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("the secret was put into JSON: %s", b)
		}
	}
	if _, err := s.MarshalText(); err == nil {
		t.Error("the secret was made a text")
	}
}

func TestSecretIsACopy(t *testing.T) {
	for _, n := range []int{0, tpm.MaxSecret + 1} {
		if _, err := tpm.NewSecret(make([]byte, n)); err == nil {
			t.Errorf("there is a secret of %d bytes", n)
		}
	}
	if b := (tpm.Secret{}).Export(); b != nil {
		t.Errorf("no secret is %x", b)
	}
	given := []byte{1, 2, 3}
	s, err := tpm.NewSecret(given)
	if err != nil {
		t.Fatal(err)
	}
	given[0] = 9
	s.Export()[1] = 9
	if got := s.Export(); !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("the secret became %x", got)
	}
}
