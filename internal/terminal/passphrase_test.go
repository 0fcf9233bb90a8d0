package terminal

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func fromFile(t *testing.T, content string) *passphrases {
	t.Helper()
	name := filepath.Join(t.TempDir(), "passphrases")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := openPassphrases(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	return p
}

func TestPassphraseRefuses(t *testing.T) {
	ask := func(p *passphrases) error { _, err := p.ask("the passphrase"); return err }
	create := func(p *passphrases) error { _, err := p.create("a passphrase"); return err }
	for name, c := range map[string]struct {
		file string
		do   func(*passphrases) error
		want string
	}{
		"no line":            {"", ask, "reading a passphrase: no more lines"},
		"empty line":         {"\n", ask, "reading the passphrase: it is empty"},
		"endless line":       {strings.Repeat("x", 1025), ask, "reading a passphrase: more than 1024 bytes in a line"},
		"too short":          {"elevenchars\n", create, "choosing a passphrase: shorter than 12 characters"},
		"short, many bytes":  {"通關密語\n", create, "choosing a passphrase: shorter than 12 characters"},
		"not UTF-8":          {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\n", create, "choosing a passphrase: shorter than 12 characters"},
		"no line, to create": {"", create, "reading a passphrase: no more lines"},
	} {
		err := c.do(fromFile(t, c.file))
		if err == nil || err.Error() != c.want || Status(err) != ExitUsage {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	want := "opening the passphrases: open /nowhere/here: no such file or directory"
	if _, err := openPassphrases("/nowhere/here"); err == nil || err.Error() != want || Status(err) != ExitUsage {
		t.Errorf("no file: error %v, want %q", err, want)
	}
}

// TestPassphraseLines: one line for each question, and no byte more is taken.
func TestPassphraseLines(t *testing.T) {
	p := fromFile(t, "correct horse battery\r\na second one is here\nlast")
	for i, want := range []string{"correct horse battery", "a second one is here", "last"} {
		question := p.create
		if i == 2 {
			question = p.ask
		}
		if s, err := question("it"); err != nil || s.Export() != want {
			t.Errorf("line %d: %q, %v", i+1, s.Export(), err)
		}
	}
}

func TestPassphraseDoesNotPrint(t *testing.T) {
	s := secret([]byte("correct horse"))
	held := struct{ p SecretPassphrase }{s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, held, &held} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "correct") || strings.Contains(out, "636f7272656374") {
				t.Errorf("%s prints %s", verb, out)
			}
		}
	}
	if out := s.LogValue().String(); out != "redacted" {
		t.Errorf("logged as %q", out)
	}
	if b, err := json.Marshal(s); err == nil || !strings.Contains(err.Error(), "secret passphrase in JSON") {
		t.Errorf("JSON: %s, %v", b, err)
	}
	if (SecretPassphrase{}).Export() != "" {
		t.Error("the zero value is not empty")
	}
}
