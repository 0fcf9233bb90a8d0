package group

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretCannotBePrinted(t *testing.T) {
	x := HashToScalar("test", []byte("secret"))
	s := NewSecret(x)
	held := struct{ share Secret }{s} // an unexported field skips Format
	deep := map[string][]*Secret{"shares": {&s}}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "secret", s, "held", held)
	}
	var out strings.Builder
	out.WriteString(log.String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%p", "%t"} {
		fmt.Fprintf(&out, verb+verb+verb+verb+"\n", s, &s, held, deep)
	}
	for _, leak := range []string{fmt.Sprintf("%x", x.Bytes()), fmt.Sprint(x.Bytes()), fmt.Sprintf("%X", x.Bytes()), bigFrom(x).String(), fmt.Sprintf("%x", bigFrom(x))} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("printed %q:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(fmt.Sprint(s), "redacted") || !strings.Contains(log.String(), "redacted") {
		t.Error("no placeholder")
	}
	if _, err := json.Marshal(s); err == nil || !strings.Contains(err.Error(), "secret in JSON") {
		t.Errorf("JSON: %v", err)
	}
	if b, err := json.Marshal(struct {
		Name  string
		share Secret
	}{"holder", s}); err != nil || string(b) != `{"Name":"holder"}` {
		t.Errorf("JSON of the holder: %s, %v", b, err)
	}
	if _, err := s.MarshalText(); err == nil || !strings.Contains(err.Error(), "secret in a text") {
		t.Errorf("text: %v", err)
	}
	if err := gob.NewEncoder(new(bytes.Buffer)).Encode(s); err == nil || !strings.Contains(err.Error(), "secret in gob") {
		t.Errorf("gob: %v", err)
	}
	if !s.Reveal().Equal(x) {
		t.Error("a secret is not what it holds")
	}
}

func TestEmptySecretPanics(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "empty secret") {
			t.Errorf("revealing nothing: %v", r)
		}
	}()
	Secret{}.Reveal()
}
